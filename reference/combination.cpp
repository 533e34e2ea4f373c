#include "reference/combination.h"

#include <algorithm>
#include <bit>
#include <cmath>

// The hot loops are compiled for three levels of x86-64, and the machine's is chosen when the program is loaded. GCC
// alone does so from one source; a sanitizer is not ready yet when that choice is made.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && defined(__OPTIMIZE__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CONVCHECK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CONVCHECK_CLONES
#endif

namespace convcheck {
namespace {

// Four terms at a time, so that the sums are loaded and stored once for the four.
CONVCHECK_CLONES void add_fours(const Term* terms, int64_t count, int64_t vectors, int64_t* __restrict low,
                                int64_t* __restrict high) {
  for (int64_t i = 0; i < count; i += 4) {
    const int32_t* const a = terms[i].values;
    const int32_t* const b = terms[i + 1].values;
    const int32_t* const c = terms[i + 2].values;
    const int32_t* const d = terms[i + 3].values;
    const Halves ra = terms[i].coefficient;
    const Halves rb = terms[i + 1].coefficient;
    const Halves rc = terms[i + 2].coefficient;
    const Halves rd = terms[i + 3].coefficient;
    for (int64_t t = 0; t < vectors * 16; ++t) {
      low[t] += int64_t{a[t]} * ra.low + int64_t{b[t]} * rb.low + int64_t{c[t]} * rc.low + int64_t{d[t]} * rd.low;
      high[t] += int64_t{a[t]} * ra.high + int64_t{b[t]} * rb.high + int64_t{c[t]} * rc.high + int64_t{d[t]} * rd.high;
    }
  }
}

CONVCHECK_CLONES void add_ones(const Term* terms, int64_t count, int64_t vectors, int64_t* __restrict low,
                               int64_t* __restrict high) {
  for (int64_t i = 0; i < count; ++i) {
    const int32_t* const a = terms[i].values;
    const Halves ra = terms[i].coefficient;
    for (int64_t t = 0; t < vectors * 16; ++t) {
      low[t] += int64_t{a[t]} * ra.low;
      high[t] += int64_t{a[t]} * ra.high;
    }
  }
}

CONVCHECK_CLONES void fold_sums(int64_t vectors, int64_t* __restrict low, int64_t* __restrict high,
                                int64_t* __restrict total) {
  for (int64_t t = 0; t < vectors * 16; ++t) {
    total[t] = joined(total[t], low[t], high[t]);
    low[t] = 0;
    high[t] = 0;
  }
}

CONVCHECK_CLONES void add_small(const Term* terms, int64_t count, int64_t vectors, int32_t* __restrict sums) {
  for (int64_t i = 0; i < count; ++i) {
    const int32_t* const values = terms[i].values;
    const auto r = static_cast<uint32_t>(terms[i].coefficient.low);
    for (int64_t t = 0; t < vectors * 16; ++t) {
      sums[t] = static_cast<int32_t>(static_cast<uint32_t>(sums[t]) + static_cast<uint32_t>(values[t]) * r);
    }
  }
}

CONVCHECK_CLONES int32_t convert(const float* __restrict from, int64_t count, float limit, float half,
                                 int32_t* __restrict to) {
  int32_t worst = 0;
  for (int64_t t = 0; t < count; ++t) {
    const float value = from[t];
    const float kept = std::abs(value) < limit ? value : 0.0F;
    const auto integer = static_cast<int32_t>(kept + std::copysign(half, kept));
    const auto distance = std::bit_cast<int32_t>(std::abs(value - static_cast<float>(integer)));
    worst = distance > worst ? distance : worst;
    to[t] = integer;
  }
  return worst;
}

int32_t convert_line(const float* from, int64_t stride, int64_t count, Rounding rounding, int32_t* to) {
  if (stride == 1) return convert(from, count, rounding.limit, rounding.half, to);
  std::array<float, 256> gathered{};
  int32_t worst = 0;
  for (int64_t begin = 0; begin < count; begin += 256) {
    const int64_t some = std::min<int64_t>(count - begin, 256);
    for (int64_t i = 0; i < some; ++i) gathered[static_cast<size_t>(i)] = from[(begin + i) * stride];
    worst = std::max(worst, convert(gathered.data(), some, rounding.limit, rounding.half, to + begin));
  }
  return worst;
}

}  // namespace

void Combination::restart(int64_t positions, int64_t initial) {
  if (pending_ > 0) fold();  // which leaves zeros in low_ and high_
  positions_ = positions;
  const auto size = static_cast<size_t>(padded(positions));
  if (low_.size() < size) {
    low_.resize(size);
    high_.resize(size);
    total_.resize(size);
  }
  std::fill_n(total_.begin(), size, initial);
}

void Combination::add(std::span<const Term> terms) {
  const int64_t vectors = padded(positions_) / 16;
  while (!terms.empty()) {
    if (pending_ == kTermsBetweenFolds) fold();
    const size_t count = std::min(terms.size(), static_cast<size_t>(kTermsBetweenFolds - pending_));
    const size_t in_fours = count / 4 * 4;
    add_fours(terms.data(), static_cast<int64_t>(in_fours), vectors, low_.data(), high_.data());
    add_ones(terms.data() + in_fours, static_cast<int64_t>(count - in_fours), vectors, low_.data(), high_.data());
    pending_ += static_cast<int64_t>(count);
    terms = terms.subspan(count);
  }
}

void Combination::fold() {
  fold_sums(padded(positions_) / 16, low_.data(), high_.data(), total_.data());
  pending_ = 0;
}

std::span<const int64_t> Combination::residues() {
  if (pending_ > 0) fold();
  return {total_.data(), static_cast<size_t>(positions_)};
}

void add_modulo_2_32(std::span<const Term> terms, int64_t positions, int32_t* sums) {
  add_small(terms.data(), static_cast<int64_t>(terms.size()), Combination::padded(positions) / 16, sums);
}

int32_t to_integers(const Box& box, Rounding rounding, int32_t* to) {
  // Axes that lie in one line are one axis.
  int64_t count = box.extent[2];
  int64_t stride = box.stride[2];
  size_t outer = 2;
  for (; outer > 0; --outer) {
    const int64_t extent = box.extent[outer - 1];
    if (extent == 1) continue;
    if (count == 1) stride = box.stride[outer - 1];
    if (count != 1 && box.stride[outer - 1] != count * stride) break;
    count *= extent;
  }
  int32_t worst = 0;
  const std::array<int64_t, 2> repeats = {outer > 0 ? box.extent[0] : 1, outer > 1 ? box.extent[1] : 1};
  for (int64_t i = 0; i < repeats[0]; ++i) {
    for (int64_t j = 0; j < repeats[1]; ++j, to += count) {
      const float* const from = box.data + i * box.stride[0] + j * box.stride[1];
      worst = std::max(worst, convert_line(from, stride, count, rounding, to));
    }
  }
  return worst;
}

}  // namespace convcheck
