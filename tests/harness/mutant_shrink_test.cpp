// Every mutant's violation shrinks to a case on which nothing can be made smaller, by a notion of smaller of this
// test's own.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string_view>

#include "impls/mutants.h"
#include "properties/covering_array.h"
#include "properties/generate.h"
#include "properties/statistical_case.h"
#include "reference/case_text.h"
#include "reference/rules.h"
#include "tests/harness/hearing.h"
#include "tests/properties/sanitized.h"

namespace convcheck {
namespace {

constexpr size_t kShards = 8;  // of the mutants, to be judged side by side

// What they do depends on earlier calls, on calls at the same time or on where memory lies, so that no single case
// repeats it.
const std::set<std::string_view>& forgetful() {
  static const std::set<std::string_view> kNames = {"packed_weight_kept_by_address",
                                                    "dilation_kept_by_kernel_and_stride",
                                                    "strides_kept_by_shape",
                                                    "sum_left_by_a_larger_call",
                                                    "every_fiftieth_call",
                                                    "order_of_summation_by_call",
                                                    "unaligned_input_read_early",
                                                    "unaligned_weight_read_early",
                                                    "head_peeled_for_the_output_alone",
                                                    "order_of_summation_by_line",
                                                    "order_of_summation_by_time",
                                                    "dilation_of_the_call_before",
                                                    "padding_of_the_call_before",
                                                    "stride_of_the_call_before",
                                                    "output_kept_by_addresses",
                                                    "planes_by_one_counter",
                                                    "rows_in_a_shared_table"};
  return kNames;
}

// What is wrong with them shows on problems alone that are too large for this test.
const std::set<std::string_view>& large() {
  static const std::set<std::string_view> kNames = {"one_pixel_in_a_million", "last_pixel_of_a_large_problem",
                                                    "input_offsets_in_32_bits", "filters_in_16_bits"};
  return kNames;
}

std::vector<const Law*> killers_of(const impls::MutantFacts& facts) {
  std::vector<const Law*> killers;
  std::istringstream names(facts.killers);
  for (std::string name; names >> name;) killers.push_back(find_law(name));
  return killers;
}

void judge_by_all_fills(Hearing& docket, const Problem& problem, uint64_t seed, Scratch& scratch) {
  for (const Fill fill :
       {Fill::integers, Fill::reals, Fill::input_significand, Fill::weight_significand, Fill::special}) {
    docket.judge_case({.problem = problem, .fill = fill, .seed = seed}, Depth::all, "", scratch);
  }
}

// Feeds the docket until a law is violated, or gives up.
void judge_until_violated(Hearing& docket) {
  static const CoveringArray kAll = covering_array(1);
  static const CoveringArray kPlain = covering_array(1, Domain::plain_3x3);
  Scratch scratch;
  uint64_t number = 0;
  for (const CoveringArray* array : {&kAll, &kPlain}) {
    for (const Problem& problem : array->problems) {
      if (docket.docket().is_violated()) return;
      judge_by_all_fills(docket, problem, ++number, scratch);
      docket.judge_case(random_invalid_case(number), Depth::all, "", scratch);
      if (number % 16 == 0) docket.judge_case(random_statistical_case(number), Depth::all, "", scratch);
    }
  }
  // The array has no empty images.
  for (const char* text :
       {"input=2x2x0x3 weight=4x1x1x2 groups=2 padding=1 bias=4", "input=1x2x3x0 weight=4x2x2x1 padding=1"}) {
    judge_by_all_fills(docket, parse_case(text)->problem, 1, scratch);
  }
  for (; number < 6000 && !docket.docket().is_violated(); ++number) {
    judge_by_all_fills(docket, random_case(number, Fill::integers).problem, number, scratch);
  }
}

// The problem with each number one lower and with each parameter at its default. Channels go down a group's worth at a
// time, since nothing else is valid.
std::vector<Problem> lowered(const Problem& p) {
  std::vector<Problem> all;
  const auto add = [&](auto change) {
    Problem q = p;
    change(q);
    if (is_valid(q) && !(q == p)) all.push_back(q);
  };
  const int64_t per_group = p.weight[0] / p.groups;
  add([](Problem& q) { --q.input[0]; });
  add([](Problem& q) { --q.input[2]; });
  add([](Problem& q) { --q.input[3]; });
  add([](Problem& q) { --q.weight[2]; });
  add([](Problem& q) { --q.weight[3]; });
  add([](Problem& q) {
    q.input[1] -= q.groups;
    --q.weight[1];
  });
  add([&](Problem& q) {
    q.weight[0] -= q.groups;
    if (q.has_bias()) q.bias[0] = q.weight[0];
  });
  add([&](Problem& q) {
    --q.groups;
    q.input[1] -= q.weight[1];
    q.weight[0] -= per_group;
    if (q.has_bias()) q.bias[0] = q.weight[0];
  });
  for (const size_t axis : {size_t{0}, size_t{1}}) {
    add([&](Problem& q) { --q.stride[axis]; });
    add([&](Problem& q) { q.stride[axis] = 1; });
    add([&](Problem& q) { --q.dilation[axis]; });
    add([&](Problem& q) { q.dilation[axis] = 1; });
    add([&](Problem& q) { --q.pad_before[axis]; });
    add([&](Problem& q) { q.pad_before[axis] = 0; });
    add([&](Problem& q) { --q.pad_after[axis]; });
    add([&](Problem& q) { q.pad_after[axis] = 0; });
  }
  add([](Problem& q) { q.bias = {}; });
  add([](Problem& q) { q.layout = Layout::nchw; });
  add([](Problem& q) { q.input_strides.reset(); });
  add([](Problem& q) { q.weight_strides.reset(); });
  add([](Problem& q) { q.output_strides.reset(); });
  return all;
}

bool violates(const Subject& subject, const Law& law, const Case& c) {
  if (!takes(law, c, is_valid(c.problem))) return false;
  Scratch scratch;
  Trial trial(subject, c, scratch);
  return judge(law, trial).outcome == Outcome::violated;
}

class MutantShrink : public testing::TestWithParam<size_t> {};

TEST_P(MutantShrink, EndsMinimalAndKeepsItsLaw) {
  size_t count = 0;
  const convcheck_kernel* const* const kernels = convcheck_mutant_kernels(CONVCHECK_ABI_VERSION, &count);
  size_t shrunk = 0;
  for (size_t i = GetParam(); i < count; i += kShards) {
    const impls::MutantFacts& facts = impls::mutant_facts()[i];
    if (facts.harms_process || forgetful().contains(facts.name) || large().contains(facts.name)) continue;
    const std::vector<const Law*> killers = killers_of(facts);
    if (std::none_of(killers.begin(), killers.end(), [](const Law* law) { return can_be_judged_here(law->name); }))
      continue;
    const Subject subject = {kernels[i], nullptr};
    Hearing docket(subject, "", killers, {});
    judge_until_violated(docket);
    const KernelReport report = docket.report();
    const LawReport* const found = report.violated();
    if (found == nullptr) {
      ADD_FAILURE() << facts.name << " was not caught";
      continue;
    }
    const Violation& violation = *found->violation;
    const Law& law = *find_law(found->law);
    EXPECT_TRUE(violation.is_minimal) << facts.name << ' ' << law.name << ' ' << violation.the_case;
    const Case smallest = *parse_case(violation.the_case);
    EXPECT_TRUE(violates(subject, law, smallest)) << facts.name << ' ' << violation.the_case;
    ++shrunk;
    if (law.takes == Takes::invalid) continue;
    for (const Problem& problem : lowered(smallest.problem)) {
      const Case smaller = {.problem = problem, .fill = smallest.fill, .seed = smallest.seed};
      EXPECT_FALSE(violates(subject, law, smaller))
          << facts.name << ' ' << law.name << ' ' << violation.the_case << " fails on " << print(smaller) << " as well";
    }
  }
  EXPECT_GT(shrunk, 10U);
}

INSTANTIATE_TEST_SUITE_P(Shard, MutantShrink, testing::Range(size_t{0}, kShards));

// What is excused is there, and is rightly excused for nothing but its name.
TEST(MutantShrinkLists, NameMutants) {
  std::set<std::string_view> names;
  for (const impls::MutantFacts& facts : impls::mutant_facts()) names.insert(facts.name);
  for (const auto* list : {&forgetful(), &large()}) {
    for (const std::string_view name : *list) EXPECT_TRUE(names.contains(name)) << name;
  }
}

}  // namespace
}  // namespace convcheck
