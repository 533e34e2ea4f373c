// What judging by checksum costs beside computing: each network of the corpus, layer by layer, on one thread.
//
// checksum/NETWORK is one pass of compare_by_checksum() over all layers, whose inputs, weights and outputs are there.
// kernels_ms is a pass over the same layers, on the same data, by the fastest of the shipped kernels that serve each
// (it is chosen before, by a few runs; its plan is made before, as a network does at load). ratio is the first over the
// second. Both passes take turns, so that what else the machine does meets both. With --benchmark_repetitions the
// medians are of the repetitions' means.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "impls/shipped.h"
#include "properties/corpus.h"
#include "properties/subject.h"
#include "reference/checksum.h"

namespace convcheck::bench {
namespace {

constexpr uint64_t kSeed = 1;
constexpr int kTrialRuns = 3;

// Of this thread on a processor: other work on the machine disturbs that little.
double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double seconds_of(const auto& work) {
  const double start = thread_seconds();
  work();
  return thread_seconds() - start;
}

// A layer with data that its kernel can be judged by, and that kernel's plan.
class Layer {
 public:
  Layer(const Problem& problem, const convcheck_kernel& kernel)
      : kernel_(kernel), problem_(to_abi(problem)), g_(geometry(problem)), accuracy_(accuracy_of(kernel, g_)) {
    const Case c = {.problem = problem, .fill = Fill::integers, .seed = kSeed};
    if (!fill(c, g_, accuracy_, data_).empty()) return;
    output_.reshape(problem, TensorRole::output);
    buffers_.weight = data_.weight.memory().data();
    buffers_.bias = data_.bias.empty() ? nullptr : data_.bias.memory().data();
    if (kernel_.prepare != nullptr && kernel_.prepare(&problem_, &buffers_, &buffers_.plan) != CONVCHECK_OK) return;
    is_ready_ = true;
    buffers_.input = data_.input.memory().data();
    buffers_.output = output_.memory().data();
    buffers_.workspace_bytes = kernel_.workspace_bytes == nullptr ? 0 : kernel_.workspace_bytes(&problem_);
    buffers_.workspace = workspace_.poisoned(buffers_.workspace_bytes);
  }
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;
  ~Layer() {
    if (is_ready_ && kernel_.prepare != nullptr && kernel_.release != nullptr) kernel_.release(buffers_.plan);
  }

  /// False where this kernel could not prepare, or be judged by integers.
  [[nodiscard]] bool is_ready() const { return is_ready_; }
  [[nodiscard]] bool run() const { return kernel_.run(&problem_, &buffers_) == CONVCHECK_OK; }
  [[nodiscard]] bool holds(Comparison& comparison) const {
    compare_by_checksum(g_, accuracy_, data_, output_, kSeed + 1, comparison);
    return comparison.holds();
  }

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

// The layer with the fastest of the shipped kernels; null where none serves it.
std::unique_ptr<Layer> fastest(const Problem& problem) {
  size_t count = 0;
  const convcheck_kernel* const* const kernels = convcheck_shipped_kernels(CONVCHECK_ABI_VERSION, &count);
  const convcheck_problem abi = to_abi(problem);
  std::unique_ptr<Layer> best;
  double least = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < count; ++i) {
    if (kernels[i]->supports != nullptr && kernels[i]->supports(&abi) != CONVCHECK_OK) continue;
    auto layer = std::make_unique<Layer>(problem, *kernels[i]);
    if (!layer->is_ready()) continue;
    double seconds = std::numeric_limits<double>::infinity();
    for (int run = 0; run < kTrialRuns; ++run) {
      seconds = std::min(seconds, seconds_of([&] { benchmark::DoNotOptimize(layer->run()); }));
    }
    if (seconds >= least) continue;
    least = seconds;
    best = std::move(layer);
  }
  return best;
}

void judge_network(benchmark::State& state, const std::string& path) {
  const Corpus network = read_corpus(path);
  std::vector<std::unique_ptr<Layer>> layers;
  for (const CorpusEntry& entry : network.entries) {
    layers.push_back(fastest(entry.the_case.problem));
    if (layers.back() == nullptr) return state.SkipWithError(("no kernel serves " + entry.name).c_str());
  }
  if (layers.empty()) return state.SkipWithError(("no layers: " + network.error).c_str());
  double of_kernels = 0;
  double of_checksum = 0;
  bool is_right = true;
  Comparison comparison;
  for (auto _ : state) {
    of_kernels += seconds_of([&] {
      for (const auto& layer : layers) is_right = layer->run() && is_right;
    });
    const double seconds = seconds_of([&] {
      for (const auto& layer : layers) is_right = layer->holds(comparison) && is_right;
    });
    of_checksum += seconds;
    state.SetIterationTime(seconds);
  }
  // Speed at judging nothing, or something wrong, is no speed.
  if (!is_right) state.SkipWithError("a layer was not judged to be right");
  state.counters["layers"] = static_cast<double>(layers.size());
  state.counters["kernels_ms"] = of_kernels * 1e3 / static_cast<double>(state.iterations());
  state.counters["ratio"] = of_checksum / of_kernels;
}

bool register_all() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(CONVCHECK_CORPUS_FOLDER "/networks")) {
    if (entry.path().extension() == ".cases") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::filesystem::path& path : paths) {
    const std::string name = "checksum/" + path.stem().string();
    benchmark::RegisterBenchmark(name.c_str(),
                                 [path = path.string()](benchmark::State& state) { judge_network(state, path); })
        ->Unit(benchmark::kMillisecond)
        ->UseManualTime();
  }
  return !paths.empty();
}

}  // namespace
}  // namespace convcheck::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  if (!convcheck::bench::register_all()) return 3;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
