// What structure laws share: a second run of the kernel on a transformed problem, and the comparison of the two.
#pragma once

#include <optional>

#include "properties/law.h"

namespace convcheck::judges {

/// The case's problem with contiguous tensors, for transformations: what a kernel does with views is not their subject.
[[nodiscard]] Problem contiguous(const Problem& problem);

/// A transformed problem with its data and what the kernel made of them.
struct Run {
  Problem problem;
  Data data;
  Tensor output;
  CallResult result;

  /// Takes on the problem; its tensors are then to be filled.
  explicit Run(const Problem& p) : problem(p) { data.reshape(p); }
  void call(Trial& trial) { result = trial.call_other(problem, data, output); }
};

/// Copies the block of `source` that starts at (from_i, from_j) to all of `target`: batch and channel offsets.
void copy_block(const Tensor& source, int64_t from_i, int64_t from_j, Tensor& target);

/// Copies all of `source` to the block of `target` that starts at (to_i, to_j).
void place_block(const Tensor& source, int64_t to_i, int64_t to_j, Tensor& target);

/// Adds a value to each element of plane (n, k).
void add_to_plane(Tensor& tensor, int64_t n, int64_t k, float value);

void copy_bias(const Tensor& source, int64_t from, Tensor& target);

/// The law accepts_valid on what a call of a valid problem answered.
[[nodiscard]] Judgement judge_acceptance(const CallResult& result);

/// Not applicable, or violated, where a run did not answer OK; nothing where it did.
[[nodiscard]] std::optional<Judgement> unless_ok(const CallResult& result);

/// Compares the trial's own output with what other runs of the kernel give, `other` having the output's shape: equal on
/// integers (for Winograd after rounding to the nearest), within the sum of both bounds on reals. Requires that every
/// run answered OK. `what` names the other side.
[[nodiscard]] Judgement compare_runs(Trial& trial, std::string_view what, const Tensor& other);

}  // namespace convcheck::judges
