// Laws about conduct: what a call does beside computing.
#include "properties/describe.h"
#include "properties/laws/laws.h"
#include "properties/laws/runs.h"

namespace convcheck::judges {

Judgement writes_every_output_element(Trial& trial) {
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Tensor& output = trial.output();
  std::vector<int64_t> unwritten;
  for (int64_t index = 0; index < output.elements(); ++index) {
    if (is_poison(output.memory()[static_cast<size_t>(output.offset(index))])) unwritten.push_back(index);
  }
  if (unwritten.empty()) return {};
  const Geometry& g = trial.expectation()->g;
  return Judgement::violated(
      {.index = describe_index(g, unwritten.front()),
       .expected = "a value",
       .got = "not written",
       .explanation = "The call answered OK and left output elements as they were: " +
                      describe_wrong(g, unwritten, static_cast<int64_t>(unwritten.size()), output.elements()) + "."});
}

}  // namespace convcheck::judges
