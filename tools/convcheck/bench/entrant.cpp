#include "tools/convcheck/bench/entrant.h"

#include <algorithm>
#include <limits>
#include <new>

namespace convcheck::bench {
namespace {

class KernelContender final : public Contender {
 public:
  KernelContender(const convcheck_kernel& kernel, const Problem& problem, const Operands& operands)
      : kernel_(kernel),
        problem_(to_abi(problem)),
        outputs_(static_cast<size_t>(geometry(problem).output_elements())),
        output_(outputs_) {
    // Kernels only read these.
    buffers_.weight = const_cast<float*>(operands.weight);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    buffers_.bias = const_cast<float*>(operands.bias);      // NOLINT(cppcoreguidelines-pro-type-const-cast)
    status_ = kernel.supports == nullptr ? CONVCHECK_OK : kernel.supports(&problem_);
    if (status_ != CONVCHECK_OK) return;
    if (kernel.prepare != nullptr) status_ = kernel.prepare(&problem_, &buffers_, &buffers_.plan);
    has_plan_ = kernel.prepare != nullptr && status_ == CONVCHECK_OK;
    buffers_.input = const_cast<float*>(operands.input);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    buffers_.output = output_.data();
    buffers_.workspace_bytes = kernel.workspace_bytes == nullptr ? 0 : kernel.workspace_bytes(&problem_);
    buffers_.workspace = workspace_.poisoned(buffers_.workspace_bytes);
    std::fill_n(output_.data(), outputs_, std::numeric_limits<float>::quiet_NaN());
  }
  KernelContender(const KernelContender&) = delete;
  KernelContender& operator=(const KernelContender&) = delete;
  ~KernelContender() override {
    if (has_plan_ && kernel_.release != nullptr) kernel_.release(buffers_.plan);
  }

  /// What `supports` or `prepare` answered.
  [[nodiscard]] int32_t status() const { return status_; }

  bool run() override { return kernel_.run(&problem_, &buffers_) == CONVCHECK_OK; }
  bool fetch(float* output) override {
    std::copy_n(output_.data(), outputs_, output);
    return true;
  }

 private:
  const convcheck_kernel& kernel_;
  convcheck_problem problem_;
  size_t outputs_;
  AlignedFloats output_;
  Workspace workspace_;
  convcheck_buffers buffers_ = {};
  int32_t status_ = CONVCHECK_OK;
  bool has_plan_ = false;
};

}  // namespace

AlignedFloats::AlignedFloats(size_t count) {
  if (count == 0) return;
  constexpr size_t kLine = 64;
  const size_t bytes = (count * sizeof(float) + kLine - 1) / kLine * kLine;
  values_.reset(static_cast<float*>(std::aligned_alloc(kLine, bytes)));
  if (values_ == nullptr) throw std::bad_alloc();
}

AlignedFloats::AlignedFloats(std::span<const float> values) : AlignedFloats(values.size()) {
  std::copy(values.begin(), values.end(), values_.get());
}

Material::Material(const Data& data)
    : input(std::span(data.input.memory())),
      weight(std::span(data.weight.memory())),
      bias(data.bias.empty() ? AlignedFloats() : AlignedFloats(std::span(data.bias.memory()))) {}

Entry enter(const Entrant& entrant, const Problem& problem, const Material& material, const Module& module) {
  if (entrant.kernel == nullptr) return module.onednn(geometry(problem), material.operands(), entrant.form);
  auto contender = std::make_unique<KernelContender>(*entrant.kernel, problem, material.operands());
  switch (contender->status()) {
    case CONVCHECK_OK:
      return {.contender = std::move(contender), .why_not = {}};
    case CONVCHECK_UNSUPPORTED:
      return {.contender = nullptr, .why_not = "the kernel does not serve this problem"};
    case CONVCHECK_REJECTED:
      return {.contender = nullptr, .why_not = "the kernel says that this problem is invalid"};
    default:
      return {.contender = nullptr, .why_not = "the kernel could not make its plan"};
  }
}

}  // namespace convcheck::bench
