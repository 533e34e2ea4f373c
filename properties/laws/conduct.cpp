// Laws about conduct: what a call does beside computing.
#include <algorithm>

#include "properties/describe.h"
#include "properties/laws/laws.h"
#include "properties/laws/placed.h"
#include "properties/laws/sides.h"

namespace convcheck::judges {
namespace {

// The case's tensors at other addresses, equal modulo 64 bytes to those of its own call, with room for those of a
// second problem.
class Copies {
 public:
  Copies(const Data& data, const Tensor& output, const CallMemory& at, const Problem& second)
      : input_(data.input, at.input, second, TensorRole::input),
        weight_(data.weight, at.weight, second, TensorRole::weight),
        bias_(data.bias, at.bias, second, TensorRole::bias),
        output_(output, at.output, second, TensorRole::output) {}

  void write(const Data& data) const {
    input_.write(data.input);
    weight_.write(data.weight);
    bias_.write(data.bias);
  }
  // With garbage that is finite: what adds to it, or leaves it, differs from what met a NaN.
  void poison_output() const { output_.fill(-12345.0F); }
  [[nodiscard]] const float* output() const { return output_.at; }
  [[nodiscard]] CallMemory memory(bool has_bias) const {
    return {.input = input_.at, .weight = weight_.at, .bias = has_bias ? bias_.at : nullptr, .output = output_.at};
  }

 private:
  struct Copy {
    Copy(const Tensor& like, const float* place, const Problem& second, TensorRole role)
        : count(std::max(static_cast<int64_t>(like.memory().size()), Tensor(second, role).elements())),
          memory(count, residue_of(place)),
          at(memory.data()) {}
    void write(const Tensor& tensor) const { std::copy(tensor.memory().begin(), tensor.memory().end(), at); }
    void fill(float value) const { std::fill_n(at, count, value); }

    int64_t count;
    Placed memory;
    float* at;
  };

  Copy input_, weight_, bias_, output_;
};

// The case's problem with a larger image, contiguous: what a kernel keeps of it must not be taken for the case's.
Problem larger_image(const Trial& trial) {
  Problem problem = contiguous(trial.problem());
  problem.input[2] += 1;
  problem.input[3] += 2;
  return problem;
}

}  // namespace

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

// What ends the process, or never ends, is seen from outside by whoever watches over the process: here it did not
// happen.
Judgement ends_in_time(Trial& trial) {
  if (const auto stop = unless_ok(trial.result())) return *stop;
  return {};
}

Judgement stays_within_memory(Trial& trial) {
  const CallResult& result = trial.result();
  if (result.threw || result.status != CONVCHECK_FAILED) {
    if (const auto stop = unless_ok(result)) return *stop;
    return {};
  }
  return Judgement::violated({.index = {},
                              .expected = "OK, with the memory that there is",
                              .got = describe(result),
                              .explanation =
                                  "A resource ran out, of which there is enough for the problem. In a sandbox "
                                  "a kernel has 4 GiB of private memory; --memory-limit sets another limit."});
}

// Seen where a library is loaded, which is before there is a trial.
Judgement loads_quietly(Trial& /*trial*/) {
  return Judgement::not_applicable("seen when a library is loaded into a process of its own");
}

// A call that ends the process is seen from outside as well.
Judgement returns_from_every_call(Trial& trial) {
  const CallResult& result = trial.result();
  if (!result.threw) {
    if (const auto stop = unless_ok(result)) return *stop;
    return {};
  }
  return Judgement::violated({.index = {},
                              .expected = "a status",
                              .got = describe(result),
                              .explanation = "An exception left the kernel through the ABI, which is one of C: callers "
                                             "in other languages die of it."});
}

// Twice the same, and between them the same addresses hold another problem with other contents: a kernel that knows a
// weight by its address is seen as well as one that carries on from call to call. Outputs and workspace hold something
// else the second time.
Judgement repeats_bit_for_bit(Trial& trial) {
  constexpr unsigned char kOtherBytes = 0x4B;  // as floats 13 million: finite, and large
  const Case second = {.problem = larger_image(trial), .fill = Fill::reals, .seed = trial.the_case().seed + 1};
  if (const std::string_view why_not = why_too_large(second.problem); !why_not.empty())
    return Judgement::not_applicable(why_not);
  if (const auto stop = unless_ok(trial.result())) return *stop;
  const Geometry& g = trial.expectation()->g;
  const Data& data = trial.expectation()->data;
  Data other_data;
  if (!fill(second, geometry(second.problem), {}, other_data).empty())
    return Judgement::not_applicable("no data for the call in between");
  Copies copies(data, trial.output(), trial.result().at, second.problem);
  Workspace workspace;
  workspace.fill_with(kOtherBytes);

  copies.write(other_data);
  copies.poison_output();
  // Whatever it answers: it is there for what it leaves behind.
  static_cast<void>(call(trial.subject(), second.problem, copies.memory(g.has_bias), workspace));
  copies.write(data);
  copies.poison_output();
  const CallResult again = call(trial.subject(), trial.problem(), copies.memory(g.has_bias), workspace);
  if (const auto stop = unless_ok(again)) return *stop;
  const Tensor& output = trial.output();
  return compare_bits(
      g, "that of the same call made again, in its bits", output.elements(),
      [&](int64_t i) { return output.memory()[static_cast<size_t>(output.offset(i))]; },
      [&](int64_t i) { return copies.output()[output.offset(i)]; }, [](int64_t i) { return i; });
}

}  // namespace convcheck::judges
