// A kernel's call as a network makes it: planned once, run often.
#pragma once

#include "properties/subject.h"

namespace convcheck::bench {

/// A call after `prepare`, ready to be repeated, with data that the kernel can be judged by. `kernel` must outlive it.
class PreparedCall {
 public:
  PreparedCall(const convcheck_kernel& kernel, const Case& c)
      : kernel_(kernel), problem_(to_abi(c.problem)), g_(geometry(c.problem)), accuracy_(accuracy_of(kernel, g_)) {
    if (!fill(c, g_, accuracy_, data_).empty()) return;
    output_.reshape(c.problem, TensorRole::output);
    buffers_.weight = data_.weight.memory().data();
    buffers_.bias = data_.bias.empty() ? nullptr : data_.bias.memory().data();
    if (kernel_.prepare != nullptr && kernel_.prepare(&problem_, &buffers_, &buffers_.plan) != CONVCHECK_OK) return;
    is_ready_ = true;
    buffers_.input = data_.input.memory().data();
    buffers_.output = output_.memory().data();
    buffers_.workspace_bytes = kernel_.workspace_bytes == nullptr ? 0 : kernel_.workspace_bytes(&problem_);
    buffers_.workspace = workspace_.poisoned(buffers_.workspace_bytes);
  }
  PreparedCall(const PreparedCall&) = delete;
  PreparedCall& operator=(const PreparedCall&) = delete;
  ~PreparedCall() {
    if (is_ready_ && kernel_.prepare != nullptr && kernel_.release != nullptr) kernel_.release(buffers_.plan);
  }

  /// False where the kernel could not prepare, or be judged by that fill.
  [[nodiscard]] bool is_ready() const { return is_ready_; }
  [[nodiscard]] int32_t run() const { return kernel_.run(&problem_, &buffers_); }

  [[nodiscard]] const Geometry& g() const { return g_; }
  [[nodiscard]] Accuracy accuracy() const { return accuracy_; }
  [[nodiscard]] const Data& data() const { return data_; }
  [[nodiscard]] const Tensor& output() const { return output_; }

 private:
  const convcheck_kernel& kernel_;
  convcheck_problem problem_;
  Geometry g_;
  Accuracy accuracy_;
  Data data_;
  Tensor output_;
  Workspace workspace_;
  convcheck_buffers buffers_ = {};
  bool is_ready_ = false;
};

}  // namespace convcheck::bench
