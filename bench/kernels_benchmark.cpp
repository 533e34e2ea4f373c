// How fast the shipped kernels are on one thread, on layers of networks that people run.
//
// Names are kernels/KERNEL/NETWORK/LAYER, for the layers that a kernel serves; GMAC is a rate, 10^9 multiply-adds a
// second. It counts one multiply-add for each product of the naive loops, those
// on padding included, whatever the algorithm saves: kernels compare by the time they take. The plan is made once,
// before the clock starts, as a network does at load.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <memory>
#include <string>

#include "bench/prepared_call.h"
#include "impls/shipped.h"
#include "properties/corpus.h"
#include "properties/trial.h"

namespace convcheck::bench {
namespace {

struct Layer {
  const char* network;
  const char* name;
};

// One of each kind: a wide first layer, 3x3 at four depths, stride 2, 1x1, depthwise, grouped.
constexpr Layer kLayers[] = {
    {"resnet50", "conv1"},
    {"resnet50", "layer1.0.conv2"},
    {"resnet50", "layer2.0.conv2"},
    {"resnet50", "layer3.1.conv1"},
    {"resnet50", "layer4.1.conv2"},
    {"vgg16", "conv1_2"},
    {"vgg16", "conv3_2"},
    {"vgg16", "conv5_3"},
    {"mobilenet_v1", "conv_dw_2"},
    {"mobilenet_v1", "conv_dw_7"},
    {"resnext50_32x4d", "layer1.1.conv2"},
    {"resnext50_32x4d", "layer3.2.conv2"},
};

void time_layer(benchmark::State& state, const convcheck_kernel& kernel, const Problem& problem) {
  const PreparedCall call(kernel, {.problem = problem, .fill = Fill::reals, .seed = 1});
  if (!call.is_ready()) {
    state.SkipWithError("the kernel could not prepare this layer");
    return;
  }
  for (auto _ : state) {
    if (call.run() != CONVCHECK_OK) state.SkipWithError("the kernel did not answer OK");
    benchmark::ClobberMemory();
  }
  const auto multiplies = static_cast<double>(multiply_count(problem));
  state.counters["GMAC"] =
      benchmark::Counter(multiplies * 1e-9, benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
}

// One line for stderr where the corpus has no such layer; else the problem.
const Problem* find_layer(const Corpus& network, const Layer& layer) {
  for (const CorpusEntry& entry : network.entries) {
    if (entry.name == layer.name) return &entry.the_case.problem;
  }
  std::fprintf(stderr, "kernels_benchmark: %s/networks/%s.cases has no layer %s%s%s\n", CONVCHECK_CORPUS_FOLDER,
               layer.network, layer.name, network.error.empty() ? "" : ": ", network.error.c_str());
  return nullptr;
}

bool register_all() {
  size_t count = 0;
  const convcheck_kernel* const* const kernels = convcheck_shipped_kernels(CONVCHECK_ABI_VERSION, &count);
  for (const Layer& layer : kLayers) {
    const Corpus network = read_corpus(std::string(CONVCHECK_CORPUS_FOLDER "/networks/") + layer.network + ".cases");
    const Problem* const problem = find_layer(network, layer);
    if (problem == nullptr) return false;
    const convcheck_problem abi = to_abi(*problem);
    for (size_t i = 0; i < count; ++i) {
      if (kernels[i]->supports != nullptr && kernels[i]->supports(&abi) != CONVCHECK_OK) continue;
      const std::string name = std::string("kernels/") + kernels[i]->name + "/" + layer.network + "/" + layer.name;
      benchmark::RegisterBenchmark(name.c_str(), [kernel = kernels[i], problem = *problem](benchmark::State& state) {
        time_layer(state, *kernel, problem);
      })->Unit(benchmark::kMillisecond);
    }
  }
  return count > 0;
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
