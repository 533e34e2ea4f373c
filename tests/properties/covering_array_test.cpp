// The covering array against a classifier of the test's own and against problems drawn far and wide: whatever three
// classes meet in one of those must meet in one of the array's.
#include "properties/covering_array.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "properties/generate.h"
#include "reference/case_text.h"
#include "reference/layout.h"
#include "reference/rules.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

// The number of the interval that holds the value: intervals begin at the values given, the first one anywhere.
size_t interval(int64_t value, std::initializer_list<int64_t> begins) {
  size_t number = 0;
  for (const int64_t begin : begins) number += value >= begin ? 1 : 0;
  return number;
}

constexpr size_t kMostClassesOfOne = 8;
constexpr size_t kParameters = 29;
constexpr size_t kBatch = 25;
constexpr size_t kMemory = 27;
// All parameters of an axis stand together.
constexpr size_t kOfAnAxis = 10;

using Classes = std::array<size_t, kParameters>;

size_t padding_class(int64_t padding, int64_t kernel) {
  return padding == 0 ? 0 : interval(padding, {kernel, kernel + 1}) + 1;
}

void classify_axis(const Problem& p, int axis, size_t* classes) {
  const auto at = static_cast<size_t>(axis);
  const int64_t kernel = p.weight[axis + 2];
  const int64_t before = p.pad_before[at];
  const int64_t after = p.pad_after[at];
  // The places of the window counted, and what is left when none more fits.
  const int64_t extent = (kernel - 1) * p.dilation[at] + 1;
  int64_t places = 0;
  int64_t start = 0;
  for (; start + extent <= before + p.input[axis + 2] + after; start += p.stride[at]) ++places;
  const int64_t end_of_last = start - p.stride[at] + extent;
  classes[0] = interval(kernel, {2, 3, 4, 8});
  classes[1] = interval(p.stride[at], {2, 3});
  classes[2] = p.stride[at] > kernel ? 1 : 0;
  classes[3] = interval(p.dilation[at], {2, 3});
  classes[4] = padding_class(before, kernel);
  classes[5] = padding_class(after, kernel);
  classes[6] = before == after ? 0 : 1;
  classes[7] = interval(p.input[axis + 2], {2, 3, 8});
  classes[8] = places <= 2 ? static_cast<size_t>(places - 1) : places < 8 ? 2 : places % 8 == 0 ? 3 : 4;
  classes[9] = end_of_last == before + p.input[axis + 2] + after ? 0 : 1;
}

size_t memory_class(const Problem& p) {
  std::set<size_t> kinds;
  if (p.layout == Layout::nhwc) kinds.insert(1);
  if (p.input_strides) kinds.insert(2);
  if (p.output_strides) kinds.insert(3);
  if (p.weight_strides) {
    const auto& strides = *p.weight_strides;
    kinds.insert(std::count(strides.begin(), strides.end(), 0) == 0 ? 4 : 5);
  }
  if (kinds.empty()) return 0;
  return kinds.size() == 1 ? *kinds.begin() : 6;
}

Classes classify(const Problem& p) {
  Classes classes{};
  classify_axis(p, 0, classes.data());
  classify_axis(p, 1, classes.data() + kOfAnAxis);
  const int64_t in = p.input[1];
  const int64_t out = p.weight[0];
  size_t* rest = classes.data() + 2 * kOfAnAxis;
  rest[0] = p.groups == 1 ? 0 : p.groups < in ? 1 : 2;
  rest[1] = interval(in / p.groups, {2, 10});
  rest[2] = interval(out / p.groups, {2, 10});
  rest[3] = interval(in & 15, {1, 4, 5, 8, 9});
  rest[4] = interval(out & 15, {1, 4, 5, 8, 9});
  rest[5] = interval(p.input[0], {1, 2, 3, 4});
  rest[6] = p.has_bias() ? 1 : 0;
  rest[7] = memory_class(p);
  const bool alike = p.input[2] == p.input[3] && p.weight[2] == p.weight[3] && p.stride[0] == p.stride[1] &&
                     p.dilation[0] == p.dilation[1] && p.pad_before[0] == p.pad_before[1] &&
                     p.pad_after[0] == p.pad_after[1];
  rest[8] = alike ? 0 : 1;
  return classes;
}

// How often each three classes of different parameters were met in one problem.
class Triples {
 public:
  // An empty batch counts for what names it.
  template <class Take>
  static void for_each(const Classes& classes, Take take) {
    const bool is_empty = classes[kBatch] == 0;
    for (size_t i = 0; i < kParameters; ++i) {
      for (size_t j = i + 1; j < kParameters; ++j) {
        for (size_t k = j + 1; k < kParameters; ++k) {
          if (is_empty && i != kBatch && j != kBatch && k != kBatch) continue;
          take((at(i, classes) * kIds + at(j, classes)) * kIds + at(k, classes));
        }
      }
    }
  }

  void add(const Problem& p) {
    for_each(classify(p), [this](size_t triple) { ++counts_[triple]; });
  }

  [[nodiscard]] int64_t different() const {
    return static_cast<int64_t>(std::count_if(counts_.begin(), counts_.end(), [](int64_t count) { return count > 0; }));
  }

  // How many of the problem's were met at most `most` times.
  [[nodiscard]] int64_t rare_in(const Classes& classes, int64_t most) const {
    int64_t rare = 0;
    for_each(classes, [&](size_t triple) { rare += counts_[triple] <= most ? 1 : 0; });
    return rare;
  }

  [[nodiscard]] int64_t missing_in(const Problem& p) const { return rare_in(classify(p), 0); }

 private:
  static constexpr size_t kIds = kParameters * kMostClassesOfOne;
  static size_t at(size_t parameter, const Classes& classes) {
    return parameter * kMostClassesOfOne + classes[parameter];
  }

  std::vector<int32_t> counts_ = std::vector<int32_t>(kIds * kIds * kIds);
};

Triples triples_of(const std::vector<Problem>& problems) {
  Triples triples;
  for (const Problem& p : problems) triples.add(p);
  return triples;
}

// Often small, sometimes up to `most`.
int64_t skewed(Random& random, int64_t least, int64_t most) {
  const int64_t end = one_in(random, 2)   ? std::min(most, least + 3)
                      : one_in(random, 2) ? std::min(most, least + 9)
                                          : most;
  return uniform(random, least, end);
}

// A valid problem of any class, far beyond what is worth computing.
Problem wide_problem(Random& random) {
  for (;;) {
    Problem p;
    p.groups = skewed(random, 1, 40);
    const int64_t in_per_group = skewed(random, 1, 60);
    p.input = {one_in(random, 8) ? 0 : skewed(random, 1, 9), p.groups * in_per_group};
    p.weight = {p.groups * skewed(random, 1, 60), in_per_group};
    for (size_t axis = 0; axis < 2; ++axis) {
      const int64_t kernel = skewed(random, 1, 24);
      p.input.push_back(skewed(random, 1, 60));
      p.weight.push_back(kernel);
      p.stride[axis] = skewed(random, 1, 30);
      p.dilation[axis] = skewed(random, 1, 6);
      p.pad_before[axis] = one_in(random, 4) ? kernel : skewed(random, 0, 50);
      p.pad_after[axis] = one_in(random, 4) ? p.pad_before[axis] : skewed(random, 0, 50);
    }
    if (one_in(random, 4)) {
      p.input[3] = p.input[2];
      p.weight[3] = p.weight[2];
      for (PerAxis* both : {&p.stride, &p.dilation, &p.pad_before, &p.pad_after}) (*both)[1] = (*both)[0];
    }
    if (one_in(random, 2)) p.bias = {p.out_channels()};
    if (one_in(random, 3)) p.layout = Layout::nhwc;
    if (one_in(random, 3)) p.input_strides = {1, 1, 1, 1};
    if (one_in(random, 3)) p.output_strides = {1, 1, 1, 1};
    if (one_in(random, 3)) p.weight_strides = {1, 1, 1, one_in(random, 2) ? 0 : 1};
    if (is_valid(p)) return p;
  }
}

const CoveringArray& array() {
  static const CoveringArray kArray = covering_array(1);
  return kArray;
}

TEST(CoveringArray, CountsAllCombinationsAsCoveredAndSoDoesAnotherClassifier) {
  for (const uint64_t seed : {1, 2, 3}) {
    const CoveringArray one = covering_array(seed);
    EXPECT_EQ(one.triples_covered, one.triples_possible);
    EXPECT_EQ(one.triples_possible, array().triples_possible);
    EXPECT_EQ(triples_of(one.problems).different(), one.triples_possible);
  }
  EXPECT_GT(array().triples_possible, 150'000);
}

// What the array takes to be impossible is so: no problem has it.
TEST(CoveringArray, MissesNothingThatProblemsDrawnFarAndWideHave) {
  const Triples covered = triples_of(array().problems);
  Triples drawn;
  Random random(11);
  const int64_t cases = random_cases(200'000);
  for (int64_t i = 0; i < cases; ++i) {
    const Problem p = wide_problem(random);
    ASSERT_EQ(covered.missing_in(p), 0) << print(p);
    drawn.add(p);
  }
  // They are wide: nearly all that can occur did.
  EXPECT_GT(drawn.different(), array().triples_possible * 95 / 100);
}

TEST(CoveringArray, MissesNothingThatRandomCasesHave) {
  const Triples covered = triples_of(array().problems);
  const auto cases = static_cast<uint64_t>(random_cases(20'000));
  int64_t judged = 0;
  for (uint64_t seed = 1; seed <= cases; ++seed) {
    const Problem p = random_case(seed, Fill::integers).problem;
    if (p.input[2] == 0 || p.input[3] == 0) continue;  // an empty image is of no class here
    ASSERT_EQ(covered.missing_in(p), 0) << print(p);
    ++judged;
  }
  EXPECT_GT(judged, random_cases(18'000));
}

// Kernels of 3x3 with stride and dilation 1 alone have an array of their own.
TEST(CoveringArray, OfPlainProblemsIsPlainAndMissesNothingThatPlainProblemsHave) {
  const CoveringArray plain = covering_array(1, Domain::plain_3x3);
  EXPECT_EQ(plain.triples_covered, plain.triples_possible);
  EXPECT_LT(plain.triples_possible, array().triples_possible);
  const Triples covered = triples_of(plain.problems);
  EXPECT_EQ(covered.different(), plain.triples_possible);
  const auto make_plain = [](Problem& p) {
    p.weight[2] = p.weight[3] = 3;
    p.stride = p.dilation = {1, 1, 1};
  };
  int64_t several_tiles = 0;
  for (const Problem& p : plain.problems) {
    Problem same = p;
    make_plain(same);
    ASSERT_TRUE(is_valid(p) && same == p) << print(p);
    const Shape output = rule_output_shape(p);
    several_tiles += output[2] > 6 && output[3] > 6 ? 1 : 0;
  }
  EXPECT_GT(several_tiles, 50);
  Random random(12);
  int64_t judged = 0;
  for (int64_t i = 0; i < random_cases(50'000); ++i) {
    Problem p = wide_problem(random);
    make_plain(p);
    if (!is_valid(p)) continue;
    ASSERT_EQ(covered.missing_in(p), 0) << print(p);
    ++judged;
  }
  EXPECT_GT(judged, random_cases(50'000) / 2);
  EXPECT_GT(covered.missing_in(problem_of("input=1x4x9x9 weight=4x4x3x3 stride=2")), 0);
}

// Every axis of a small world, exhaustively: three parameters of one axis are what excludes each other.
TEST(CoveringArray, MissesNoAxisOfASmallWorld) {
  const Triples covered = triples_of(array().problems);
  Problem p = problem_of("input=1x1x1x1 weight=1x1x1x1");
  int64_t axes = 0;
  std::set<std::array<size_t, kOfAnAxis>> seen;
  for (const int64_t kernel : {1, 2, 3, 4, 8, 9}) {
    for (const int64_t stride : {1, 2, 3, 5, 10}) {
      for (const int64_t dilation : {1, 2, 3}) {
        for (int64_t padding = 0; padding < 14 * 14; ++padding) {
          for (const int64_t size : {1, 2, 3, 7, 8, 9, 15, 16, 17, 22, 23, 24}) {
            p.weight[2] = kernel;
            p.stride[0] = stride;
            p.dilation[0] = dilation;
            p.pad_before[0] = padding % 14;
            p.pad_after[0] = padding / 14;
            p.input[2] = size;
            if (padded_extent(p, 0) < dilated_extent(p, 0)) continue;
            ++axes;
            std::array<size_t, kOfAnAxis> of_axis{};
            classify_axis(p, 0, of_axis.data());
            if (!seen.insert(of_axis).second) continue;
            ASSERT_EQ(covered.missing_in(p), 0) << print(p);
          }
        }
      }
    }
  }
  EXPECT_GT(axes, 100'000);
  EXPECT_GT(seen.size(), 3'000U);
}

// Most kernels serve contiguous memory alone: they too see all there is.
TEST(CoveringArray, OfContiguousMemoryAloneCoversAllThatDoesNotNameMemoryOrAnEmptyBatch) {
  std::vector<Problem> contiguous;
  for (const Problem& p : array().problems) {
    if (memory_class(p) == 0 && p.batch() > 0) contiguous.push_back(p);
  }
  EXPECT_LT(contiguous.size(), array().problems.size() * 2 / 3);
  const Triples covered = triples_of(contiguous);
  for (Problem p : array().problems) {
    p.layout = Layout::nchw;
    p.input_strides = p.output_strides = p.weight_strides = std::nullopt;
    if (p.batch() == 0) continue;
    ASSERT_EQ(covered.missing_in(p), 0) << print(p);
  }
}

// The contiguous ones are each needed among themselves, the others among all.
TEST(CoveringArray, IsShortOfSomethingWithoutAnyOneOfItsProblems) {
  std::vector<Problem> ordinary;
  for (const Problem& p : array().problems) {
    if (memory_class(p) == 0 && p.batch() > 0) ordinary.push_back(p);
  }
  const Triples covered = triples_of(array().problems);
  const Triples covered_by_ordinary = triples_of(ordinary);
  for (const Problem& p : array().problems) {
    const bool is_ordinary = memory_class(p) == 0 && p.batch() > 0;
    EXPECT_GT((is_ordinary ? covered_by_ordinary : covered).rare_in(classify(p), 1), 0) << print(p);
  }
  // And the check that nothing is missing sees it.
  std::vector<Problem> fewer = array().problems;
  fewer.erase(fewer.begin() + static_cast<int64_t>(fewer.size() / 2));
  const Triples without = triples_of(fewer);
  EXPECT_LT(without.different(), array().triples_possible);
  EXPECT_GT(without.missing_in(array().problems[array().problems.size() / 2]), 0);
}

TEST(CoveringArray, IsValidAndCheap) {
  for (const uint64_t seed : {1, 2, 3}) {
    std::vector<Wide> multiplies;
    Wide all = 0;
    for (const Problem& p : covering_array(seed).problems) {
      ASSERT_TRUE(is_valid(p)) << print(p);
      ASSERT_EQ(stride_fault(p), std::nullopt) << print(p);
      multiplies.push_back(multiply_count(p));
      all += multiplies.back();
      EXPECT_LE(span_elements(p.input, strides_of(p, TensorRole::input, p.input)), kMostElements) << print(p);
      EXPECT_LE(span_elements(p.weight, strides_of(p, TensorRole::weight, p.weight)), kMostElements) << print(p);
    }
    std::sort(multiplies.begin(), multiplies.end());
    EXPECT_LE(multiplies[multiplies.size() / 2], 10'000);
    EXPECT_LE(multiplies.back(), kMostMultiplies / 4);
    EXPECT_LE(all, 12'000'000);
    EXPECT_LE(multiplies.size(), 1000U);
  }
}

TEST(CoveringArray, IsTheSameForASeedAndHasOtherNumbersForAnother) {
  EXPECT_EQ(covering_array(1).problems, array().problems);
  std::set<std::string> known, fresh;
  for (const Problem& p : array().problems) known.insert(print(p));
  for (const Problem& p : covering_array(2).problems) {
    if (!known.contains(print(p))) fresh.insert(print(p));
  }
  EXPECT_GT(known.size(), array().problems.size() * 95 / 100) << "hardly any occurs twice";
  EXPECT_GT(fresh.size(), array().problems.size() * 95 / 100);
}

}  // namespace
}  // namespace convcheck
