/* The kernel ABI of convcheck, version 1.
 *
 * A library that wants its convolution kernels judged exports one function, convcheck_kernels(), which lists them. This
 * header is all it needs: C99, no library to link against, nothing but <stddef.h> and <stdint.h>.
 *
 * Words used below. A problem is the shapes and parameters of one convolution, valid or not. N is the batch, C the
 * input channels, K the output channels, G the groups. "Spatial" arrays run outermost axis first (height, width for
 * rank 2). Nothing may be thrown through any function of this ABI.
 *
 * Promised by every kernel, without a flag: a call ends; it writes nothing but what its direction writes; what it
 * computes does not depend on earlier calls; it leaves the floating-point control settings (MXCSR bits 6-15, x87
 * control word; sticky exception flags do not count), the signal handlers and the open files of the process as it found
 * them; it needs at most 512 KiB of stack and no memory that it does not give back (a pool of threads, made once, may
 * stay); loading and unloading the library change nothing either.
 */
#ifndef CONVCHECK_KERNEL_H
#define CONVCHECK_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a kernel library is asked for. */
#define CONVCHECK_ABI_VERSION 1
/* Batch, channels and up to three spatial axes. */
#define CONVCHECK_MAX_RANK 5
#define CONVCHECK_MAX_SPATIAL 3

/* Put this before the definition of convcheck_kernels(): it makes the symbol visible in a library that hides the rest.
 */
#if defined(__GNUC__)
#define CONVCHECK_EXPORT __attribute__((visibility("default")))
#else
#define CONVCHECK_EXPORT
#endif

/* What a call answers. */
enum convcheck_status {
  CONVCHECK_OK = 0,          /* done: every element of what the direction writes is written */
  CONVCHECK_REJECTED = 1,    /* the problem breaks a rule of convolution; nothing was written */
  CONVCHECK_UNSUPPORTED = 2, /* a valid problem that this kernel does not serve; nothing was written */
  CONVCHECK_FAILED = 3       /* a resource ran out; nothing is promised */
};

enum convcheck_dtype { CONVCHECK_F32 = 1, CONVCHECK_F64 = 2, CONVCHECK_F16 = 3, CONVCHECK_BF16 = 4 };

enum convcheck_direction { CONVCHECK_FORWARD = 1, CONVCHECK_BACKWARD_DATA = 2, CONVCHECK_BACKWARD_WEIGHT = 3 };

/* The algorithm decides which error bound applies, and nothing else. */
enum convcheck_algorithm {
  /* Each output is a sum of products in any order and association, with or without fused multiply-add; operands keep
   * the full precision of the data type, accumulation has at least that of f32, subnormals are honoured. */
  CONVCHECK_SUMMATION = 1,
  /* May use Winograd (Toom-Cook) tiles up to the declared output size on the usual points (0, +-1, +-2, +-1/2, as many
   * as needed, and infinity) or better ones. Loosens the bound where the kernel is 3x3 or 5x5 with stride and dilation
   * 1; elsewhere the kernel is judged as a summation. A kernel that chooses per problem declares its largest tile. */
  CONVCHECK_WINOGRAD = 2,
  CONVCHECK_FFT = 3
};

/* Bit flags. A promise that is made is tested; one that is not made is reported as not claimed. */
enum convcheck_promise {
  /* An invalid problem never gets CONVCHECK_OK, from supports, prepare or run, each called by itself; it gets REJECTED,
   * or UNSUPPORTED where the kernel would not serve it anyway. Kernels without this promise never see invalid problems.
   */
  CONVCHECK_REJECTS_INVALID = 1,
  /* The same problem and contents at addresses equal modulo 64 bytes give the same bits. */
  CONVCHECK_DETERMINISTIC = 2,
  /* Calls may run at the same time, sharing what is only read and a plan, not outputs or workspaces. */
  CONVCHECK_THREAD_SAFE = 4,
  /* NaN and infinity in input, weight or bias reach exactly the outputs whose sum holds them, as IEEE 754 has it (0
   * times infinity is NaN). A tap that falls on padding is not part of the sum, whatever its weight. Overflow of finite
   * sums is not covered. */
  CONVCHECK_PROPAGATES_NONFINITE = 8,
  /* An image gives the same bits alone and in any batch. */
  CONVCHECK_BATCH_INVARIANT = 16
};

/* A tensor's shape and memory layout.
 *
 * Logical order: input and output are N, C, spatial...; weight is K, C/G, spatial...; bias is K. Strides count
 * elements. What is only read may have stride 0 (an expanded view); what is written has no two elements at one place;
 * strides are never negative, and that of an axis of size 1 or 0 means nothing. Dense means contiguous in the logical
 * order. rank 0 means absent (a problem without bias). Entries from rank on are ignored. */
typedef struct convcheck_tensor_desc {
  int32_t rank;
  int64_t shape[CONVCHECK_MAX_RANK];
  int64_t stride[CONVCHECK_MAX_RANK];
} convcheck_tensor_desc;

/* One convolution: cross-correlation, as in every deep-learning framework (the weight is not flipped). Output sizes are
 * given, not to be guessed: a wrong one is an invalid problem. The rules of a valid problem are in docs/rules.md. */
typedef struct convcheck_problem {
  uint32_t struct_size; /* sizeof(convcheck_problem); smaller than the kernel's own is invalid */
  int32_t direction;    /* convcheck_direction; an unknown one is UNSUPPORTED */
  int32_t dtype;        /* convcheck_dtype; an unknown one is UNSUPPORTED */
  int32_t spatial_rank; /* 1 to 3 */
  int64_t groups;
  int64_t stride[CONVCHECK_MAX_SPATIAL];
  int64_t dilation[CONVCHECK_MAX_SPATIAL];
  int64_t pad_before[CONVCHECK_MAX_SPATIAL];
  int64_t pad_after[CONVCHECK_MAX_SPATIAL];
  convcheck_tensor_desc input;
  convcheck_tensor_desc weight;
  convcheck_tensor_desc bias;
  convcheck_tensor_desc output;
} convcheck_problem;

/* Where the data of one call is. Each tensor pointer is at element zero of its tensor, aligned to its element and no
 * more.
 *
 * Forward reads input, weight, bias and writes output. Backward-data reads output (the gradient) and weight and writes
 * input. Backward-weight reads input and output (the gradient) and writes weight, and bias when present (zeros when the
 * batch is empty). What is only read may lie in read-only memory. bias is NULL when absent; a tensor without elements
 * may be NULL. Nothing may be read outside a tensor's span (from its lowest to its highest element); gaps of a strided
 * view inside the span may be read and never written. */
typedef struct convcheck_buffers {
  void* input;
  void* weight;
  void* bias;
  void* output;
  void* workspace;        /* aligned to 64 bytes, holds anything at entry; NULL when workspace_bytes() answered 0 */
  size_t workspace_bytes; /* at least what workspace_bytes() answered; a kernel that is given less answers FAILED */
  void* plan;             /* from prepare(); NULL where there is none, and for invalid problems */
} convcheck_buffers;

/* One kernel. Strings and functions live as long as the library. */
typedef struct convcheck_kernel {
  uint32_t struct_size;    /* sizeof(convcheck_kernel) */
  const char* name;        /* short, stable: what --kernel selects */
  const char* description; /* one line */
  int32_t algorithm;       /* convcheck_algorithm */
  int32_t winograd_tile;   /* output tile edge m of F(m x m, r x r); 0 where it does not apply */
  uint32_t promises;       /* convcheck_promise flags */

  /* Cheap; OK, REJECTED or UNSUPPORTED. NULL: anything dense, f32, forward, rank 2. */
  int32_t (*supports)(const convcheck_problem* problem);

  /* Bytes of workspace that run() needs; 0 for problems the kernel does not serve. NULL: none. */
  size_t (*workspace_bytes)(const convcheck_problem* problem);

  /* The convolution. The structs need not outlive the call. */
  int32_t (*run)(const convcheck_problem* problem, const convcheck_buffers* buffers);

  /* Makes a plan: compiled code, packed weights; whatever is made once and used often. NULL: no plan. Sees weight and
   * bias, which stay valid and unchanged until release(), and no other tensor. run() then gets an equal problem, the
   * same weight and bias addresses and the plan in buffers->plan; a plan serves any number of runs with other inputs,
   * outputs and workspaces, several plans may live at once, and threads may share one where the kernel is
   * CONVCHECK_THREAD_SAFE. New weight contents mean a new plan. On any status but OK, *plan is ignored and not
   * released. A kernel that has prepare always gets a plan in run, except for invalid problems. Forward and
   * backward-data only. */
  int32_t (*prepare)(const convcheck_problem* problem, const convcheck_buffers* buffers, void** plan);

  /* Called once per plan, from any thread, while no run is in progress. */
  void (*release)(void* plan);
} convcheck_kernel;

/* The one symbol a kernel library exports: an array of *count kernels that lives as long as the library, or NULL with
 * *count 0 when abi_version is not served. Called from one thread at a time, may be repeated, gives the same answer. */
CONVCHECK_EXPORT const convcheck_kernel* const* convcheck_kernels(uint32_t abi_version, size_t* count);

#ifdef __cplusplus
}
#endif

#endif
