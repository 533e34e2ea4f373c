#include "tools/convcheck/bench/rounds.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace convcheck::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Runs until so much time is over, once at least. Returns the seconds of a run; NaN where one failed.
double run_for(Contender& contender, double seconds) {
  const auto start = Clock::now();
  int64_t runs = 0;
  do {
    if (!contender.run()) return std::numeric_limits<double>::quiet_NaN();
    ++runs;
  } while (seconds_since(start) < seconds);
  return seconds_since(start) / static_cast<double>(runs);
}

// As many runs as make a share of a round; how many is settled before, so that every round is alike.
benchmark::IterationCount runs_in_a_share(Contender& contender, double seconds) {
  const double first = run_for(contender, 0);
  const double of_a_run = first > seconds ? first : run_for(contender, seconds);
  if (!(of_a_run > 0)) return 1;
  return std::max<benchmark::IterationCount>(1, std::llround(seconds / of_a_run));
}

// Puts what Google Benchmark measured where it belongs, and prints nothing.
class Collector final : public benchmark::BenchmarkReporter {
 public:
  explicit Collector(std::vector<std::vector<double>>& seconds) : seconds_(seconds) {}

  bool ReportContext(const Context& /*context*/) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const size_t contender = std::stoul(run.run_name.function_name);
      const bool is_good = !run.error_occurred && run.iterations > 0;
      seconds_[contender].push_back(is_good ? run.real_accumulated_time / static_cast<double>(run.iterations)
                                            : std::numeric_limits<double>::quiet_NaN());
    }
  }

 private:
  std::vector<std::vector<double>>& seconds_;
};

void time_share(benchmark::State& state, Contender& contender, double warm_up_s) {
  bool is_good = !std::isnan(run_for(contender, warm_up_s));
  for (auto _ : state) {
    is_good = contender.run() && is_good;
    benchmark::ClobberMemory();
  }
  if (!is_good) state.SkipWithError("a run failed");
}

}  // namespace

std::vector<std::vector<double>> time_rounds(std::span<Contender* const> contenders, const RoundOptions& options) {
  std::vector<std::vector<double>> seconds(contenders.size());
  std::vector<benchmark::IterationCount> runs;
  for (Contender* const contender : contenders) runs.push_back(runs_in_a_share(*contender, options.seconds));
  Collector collector(seconds);
  for (int round = 0; round < options.rounds; ++round) {
    if (options.stop != nullptr && options.stop->load()) break;
    benchmark::ClearRegisteredBenchmarks();
    for (size_t i = 0; i < contenders.size(); ++i) {
      const size_t at = (i + static_cast<size_t>(round)) % contenders.size();
      const auto work = [contender = contenders[at], warm_up_s = options.warm_up_s](benchmark::State& state) {
        time_share(state, *contender, warm_up_s);
      };
      benchmark::RegisterBenchmark(std::to_string(at).c_str(), work)->Iterations(runs[at])->UseRealTime();
    }
    benchmark::RunSpecifiedBenchmarks(&collector, ".");
  }
  benchmark::ClearRegisteredBenchmarks();
  return seconds;
}

}  // namespace convcheck::bench
