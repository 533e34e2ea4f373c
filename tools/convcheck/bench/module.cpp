// The library's own side of module.h.
#include "tools/convcheck/bench/module.h"

#include "tools/convcheck/bench/onednn.h"
#include "tools/convcheck/bench/peak.h"
#include "tools/convcheck/bench/rounds.h"

namespace convcheck::bench {
namespace {

class LoadedModule final : public Module {
 public:
  [[nodiscard]] std::string onednn_version() const override { return bench::onednn_version(); }
  [[nodiscard]] Entry onednn(const Geometry& g, const Operands& operands, Form form) const override {
    return make_onednn(g, operands, form);
  }
  [[nodiscard]] Peak peak(int threads) const override { return make_peak(threads); }
  [[nodiscard]] std::vector<std::vector<double>> time_rounds(std::span<Contender* const> contenders,
                                                             const RoundOptions& options) const override {
    return bench::time_rounds(contenders, options);
  }
};

}  // namespace
}  // namespace convcheck::bench

extern "C" __attribute__((visibility("default"))) const convcheck::bench::Module* convcheck_bench_module() {
  static const convcheck::bench::LoadedModule kModule;
  return &kModule;
}
