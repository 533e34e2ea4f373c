// Every target of Highway that this machine has: CONVCHECK_SIMD chooses it, and the shipped kernels are right in it.
#include "impls/support/simd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "impls/shipped.h"
#include "reference/case_text.h"
#include "tests/impls/guarded_call.h"
#include "tests/properties/judging.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

constexpr ChildEnd kReturnedZero = {.returned = 0, .signal = 0};

// Around the ends of vectors of 1, 4, 8 and 16 lanes, and of the tiles that stand on them.
constexpr const char* kProblems[] = {
    "input=1x1x2x5 weight=5x1x1x1",
    "input=2x7x5x9 weight=19x7x1x1 bias=19",
    "input=2x6x9x17 weight=10x3x3x3 groups=2 padding=1 bias=10",
    "input=1x5x13x33 weight=33x5x3x3 padding=1",
    "input=1x4x9x11 weight=7x4x3x2 stride=2x1 dilation=1x2 padding=2,0,1,1",
    "input=1x3x21x40 weight=3x1x3x3 groups=3 padding=1 bias=3",
    "input=1x3x20x39 weight=6x1x3x3 groups=3 stride=2 padding=1",
    "input=1x2x7x7 weight=2x1x5x5 groups=2 padding=2",
    "input=1x2x15x35 weight=2x1x7x7 groups=2 stride=2 padding=3",
    "input=1x2x150x70 weight=2x1x3x3 groups=2 padding=1",
    "input=1x16x6x7 weight=24x4x3x3 groups=4 padding=1 layout=nhwc",
    "input=1x8x28x28 weight=8x8x3x3 padding=1 bias=8",
};

struct LawAndData {
  const char* law;
  Fill fill;
};
constexpr LawAndData kLaws[] = {{"matches_reference_exactly", Fill::integers},
                                {"matches_reference_within_bound", Fill::reals},
                                {"writes_every_output_element", Fill::integers},
                                {"writes_only_its_output", Fill::integers}};

// How often a shipped kernel violates a law on one of the problems.
int violations() {
  int count = 0;
  size_t kernels = 0;
  const convcheck_kernel* const* const shipped = convcheck_shipped_kernels(CONVCHECK_ABI_VERSION, &kernels);
  for (size_t i = 0; i < kernels; ++i) {
    for (const char* const text : kProblems) {
      for (const LawAndData& one : kLaws) {
        Case c = case_of(text);
        c.fill = one.fill;
        if (judge_once(*find_law(one.law), *shipped[i], c).outcome != Outcome::violated) continue;
        std::fprintf(stderr, "%s violates %s on %s\n", shipped[i]->name, one.law, print(c).c_str());
        ++count;
      }
    }
  }
  return count;
}

TEST(Simd, NamesATargetAndAPlainOne) {
  const std::vector<std::string> names = impls::simd_names();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
#if defined(__x86_64__)
  EXPECT_EQ(names.back(), "scalar");
#endif
}

TEST(Simd, IsWhatTheEnvironmentNames) {
  for (const std::string& name : impls::simd_names()) {
    const ChildEnd end = in_a_child([&] {
      setenv("CONVCHECK_SIMD", name.c_str(), 1);
      return impls::simd_in_use() == name ? 0 : 1;
    });
    EXPECT_EQ(end, kReturnedZero) << name;
  }
}

TEST(Simd, IsTheBestWhereTheEnvironmentNamesNone) {
  for (const char* const name : {"", "avx1024"}) {
    const ChildEnd end = in_a_child([&] {
      setenv("CONVCHECK_SIMD", name, 1);
      return impls::simd_in_use() == impls::simd_names().front() ? 0 : 1;
    });
    EXPECT_EQ(end, kReturnedZero) << name;
  }
}

TEST(Simd, ShippedKernelsAreRightInEachTarget) {
  for (const std::string& name : impls::simd_names()) {
    const ChildEnd end = in_a_child([&] {
      setenv("CONVCHECK_SIMD", name.c_str(), 1);
      return std::min(violations(), 255);
    });
    EXPECT_EQ(end, kReturnedZero) << name;
  }
}

}  // namespace
}  // namespace convcheck
