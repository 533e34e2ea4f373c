// Structure laws need no reference, so they judge the reference itself: it holds them all, and whatever breaks it is
// noticed by one of them at least.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "impls/support/rules.h"
#include "properties/law.h"
#include "reference/case_text.h"
#include "tests/properties/judging.h"
#include "tests/reference/problems.h"

namespace convcheck {

// The file lists the references that CMakeLists.txt makes, each as CONVCHECK_BROKEN(NAME).
#define CONVCHECK_BROKEN(name)                                                        \
  namespace broken_##name {                                                           \
    void convolve(const Geometry& g, const DataView& data, std::vector<Sum>& result); \
  }
#include <broken_references.inc>
#undef CONVCHECK_BROKEN

namespace {

using Convolve = void (*)(const Geometry& g, const DataView& data, std::vector<Sum>& result);

Shape shape_of(const convcheck_tensor_desc& desc) {
  Shape shape;
  for (int32_t axis = 0; axis < desc.rank; ++axis) shape.push_back(desc.shape[axis]);
  return shape;
}

View<const float> view_of(const void* data, const convcheck_tensor_desc& desc) {
  View<const float> view = {.data = static_cast<const float*>(data), .shape = shape_of(desc), .stride = {}};
  for (int32_t axis = 0; axis < desc.rank; ++axis) view.stride.push_back(desc.stride[axis]);
  return view;
}

Geometry geometry_of(const convcheck_problem& p) {
  const auto axis = [&](int i) {
    return Axis{.in = p.input.shape[i + 2],
                .kernel = p.weight.shape[i + 2],
                .out = p.output.shape[i + 2],
                .stride = p.stride[i],
                .dilation = p.dilation[i],
                .pad_before = p.pad_before[i],
                .pad_after = p.pad_after[i]};
  };
  return {.batch = p.input.shape[0],
          .groups = p.groups,
          .in_channels_per_group = p.weight.shape[1],
          .out_channels_per_group = p.weight.shape[0] / p.groups,
          .height = axis(0),
          .width = axis(1),
          .has_bias = p.bias.rank != 0};
}

int32_t supports(const convcheck_problem* problem) {
  if (const int32_t status = impls::check_rules(*problem); status != CONVCHECK_OK) return status;
  const bool served =
      problem->dtype == CONVCHECK_F32 && problem->direction == CONVCHECK_FORWARD && problem->spatial_rank == 2;
  return served ? CONVCHECK_OK : CONVCHECK_UNSUPPORTED;
}

// The reference's sums rounded to f32.
template <Convolve F>
int32_t run(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  if (const int32_t status = supports(problem); status != CONVCHECK_OK) return status;
  const DataView data = {.input = view_of(buffers->input, problem->input),
                         .weight = view_of(buffers->weight, problem->weight),
                         .bias = view_of(buffers->bias, problem->bias)};
  std::vector<Sum> sums;
  F(geometry_of(*problem), data, sums);
  const Shape output = shape_of(problem->output);
  for (size_t i = 0; i < sums.size(); ++i) {
    const Shape at = index_of(output, static_cast<int64_t>(i));
    int64_t offset = 0;
    for (int axis = 0; axis < at.rank(); ++axis) offset += at[axis] * problem->output.stride[axis];
    static_cast<float*>(buffers->output)[offset] = static_cast<float>(sums[i].value);
  }
  return CONVCHECK_OK;
}

template <Convolve F>
convcheck_kernel make(const char* name) {
  return {.struct_size = sizeof(convcheck_kernel),
          .name = name,
          .description = "a reference, rounded to f32",
          .algorithm = CONVCHECK_SUMMATION,
          .winograd_tile = 0,
          .promises = CONVCHECK_DETERMINISTIC | CONVCHECK_BATCH_INVARIANT,
          .supports = supports,
          .workspace_bytes = nullptr,
          .run = run<F>,
          .prepare = nullptr,
          .release = nullptr};
}

const std::vector<convcheck_kernel>& broken_references() {
  static const std::vector<convcheck_kernel> kKernels = {
#define CONVCHECK_BROKEN(name) make<broken_##name::convolve>(#name),
#include <broken_references.inc>
#undef CONVCHECK_BROKEN
  };
  return kKernels;
}

class EachBrokenReference : public testing::TestWithParam<size_t> {};

TEST_P(EachBrokenReference, IsNoticedByAStructureLaw) {
  const convcheck_kernel& kernel = broken_references()[GetParam()];
  std::string noticed;
  for (const Law& law : laws()) {
    if (law.topic != Topic::structure) continue;
    const auto violation = first_violation(law, kernel, 400, 100);
    if (violation) noticed += (noticed.empty() ? "" : " ") + std::string(law.name);
  }
  RecordProperty("noticed_by", noticed);
  EXPECT_EQ(noticed.empty(), std::string_view(kernel.name) == "none") << kernel.name << ": " << noticed;
}

INSTANTIATE_TEST_SUITE_P(References, EachBrokenReference, testing::Range<size_t>(0, broken_references().size()),
                         [](const auto& number) { return std::string(broken_references()[number.param].name); });

// The true reference, once as the library has it and once through the text replacement that replaces nothing.
TEST(TheReference, HoldsEveryStructureLaw) {
  static const convcheck_kernel kReference = make<static_cast<Convolve>(&convcheck::convolve)>("reference");
  ASSERT_STREQ(broken_references().front().name, "none");
  ASSERT_GE(broken_references().size(), 9U);
  for (const convcheck_kernel* kernel : {&kReference, &broken_references().front()}) {
    for (const Law& law : laws()) {
      if (law.topic != Topic::structure) continue;
      int64_t holds = 0;
      for_each_case(law, random_cases(1000), random_cases(300), [&](const Case& c) {
        const Judgement judgement = judge_once(law, *kernel, c);
        EXPECT_NE(judgement.outcome, Outcome::violated) << law.name << ' ' << print(c);
        holds += judgement.outcome == Outcome::holds ? 1 : 0;
        return !HasFailure();
      });
      EXPECT_GT(holds, random_cases(100)) << law.name;
    }
  }
}

}  // namespace
}  // namespace convcheck
