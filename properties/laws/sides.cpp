#include "properties/laws/sides.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "properties/describe.h"
#include "reference/winograd.h"

namespace convcheck::judges {
namespace {

constexpr std::string_view kByTheKernel = ", both computed by the kernel itself";

// The elements on which two sides differ.
class Differences {
 public:
  Differences(const Geometry& g, Fill fill) : g_(g), enough_(fill == Fill::integers ? 65536 : 128) {}

  void count() { ++compared_; }
  // A Winograd bound takes every placement of every tile where it does not hold.
  [[nodiscard]] bool is_enough() const { return wrong_.size() >= enough_; }

  void add(int64_t index, double expected, double got) {
    if (wrong_.empty()) {
      finding_.index = describe_index(g_, index);
      finding_.expected = describe_value(expected);
      finding_.got = describe_value(got);
    }
    wrong_.push_back(index);
  }

  void add_bits(int64_t index, float expected, float got) {
    add(index, static_cast<double>(expected), static_cast<double>(got));
    if (wrong_.size() == 1 && finding_.expected == finding_.got) {  // two zeros, or two NaNs
      finding_.expected += fmt::format(", bits {:08x}", std::bit_cast<uint32_t>(expected));
      finding_.got += fmt::format(", bits {:08x}", std::bit_cast<uint32_t>(got));
    }
  }

  [[nodiscard]] Judgement judgement(std::string_view what, std::string_view computed) {
    if (compared_ == 0) return Judgement::not_applicable("the output has no element that can be compared");
    if (wrong_.empty()) return {};
    finding_.explanation = fmt::format("The kernel's output differs from {}{}: {}.", what, computed,
                                       describe_wrong(g_, wrong_, static_cast<int64_t>(wrong_.size()), compared_));
    if (finding_.expected == finding_.got) {
      finding_.explanation += " Both are NaN, which neither can be on these data.";
      finding_.expected = "a number";
    }
    return Judgement::violated(std::move(finding_));
  }

 private:
  const Geometry& g_;
  size_t enough_;
  int64_t compared_ = 0;
  std::vector<int64_t> wrong_;
  Finding finding_;
};

int64_t logical_index(const Geometry& g, const Place& at) {
  return ((at.n * g.out_channels() + at.k) * g.height.out + at.h) * g.width.out + at.w;
}

template <class Judge>
void for_each_place(const Geometry& g, Judge judge_place) {
  Place at{};
  for (at.n = 0; at.n < g.batch; ++at.n) {
    for (at.k = 0; at.k < g.out_channels(); ++at.k) {
      for (at.h = 0; at.h < g.height.out; ++at.h) {
        for (at.w = 0; at.w < g.width.out; ++at.w) judge_place(at);
      }
    }
  }
}

}  // namespace

Side::Side(Trial& trial)
    : g_(trial.expectation()->g),
      accuracy_(trial.accuracy()),
      fill_(trial.the_case().fill),
      data_(&trial.expectation()->data),
      output_(&trial.output()) {}

Side::Side(Trial& trial, const Run& run)
    : g_(geometry(run.problem)),
      accuracy_(accuracy_of(*trial.subject().kernel, g_)),
      fill_(trial.the_case().fill),
      data_(&run.data),
      output_(&run.output) {}

double Side::bias(int64_t k) const {
  return g_.has_bias ? static_cast<double>(data_->bias.view()(k)) : 0;
}

double Side::value(const Place& at) const {
  const auto value = static_cast<double>(output_->view()(at.n, at.k, at.h, at.w));
  return fill_ == Fill::integers && accuracy_.is_winograd() ? std::nearbyint(value) : value;
}

double Side::allowed(const Place& at, double enough) const {
  if (fill_ == Fill::integers) return 0;
  const Sum sum = convolve_at(g_, *data_, at.n, at.k, at.h, at.w);
  if (!accuracy_.is_winograd()) return summation_bound(sum);
  const WinogradBound& bound = WinogradBound::of(accuracy_.winograd_tile, static_cast<int>(g_.height.kernel));
  return bound.at(g_, *data_, {at.n, at.k, at.h, at.w}, sum, enough);
}

std::optional<Place> same_place(const Place& at) {
  return at;
}

Judgement compare(const Side& own, std::initializer_list<Side> others, std::string_view what,
                  const Counterpart& counterpart) {
  Differences differences(own.g(), own.fill());
  const auto biases_too_many = static_cast<double>(others.size()) - 1;
  for_each_place(own.g(), [&](const Place& at) {
    const std::optional<Place> there = counterpart(at);
    if (!there || differences.is_enough()) return;
    differences.count();
    const double got = own.value(at);
    double want = -biases_too_many * own.bias(at.k);
    for (const Side& other : others) want += other.value(*there);
    if (std::isfinite(got) && got == want) return;
    const double error = std::abs(got - want);
    double most = own.allowed(at, error);
    for (const Side& other : others) most += other.allowed(*there, error);
    if (std::isfinite(error) && error <= most) return;
    differences.add(logical_index(own.g(), at), want, got);
  });
  return differences.judgement(what, kByTheKernel);
}

Judgement compare_with_known(const Side& own, std::string_view what,
                             const std::function<double(const Place& at)>& known) {
  Differences differences(own.g(), own.fill());
  for_each_place(own.g(), [&](const Place& at) {
    if (differences.is_enough()) return;
    differences.count();
    const double got = own.value(at);
    const double want = known(at);
    if (std::isfinite(got) && got == want) return;
    const double error = std::abs(got - want);
    if (std::isfinite(error) && error <= own.allowed(at, error)) return;
    differences.add(logical_index(own.g(), at), want, got);
  });
  return differences.judgement(what, {});
}

Judgement compare_runs(Trial& trial, std::string_view what, const Tensor& other) {
  const Side own(trial);
  Differences differences(own.g(), own.fill());
  const bool is_rounded = trial.the_case().fill == Fill::integers && trial.accuracy().is_winograd();
  for_each_place(own.g(), [&](const Place& at) {
    if (differences.is_enough()) return;
    differences.count();
    const double got = own.value(at);
    const auto there = static_cast<double>(other.view()(at.n, at.k, at.h, at.w));
    const double want = is_rounded ? std::nearbyint(there) : there;
    if (std::isfinite(got) && got == want) return;
    const double error = std::abs(got - want);
    if (std::isfinite(error) && error <= 2 * own.allowed(at, error)) return;
    differences.add(logical_index(own.g(), at), want, got);
  });
  return differences.judgement(what, kByTheKernel);
}

Judgement compare_bits(const Geometry& g, std::string_view what, int64_t count,
                       const std::function<float(int64_t i)>& own, const std::function<float(int64_t i)>& other,
                       const std::function<int64_t(int64_t i)>& index) {
  Differences differences(g, Fill::reals);
  for (int64_t i = 0; i < count && !differences.is_enough(); ++i) {
    differences.count();
    const float got = own(i);
    const float want = other(i);
    const bool is_same = std::bit_cast<uint32_t>(got) == std::bit_cast<uint32_t>(want);
    if (!is_same || std::isnan(got)) differences.add_bits(index(i), want, got);
  }
  return differences.judgement(what, kByTheKernel);
}

}  // namespace convcheck::judges
