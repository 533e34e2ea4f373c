// The rules against an independent statement of them, over problems with any int64 in any field.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "reference/case_text.h"
#include "reference/layout.h"
#include "reference/rules.h"
#include "tests/reference/problems.h"
#include "tests/reference/wild_problem.h"

namespace convcheck {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

// The true product of non-negative factors, or -1 where it is beyond __int128, which is beyond int64 all the more.
Wide product_of(std::initializer_list<Wide> factors) {
  Wide product = 1;
  bool beyond = false;
  for (const Wide factor : factors) {
    if (factor == 0) return 0;
    Wide next = 0;
    beyond = __builtin_mul_overflow(product, factor, &next) || beyond;
    product = beyond ? 1 : next;
  }
  return beyond ? -1 : product;
}

bool is_beyond_int64(Wide value) {
  return value < 0 || value > Wide{kMax};
}

// Rule 10 for one tensor: strides as given, else those of its memory order (axes from the outermost in).
bool tensor_is_countable(const Shape& shape, const std::optional<Shape>& given, std::array<int, kMaxRank> order,
                         int bytes) {
  Wide elements = 1;
  Wide last = 0;  // the place of the last element
  bool beyond = false;
  for (int at = shape.rank() - 1; at >= 0; --at) {
    const int axis = order[static_cast<size_t>(at)];
    const Wide stride = given ? Wide{(*given)[axis]} : elements;
    if (shape[axis] > 1) {
      const Wide reach = product_of({Wide{shape[axis]} - 1, stride});
      beyond = beyond || is_beyond_int64(reach);
      last += beyond ? 0 : reach;
    }
    elements = product_of({elements, std::max<Wide>(shape[axis], 1)});
    if (is_beyond_int64(elements)) return false;
  }
  return !beyond && !is_beyond_int64(product_of({last + 1, bytes}));
}

std::array<int, kMaxRank> memory_order(const Problem& p, bool is_image) {
  if (!is_image || p.layout == Layout::nchw) return {0, 1, 2, 3, 4};
  const int rank = p.input.rank();
  return rank == 3   ? std::array<int, kMaxRank>{0, 2, 1}
         : rank == 4 ? std::array<int, kMaxRank>{0, 2, 3, 1}
                     : std::array<int, kMaxRank>{0, 2, 3, 4, 1};
}

struct OutputShape {
  std::array<Wide, kMaxRank> extent{};
};

bool breaks_rule_1(const Problem& p) {
  bool broken = p.groups < 1;
  for (int i = 0; i < p.input.rank() - 2; ++i) {
    const auto at = static_cast<size_t>(i);
    broken = broken || p.stride[at] < 1 || p.dilation[at] < 1 || p.pad_before[at] < 0 || p.pad_after[at] < 0;
  }
  return broken;
}

bool breaks_rule_3(const Problem& p) {
  bool broken = p.input[0] < 0 || p.input[1] < 1 || p.weight[0] < 1;
  for (int i = 2; i < p.input.rank(); ++i) broken = broken || p.weight[i] < 1 || p.input[i] < 0;
  return broken;
}

Wide dilated(const Problem& p, int axis) {
  return Wide{p.dilation[static_cast<size_t>(axis)]} * (Wide{p.weight[axis + 2]} - 1) + 1;
}

Wide padded(const Problem& p, int axis) {
  const auto at = static_cast<size_t>(axis);
  return Wide{p.input[axis + 2]} + Wide{p.pad_before[at]} + Wide{p.pad_after[at]};
}

bool breaks_rule_10(const Problem& p, const OutputShape& right) {
  const int bytes = p.dtype == DataType::f64 ? 8 : p.dtype == DataType::f32 ? 4 : 2;
  for (int i = 0; i < p.input.rank() - 2; ++i) {
    if (is_beyond_int64(padded(p, i)) || is_beyond_int64(dilated(p, i))) return true;
  }
  Shape output;
  for (int i = 0; i < p.input.rank(); ++i) {
    const Wide extent = right.extent[static_cast<size_t>(i)];
    if (is_beyond_int64(extent)) return true;
    output.push_back(static_cast<int64_t>(extent));
  }
  return !tensor_is_countable(p.input, p.input_strides, memory_order(p, true), bytes) ||
         !tensor_is_countable(p.weight, p.weight_strides, memory_order(p, false), bytes) ||
         !tensor_is_countable(p.bias, std::nullopt, memory_order(p, false), bytes) ||
         !tensor_is_countable(output, p.output_strides, memory_order(p, true), bytes);
}

// The number of the first rule of the kernel ABI that the problem breaks; 0 for a valid problem. A spatial rank outside
// 1 to 3 comes first, since the lists per axis have no meaning then; it is rule 2's.
int first_broken(const Problem& p) {
  const int rank = p.input.rank();
  if (rank < 3 || rank > 5) return 2;
  if (breaks_rule_1(p)) return 1;
  if (p.weight.rank() != rank || p.bias.rank() > 1 || (p.claimed_output && p.claimed_output->rank() != rank)) return 2;
  if (breaks_rule_3(p)) return 3;
  if (p.input[1] % p.groups != 0) return 4;
  if (p.weight[0] % p.groups != 0) return 5;
  if (Wide{p.weight[1]} * p.groups != p.input[1]) return 6;
  if (p.bias.rank() == 1 && p.bias[0] != p.weight[0]) return 7;
  OutputShape right{{p.input[0], p.weight[0]}};
  for (int i = 0; i < rank - 2; ++i) {
    if (dilated(p, i) > padded(p, i)) return 8;
    right.extent[static_cast<size_t>(i + 2)] =
        (padded(p, i) - dilated(p, i)) / p.stride[static_cast<size_t>(i)] + 1;  // neither is negative: floor
  }
  for (int i = 0; p.claimed_output && i < rank; ++i) {
    if (Wide{(*p.claimed_output)[i]} != right.extent[static_cast<size_t>(i)]) return 9;
  }
  return breaks_rule_10(p, right) ? 10 : 0;
}

TEST(RulesExtremes, AgreeWithAnIndependentStatementForAnyInt64) {
  std::array<int64_t, 11> seen{};
  const int64_t cases = random_cases(200'000);
  for (int64_t i = 0; i < cases; ++i) {
    const Problem problem = wild_problem(static_cast<uint64_t>(i));
    const auto broken = broken_rule(problem);
    const int expected = first_broken(problem);
    ASSERT_EQ(broken ? abi_number(broken->rule) : 0, expected) << print(problem);
    ++seen[static_cast<size_t>(expected)];
  }
  for (size_t rule = 0; rule < seen.size(); ++rule) EXPECT_GT(seen[rule], cases / 1000) << "rule " << rule;
}

TEST(RulesExtremes, AnOutputBeyondInt64IsNeverTheOneClaimed) {
  Problem problem = problem_of("input=1x1x9223372036854775807 weight=1x1x1 padding=1");
  EXPECT_EQ(broken_rule(problem)->rule, Rule::sizes_fit_int64);
  problem.claimed_output = Shape{1, 1, kMax};
  const auto broken = broken_rule(problem);
  EXPECT_EQ(broken->rule, Rule::output_shape_matches);
  EXPECT_EQ(message(problem, *broken),
            "output (1x1x9223372036854775807) must be 1x1x9223372036854775809: its width is floor((padded input "
            "9223372036854775809 - dilated kernel 1) / stride 1) + 1 = 9223372036854775809");
}

TEST(RulesExtremes, EverythingElseTakesAnyInt64Too) {
  int64_t messages = 0;
  const int64_t cases = random_cases(100'000);
  for (int64_t i = 0; i < cases; ++i) {
    const Problem problem = wild_problem(static_cast<uint64_t>(-i));
    if (const auto broken = broken_rule(problem)) {
      const std::string line = message(problem, *broken);
      ASSERT_FALSE(line.empty());
      ASSERT_EQ(line.find('\n'), std::string::npos) << line;
      ++messages;
    }
    const Shape output = output_shape(problem);
    ASSERT_EQ(to_abi(problem).output.rank, output.rank());
    const auto fault = stride_fault(problem);
    ASSERT_TRUE(!fault || !fault->empty());
  }
  EXPECT_GT(messages, cases / 10);
}

}  // namespace
}  // namespace convcheck
