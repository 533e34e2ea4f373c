// How far the memory of a tensor reaches, and touching memory for its own sake: what is read is thrown away, what is
// written was not asked for, and no compiler leaves it out.
#pragma once

#include <cstdint>

#include "convcheck/kernel.h"

namespace convcheck::impls::mutants {

/// Elements from the lowest to the highest; 0 where there is none.
inline int64_t span_of(const convcheck_tensor_desc& tensor) {
  int64_t last = 0;
  for (int32_t axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] == 0) return 0;
    if (tensor.shape[axis] > 1) last += (tensor.shape[axis] - 1) * tensor.stride[axis];
  }
  return last + 1;
}

/// Four floats at any address that a float may have, and at one that a vector may have.
typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));
typedef float AlignedFour __attribute__((vector_size(16), may_alias));

inline void touch_one(const float* at) {
  static_cast<void>(*static_cast<const volatile float*>(at));
}

inline void touch_four(const float* at) {
  static_cast<void>(*reinterpret_cast<const volatile Four*>(at));
}

inline void touch_aligned_four(const float* at) {
  static_cast<void>(*reinterpret_cast<const volatile AlignedFour*>(at));
}

inline void put_one(float* at, float value) {
  *static_cast<volatile float*>(at) = value;
}

/// So that memory is taken for used.
inline void use(const void* memory) {
  asm volatile("" : : "r"(memory) : "memory");
}

/// The same for a number.
inline void use_number(int64_t number) {
  asm volatile("" : : "r"(number));
}

/// A problem without outputs touches nothing at all, whatever the defect.
inline bool has_outputs(const convcheck_problem& p) {
  return span_of(p.output) != 0;
}

}  // namespace convcheck::impls::mutants
