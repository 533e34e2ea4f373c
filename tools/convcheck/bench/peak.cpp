#include "tools/convcheck/bench/peak.h"

#include <array>
#include <thread>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tools/convcheck/bench/peak.cpp"  // NOLINT(cppcoreguidelines-macro-usage)
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace convcheck::bench::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Two multiply-adds may start in a cycle and each takes four or five: ten chains keep them busy, and twelve with their
// two constants still fit the sixteen registers of AVX2.
constexpr int64_t kChains = 12;

// Each chain goes towards 1, so that no value is subnormal or infinite, which some machines take longer for. Returns
// the operations done; `sink` takes the result, without which the compiler would leave them out.
double multiply_and_add(int64_t steps, float* sink) {
  const hn::ScalableTag<float> d;
  const auto half = hn::Set(d, 0.5F);
  // All different: of equal chains a compiler keeps one.
  auto a = hn::Set(d, 2.F), b = hn::Set(d, 3.F), c = hn::Set(d, 4.F), e = hn::Set(d, 5.F), f = hn::Set(d, 6.F);
  auto g = hn::Set(d, 7.F), h = hn::Set(d, 8.F), i = hn::Set(d, 9.F), j = hn::Set(d, 10.F), k = hn::Set(d, 11.F);
  auto l = hn::Set(d, 12.F), m = hn::Set(d, 13.F);
  for (int64_t step = 0; step < steps; ++step) {
    a = hn::MulAdd(a, half, half);
    b = hn::MulAdd(b, half, half);
    c = hn::MulAdd(c, half, half);
    e = hn::MulAdd(e, half, half);
    f = hn::MulAdd(f, half, half);
    g = hn::MulAdd(g, half, half);
    h = hn::MulAdd(h, half, half);
    i = hn::MulAdd(i, half, half);
    j = hn::MulAdd(j, half, half);
    k = hn::MulAdd(k, half, half);
    l = hn::MulAdd(l, half, half);
    m = hn::MulAdd(m, half, half);
  }
  const auto sum = hn::Add(hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, e)), hn::Add(hn::Add(f, g), hn::Add(h, i))),
                           hn::Add(hn::Add(j, k), hn::Add(l, m)));
  *sink = hn::GetLane(hn::SumOfLanes(d, sum));
  return 2.0 * static_cast<double>(steps * kChains) * static_cast<double>(hn::Lanes(d));
}

}  // namespace
}  // namespace convcheck::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convcheck::bench {
namespace {

HWY_EXPORT(multiply_and_add);

constexpr int64_t kSteps = int64_t{1} << 20;  // a millisecond and more: starting threads takes no noticeable part of it

class PeakContender final : public Contender {
 public:
  explicit PeakContender(int threads) : sinks_(static_cast<size_t>(threads)) {}

  bool run() override {
    std::vector<std::jthread> others;
    for (size_t i = 1; i < sinks_.size(); ++i) {
      others.emplace_back([this, i] { HWY_DYNAMIC_DISPATCH(multiply_and_add)(kSteps, &sinks_[i].value); });
    }
    HWY_DYNAMIC_DISPATCH(multiply_and_add)(kSteps, &sinks_[0].value);
    return true;
  }
  bool fetch(float* /*output*/) override { return false; }

 private:
  struct alignas(64) Sink {
    float value = 0;
  };
  std::vector<Sink> sinks_;
};

}  // namespace

Peak make_peak(int threads) {
  float sink = 0;
  const double flops_of_step = HWY_DYNAMIC_DISPATCH(multiply_and_add)(1, &sink);
  return {.contender = std::make_unique<PeakContender>(threads),
          .flops = flops_of_step * static_cast<double>(kSteps) * threads};
}

}  // namespace convcheck::bench
#endif
