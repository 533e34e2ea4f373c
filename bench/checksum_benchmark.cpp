// What judging by checksum costs beside computing: each network of the corpus, layer by layer, on one thread.
//
// checksum/NETWORK is compare_by_checksum() of all layers. kernels_ms is the same layers computed, on the same data, by
// the fastest of the shipped kernels that serve each: it is chosen before, by a few runs, and its plan is made before,
// as a network does at load. ratio is the first over the second. Layer by layer the kernel runs, runs again for the
// clock, and is judged, so that both find in the caches what fits. Medians of repetitions: --benchmark_repetitions=5.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "bench/prepared_call.h"
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
      : call_(kernel, {.problem = problem, .fill = Fill::integers, .seed = kSeed}) {}

  /// False where this kernel could not prepare, or be judged by integers.
  [[nodiscard]] bool is_ready() const { return call_.is_ready(); }
  [[nodiscard]] bool run() const { return call_.run() == CONVCHECK_OK; }
  [[nodiscard]] bool holds(Comparison& comparison) const {
    compare_by_checksum(call_.g(), call_.accuracy(), call_.data(), call_.output(), kSeed + 1, comparison);
    return comparison.holds();
  }

 private:
  PreparedCall call_;
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

// All layers of a network.
struct Network {
  std::string path;
  std::vector<std::unique_ptr<Layer>> layers;
  std::string error;
};

Network prepare(const std::string& path) {
  const Corpus corpus = read_corpus(path);
  Network network = {.path = path, .layers = {}, .error = corpus.error};
  for (const CorpusEntry& entry : corpus.entries) {
    network.layers.push_back(fastest(entry.the_case.problem));
    if (network.layers.back() == nullptr) network.error = "no kernel serves " + entry.name;
  }
  if (corpus.entries.empty()) network.error = "no layers: " + corpus.error;
  return network;
}

void judge_network(benchmark::State& state, const Network& network) {
  if (!network.error.empty()) return state.SkipWithError(network.error.c_str());
  double of_kernels = 0;
  double of_checksum = 0;
  bool is_right = true;
  Comparison comparison;
  for (auto _ : state) {
    double seconds = 0;
    for (const auto& layer : network.layers) {
      is_right = layer->run() && is_right;
      of_kernels += seconds_of([&] { is_right = layer->run() && is_right; });
      seconds += seconds_of([&] { is_right = layer->holds(comparison) && is_right; });
    }
    of_checksum += seconds;
    state.SetIterationTime(seconds);
  }
  // Speed at judging nothing, or something wrong, is no speed.
  if (!is_right) state.SkipWithError("a layer was not judged to be right");
  state.counters["layers"] = static_cast<double>(network.layers.size());
  state.counters["kernels_ms"] = of_kernels * 1e3 / static_cast<double>(state.iterations());
  state.counters["ratio"] = of_checksum / of_kernels;
}

bool register_all() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(CONVCHECK_CORPUS_FOLDER "/networks")) {
    if (entry.path().extension() == ".cases") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  const auto prepared = std::make_shared<Network>();  // the one at hand: all together would take gigabytes
  for (const std::filesystem::path& path : paths) {
    const std::string name = "checksum/" + path.stem().string();
    const auto judge = [path = path.string(), prepared](benchmark::State& state) {
      if (prepared->path != path) *prepared = prepare(path);
      judge_network(state, *prepared);
    };
    benchmark::RegisterBenchmark(name.c_str(), judge)->Unit(benchmark::kMillisecond)->UseManualTime();
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
