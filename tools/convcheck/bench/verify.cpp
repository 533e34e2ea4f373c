#include "tools/convcheck/bench/verify.h"

#include <fmt/format.h>

#include "properties/describe.h"
#include "reference/checksum.h"

namespace convcheck::bench {
namespace {

constexpr uint64_t kChecksumSeed = 2;

std::string run_into(Contender& contender, const Problem& problem, Tensor& output) {
  output.reshape(problem, TensorRole::output);
  poison(output);
  if (!contender.run()) return "a run did not answer OK";
  return contender.fetch(output.memory().data()) ? "" : "its output could not be read";
}

std::string fault_of(const Geometry& g, const Comparison& comparison) {
  if (comparison.holds()) return {};
  const Deviation& first = *comparison.first;
  return fmt::format("{} of {} outputs compared are wrong, the first at {}: expected {}, got {}", comparison.wrong,
                     comparison.compared, describe_index(g, first.index), describe_value(first.expected),
                     describe_value(static_cast<double>(first.got)));
}

}  // namespace

std::string verify(Contender& contender, const Problem& problem, Accuracy accuracy, Expectation& expected) {
  Tensor output;
  if (std::string fault = run_into(contender, problem, output); !fault.empty()) return fault;
  Comparison comparison;
  expected.accuracy = accuracy;
  compare_within_bound(expected, output, comparison);
  return fault_of(expected.g, comparison);
}

std::string verify_by_checksum(const Entrant& entrant, const Problem& problem, const Module& module) {
  const Geometry g = geometry(problem);
  const Accuracy accuracy = entrant.accuracy(g);
  Data data;
  if (!fill({.problem = problem, .fill = Fill::integers, .seed = 1}, g, accuracy, data).empty()) return {};
  const Material material(data);
  const Entry entry = enter(entrant, problem, material, module);
  if (entry.contender == nullptr) return entry.why_not;
  Tensor output;
  if (std::string fault = run_into(*entry.contender, problem, output); !fault.empty()) return fault;
  Comparison comparison;
  compare_by_checksum(g, accuracy, data, output, kChecksumSeed, comparison);
  return fault_of(g, comparison);
}

}  // namespace convcheck::bench
