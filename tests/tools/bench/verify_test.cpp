#include "tools/convcheck/bench/verify.h"

#include <gtest/gtest.h>

#include "impls/mutants.h"
#include "impls/shipped.h"
#include "properties/trial.h"
#include "tests/tools/bench/reports.h"

namespace convcheck::bench {
namespace {

// Stands in where only kernels take part.
class NoModule final : public Module {
 public:
  [[nodiscard]] std::string onednn_version() const override { return {}; }
  [[nodiscard]] Entry onednn(const Geometry& /*g*/, const Operands& /*o*/, Form /*form*/) const override { return {}; }
  [[nodiscard]] Peak peak(int /*threads*/) const override { return {}; }
  [[nodiscard]] std::vector<std::vector<double>> time_rounds(std::span<Contender* const> /*contenders*/,
                                                             const RoundOptions& /*options*/) const override {
    return {};
  }
};

Entrant entrant(decltype(convcheck_shipped_kernels)* kernels, const std::string& name) {
  size_t count = 0;
  const convcheck_kernel* const* const all = kernels(CONVCHECK_ABI_VERSION, &count);
  for (size_t i = 0; i < count; ++i) {
    if (name == all[i]->name) return {.name = name, .kernel = all[i]};
  }
  ADD_FAILURE() << "no kernel " << name;
  return {};
}

// Of so few products that all outputs are compared.
const Problem kSmall = problem("input=1x8x13x13 weight=8x8x3x3 padding=1 bias=8");
// Of so many that only a sample of the 1.6 million outputs is, among which the last column's 1 in 224 hardly matter.
const Problem kLarge = problem("input=1x8x224x224 weight=32x8x3x3 padding=1");

std::string verified(const Entrant& entrant, const Problem& problem) {
  const NoModule module;
  Expectation expected;
  EXPECT_EQ(expect({.problem = problem, .fill = Fill::reals, .seed = 1}, {}, expected), "");
  const Material material(expected.data);
  const Entry entry = enter(entrant, problem, material, module);
  if (entry.contender == nullptr) return entry.why_not;
  return verify(*entry.contender, problem, entrant.accuracy(expected.g), expected);
}

TEST(Verify, AcceptsTheShippedKernels) {
  for (const char* name : {"direct", "im2col", "winograd2x2", "winograd4x4", "folded"}) {
    EXPECT_EQ(verified(entrant(convcheck_shipped_kernels, name), kSmall), "") << name;
    EXPECT_EQ(verify_by_checksum(entrant(convcheck_shipped_kernels, name), kLarge, NoModule()), "") << name;
  }
}

TEST(Verify, RefusesWrongAndUnwrittenOutputs) {
  for (const char* name : {"kernel_flipped", "last_column_unwritten"}) {
    const Entrant mutant = entrant(convcheck_mutant_kernels, name);
    EXPECT_NE(verified(mutant, kSmall).find("of 1352 outputs compared are wrong, the first at n=0 k=0 h=0 w="),
              std::string::npos)
        << name << ": " << verified(mutant, kSmall);
    EXPECT_NE(verify_by_checksum(mutant, kLarge, NoModule()).find("outputs compared are wrong"), std::string::npos)
        << name;
  }
}

TEST(Enter, SaysWhyAKernelDoesNotTakePart) {
  EXPECT_EQ(verified(entrant(convcheck_shipped_kernels, "winograd2x2"), problem("input=1x8x9x9 weight=8x8x1x1")),
            "the kernel does not serve this problem");
}

}  // namespace
}  // namespace convcheck::bench
