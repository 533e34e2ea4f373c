// Both sides of the checksum's equation (checksum.h), for some rows of the output of one image and group at a time:
// what the outputs add up to, and what they should.
#pragma once

#include <algorithm>

#include "reference/tap_planes.h"

namespace convcheck {

/// Some rows of the output of one image and group.
struct Strip {
  int64_t image = 0, group = 0, first_row = 0, rows = 0;
};

/// Rows of integers in memory, and the terms made of them.
class Rows {
 public:
  void resize(int64_t rows, int64_t length) {
    length_ = length;
    integers_.resize(static_cast<size_t>(rows * length));
  }
  [[nodiscard]] int32_t* operator[](int64_t row) { return integers_.data() + row * length_; }
  std::vector<Term> terms;

 private:
  int64_t length_ = 0;
  std::vector<int32_t> integers_;  // what is left over from an earlier use are integers too, as Combination asks
};

/// conv(x, filter) for a filter with one output channel a group, as terms for a sum.
class InputSide {
 public:
  explicit InputSide(const Geometry& g);

  /// The most rows that a strip may have.
  [[nodiscard]] int64_t strip_rows() const { return strip_rows_; }
  /// Positions from one output row to the next in the terms' rows.
  [[nodiscard]] int64_t pitch() const { return planes_.pitch(); }

  /// add(terms) some times, for the strip's rows of the channels of its group. The filter has one coefficient for each
  /// input channel and tap.
  template <class Add>
  void for_terms(const Strip& strip, const View<const float>& x, std::span<const Halves> filter, Add add) {
    const int64_t most = g_.in_channels_per_group;
    for (int64_t c = 0; c < most && !planes_.runs().empty(); c += kChannelsAtOnce) {
      load(strip, x, c, std::min(kChannelsAtOnce, most - c), filter);
      add(std::span<const Term>(rows_.terms));
    }
  }

 private:
  static constexpr int64_t kChannelsAtOnce = 4;
  void load(const Strip& strip, const View<const float>& x, int64_t first, int64_t count,
            std::span<const Halves> filter);

  Geometry g_;
  int64_t strip_rows_;
  TapPlanes planes_;
  Rows rows_;
};

/// With random coefficients modulo p, for any number of output channels a group. The constructor reads weight and bias,
/// compute() input and output; both throw std::logic_error where data hold a value that is no integer below 2^24. Data
/// must outlive the object.
class CombinedSides {
 public:
  CombinedSides(const Geometry& g, const Data& data, uint64_t seed);

  [[nodiscard]] int64_t strip_rows() const { return input_.strip_rows(); }
  [[nodiscard]] int64_t pitch() const { return input_.pitch(); }

  /// Computes left and right. Returns the bits of the largest distance of an output from its integer, as to_integers()
  /// does.
  [[nodiscard]] int32_t compute(const Strip& strip, const View<const float>& y, Rounding rounding);

  /// sum_k r_k y[k] modulo p; rows are the output's width apart.
  [[nodiscard]] std::span<const int64_t> left() { return left_.residues(); }
  /// sum_k r_k b[k] + conv(x, sum_k r_k w[k]) modulo p; rows are pitch() apart.
  [[nodiscard]] std::span<const int64_t> right() { return right_.residues(); }

 private:
  void combine_weight(const View<const float>& w, int64_t group);
  void combine_bias(const View<const float>& b, int64_t group);

  Geometry g_;
  View<const float> x_;
  InputSide input_;
  std::vector<Halves> r_;       // of each output channel
  std::vector<Halves> weight_;  // sum_k r_k w[k], of each input channel and tap
  std::vector<int64_t> bias_;   // sum_k r_k b[k], of each group
  Combination left_, right_;
  Rows rows_;
};

/// For one output channel a group, where there is nothing to combine: r = 1, and both sides are below 2^24 in
/// magnitude, hence equal where they are modulo 2^32. As CombinedSides otherwise.
class SingleSides {
 public:
  SingleSides(const Geometry& g, const Data& data);

  [[nodiscard]] int64_t strip_rows() const { return input_.strip_rows(); }
  [[nodiscard]] int64_t pitch() const { return input_.pitch(); }
  [[nodiscard]] int32_t compute(const Strip& strip, const View<const float>& y, Rounding rounding);
  [[nodiscard]] std::span<const int32_t> left() const { return left_; }
  [[nodiscard]] std::span<const int32_t> right() const { return right_; }

 private:
  Geometry g_;
  View<const float> x_;
  InputSide input_;
  std::vector<Halves> weight_;
  std::vector<int32_t> bias_;
  std::vector<int32_t> left_, right_;
};

}  // namespace convcheck
