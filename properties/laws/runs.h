// What structure laws share: a second run of the kernel on a transformed problem, and the comparison of the two.
#pragma once

#include <optional>
#include <vector>

#include "properties/law.h"
#include "reference/random.h"

namespace convcheck::judges {

/// The case's problem with tensors that are contiguous in its layout, for transformations: what a kernel does with
/// views is not their subject, but one that serves channels last alone is judged as well. The output is whatever the
/// rules give.
[[nodiscard]] Problem contiguous(const Problem& problem);

/// The problem with other numbers of images, channels and groups, and with a bias to match where it has one.
[[nodiscard]] Problem with_channels(Problem problem, int64_t batch, int64_t in_channels, int64_t out_channels,
                                    int64_t groups);

/// Empty where a transformed problem is small enough to be run; else the reason for not applicable. Takes any problem
/// that keeps rules 1 to 9: a transformation may make sizes that no int64 holds.
[[nodiscard]] std::string_view why_too_large(const Problem& transformed);

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

/// Copies a tensor with each index of an axis (0: images or filters, 1: channels) taken from another place:
/// target[i] = source[from[i]]. A bias has axis 0 alone.
void gather(const Tensor& source, int axis, std::span<const int64_t> from, Tensor& target);

/// A permutation of 0 to count - 1, not the identity where count is at least 2.
[[nodiscard]] std::vector<int64_t> permutation(int64_t count, Random random);
[[nodiscard]] std::vector<int64_t> inverse(std::span<const int64_t> permutation);

/// The law accepts_valid on what a call of a valid problem answered.
[[nodiscard]] Judgement judge_acceptance(const CallResult& result);

/// Not applicable, or violated, where a run did not answer OK; nothing where it did.
[[nodiscard]] std::optional<Judgement> unless_ok(const CallResult& result);

}  // namespace convcheck::judges
