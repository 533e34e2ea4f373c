#include "properties/laws/entries.h"

namespace convcheck::judges {
namespace {

template <class Call>
CallResult caught(CallWatch* watch, Stage stage, Call call) {
  const WatchedCall watched(watch);
  try {
    return {call(), stage};
  } catch (...) {
    return {.stage = stage, .threw = true};
  }
}

// The header's buffers are not const; kernels only read what the direction reads.
void* address_of(const Tensor& tensor) {
  return tensor.empty() ? nullptr : const_cast<float*>(tensor.memory().data());
}

}  // namespace

Entries::Entries(const Subject& subject) : kernel_(*subject.kernel), watch_(subject.watch) {
  if (subject.serial != nullptr) alone_ = std::unique_lock(*subject.serial);
}

CallResult Entries::supports(const convcheck_problem& problem) const {
  return caught(watch_, Stage::supports, [&] { return kernel_.supports(&problem); });
}

CallResult Entries::prepare(const convcheck_problem& problem, const convcheck_buffers& buffers, void*& plan) const {
  return caught(watch_, Stage::prepare, [&] { return kernel_.prepare(&problem, &buffers, &plan); });
}

CallResult Entries::run(const convcheck_problem& problem, const convcheck_buffers& buffers) const {
  return caught(watch_, Stage::run, [&] { return kernel_.run(&problem, &buffers); });
}

size_t Entries::workspace_bytes(const convcheck_problem& problem, bool& threw) const {
  size_t bytes = 0;
  if (kernel_.workspace_bytes == nullptr) return bytes;
  threw = caught(watch_, Stage::workspace, [&] {
            bytes = kernel_.workspace_bytes(&problem);
            return int32_t{CONVCHECK_OK};
          }).threw;
  return bytes;
}

bool Entries::release(void* plan) const {
  if (kernel_.release == nullptr) return true;
  return caught(watch_, Stage::run,
                [&] {
                  kernel_.release(plan);
                  return int32_t{CONVCHECK_OK};
                })
      .ok();
}

CallResult Entries::call(const convcheck_problem& problem, convcheck_buffers buffers, Workspace& workspace) const {
  bool threw = false;
  const size_t bytes = workspace_bytes(problem, threw);
  if (threw) return {.stage = Stage::workspace, .threw = true};
  void* const scratch = workspace.poisoned(bytes);
  if (bytes != 0 && scratch == nullptr) return {CONVCHECK_FAILED, Stage::workspace};
  if (kernel_.prepare != nullptr) {
    if (const CallResult prepared = prepare(problem, seen_by_prepare(buffers), buffers.plan); !prepared.ok())
      return prepared;
  }
  buffers.workspace = scratch;
  buffers.workspace_bytes = bytes;
  const CallResult result = run(problem, buffers);
  if (kernel_.prepare != nullptr) release(buffers.plan);
  return result;
}

convcheck_buffers buffers_of(const Data& data, Tensor& output) {
  convcheck_buffers buffers = {};
  buffers.input = address_of(data.input);
  buffers.weight = address_of(data.weight);
  buffers.bias = address_of(data.bias);
  buffers.output = address_of(output);
  return buffers;
}

convcheck_buffers seen_by_prepare(const convcheck_buffers& buffers) {
  convcheck_buffers seen = {};
  seen.weight = buffers.weight;
  seen.bias = buffers.bias;
  return seen;
}

bool is_refusal(const CallResult& result) {
  return !result.threw && (result.status == CONVCHECK_REJECTED || result.status == CONVCHECK_UNSUPPORTED);
}

}  // namespace convcheck::judges
