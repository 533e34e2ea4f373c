// Exact integers show every index that is off: enumerated over small problems, all tensors, all axes, and the ways in
// which an index goes wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "reference/case_text.h"
#include "reference/fill.h"
#include "reference/rules.h"

namespace convcheck {
namespace {

// Every combination of these, valid or not.
std::vector<Problem> small_problems() {
  std::vector<Problem> problems;
  for (int code = 0; code < 1 << 11; ++code) {
    const auto choose = [&](int bit, int64_t zero, int64_t one) { return (code >> bit & 1) == 0 ? zero : one; };
    const int64_t groups = choose(0, 1, 2);
    const int64_t channels = choose(1, 1, 2);
    const int64_t filters = choose(2, 1, 2) * groups;
    Problem problem;
    problem.groups = groups;
    problem.input = {choose(3, 1, 2), channels * groups, choose(4, 2, 3), 3};
    problem.weight = {filters, channels, choose(5, 1, 2), choose(6, 2, 3)};
    problem.stride = {choose(7, 1, 2), choose(8, 1, 2), 1};
    problem.pad_before = problem.pad_after = {choose(9, 0, 1), choose(9, 0, 1), 0};
    if (choose(10, 0, 1) == 1) problem.bias = {filters};
    if (is_valid(problem)) problems.push_back(problem);
  }
  return problems;
}

// A wrong index along an axis: which one is read in place of `i`, of `extent`.
struct WrongIndex {
  const char* name;
  int64_t (*read)(int64_t i, int64_t extent);
};

const std::vector<WrongIndex> kWrongIndices = {
    {"the next one", [](int64_t i, int64_t extent) { return (i + 1) % extent; }},
    {"the first one always", [](int64_t, int64_t) { return int64_t{0}; }},
    {"the first two swapped", [](int64_t i, int64_t) { return i < 2 ? 1 - i : i; }},
    {"the last one repeated before it", [](int64_t i, int64_t extent) { return i == extent - 2 ? extent - 1 : i; }},
    {"reversed", [](int64_t i, int64_t extent) { return extent - 1 - i; }},
};

// The tensor as a kernel sees it that reads a wrong index along one axis; what is read rightly comes through `other`.
Tensor misread(const Tensor& tensor, int axis, const WrongIndex& wrong,
               const std::function<float(float right, float misread)>& other) {
  Tensor result = tensor;
  for (int64_t index = 0; index < tensor.elements(); ++index) {
    const Shape at = index_of(tensor.shape(), index);
    int64_t offset = 0;
    for (int a = 0; a < at.rank(); ++a)
      offset += (a == axis ? wrong.read(at[a], tensor.shape()[a]) : at[a]) * tensor.strides()[a];
    const auto place = static_cast<size_t>(tensor.offset(index));
    result.memory()[place] = other(tensor.memory()[place], tensor.memory()[static_cast<size_t>(offset)]);
  }
  return result;
}

bool same_outputs(const Geometry& g, const Data& one, const Data& other) {
  std::vector<Sum> of_one;
  std::vector<Sum> of_other;
  convolve(g, one, of_one);
  convolve(g, other, of_other);
  for (size_t i = 0; i < of_one.size(); ++i) {
    if (of_one[i].value != of_other[i].value) return false;
  }
  return true;
}

TEST(WrongIndex, ChangesSomeOutputWhereverItIsRead) {
  int64_t seen = 0;
  int64_t unread = 0;
  for (const Problem& problem : small_problems()) {
    const Case c = {.problem = problem, .fill = Fill::integers, .seed = 1};
    const Geometry g = geometry(problem);
    Data data;
    ASSERT_EQ(fill(c, g, {}, data), "");
    for (Tensor Data::*member : {&Data::input, &Data::weight, &Data::bias}) {
      const Tensor& tensor = data.*member;
      for (int axis = 0; axis < tensor.shape().rank() && !tensor.empty(); ++axis) {
        if (tensor.shape()[axis] < 2) continue;
        for (const WrongIndex& wrong : kWrongIndices) {
          Data misreads = data;
          misreads.*member = misread(tensor, axis, wrong, [](float, float value) { return value; });
          // A stride may step over all that is misread: then another value there changes nothing either.
          Data changed = data;
          changed.*member =
              misread(tensor, axis, wrong, [](float right, float value) { return right == value ? right : 0.5F; });
          if (same_outputs(g, data, changed)) {
            ++unread;
            continue;
          }
          ++seen;
          EXPECT_FALSE(same_outputs(g, data, misreads))
              << print(c) << ": " << wrong.name << " along axis " << axis << " of " << print(tensor.shape());
        }
      }
    }
  }
  EXPECT_GT(seen, 20'000);
  EXPECT_LT(unread, seen / 10);
}

// The enumeration can fail: constant data hide every index.
TEST(WrongIndex, IsHiddenByConstantData) {
  const Problem problem = small_problems().back();
  const Geometry g = geometry(problem);
  Data data;
  data.reshape(problem);
  for (Tensor* tensor : {&data.input, &data.weight, &data.bias})
    std::fill(tensor->memory().begin(), tensor->memory().end(), 1.0F);
  for (const WrongIndex& wrong : kWrongIndices) {
    Data misreads = data;
    misreads.input = misread(data.input, 1, wrong, [](float, float value) { return value; });
    EXPECT_TRUE(same_outputs(g, data, misreads)) << wrong.name;
  }
}

}  // namespace
}  // namespace convcheck
