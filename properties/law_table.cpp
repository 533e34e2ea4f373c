// The table of laws.
#include <algorithm>
#include <array>

#include "properties/laws/laws.h"

namespace convcheck {
namespace {

constexpr std::string_view kReference = "the call and the reference that all laws of a case share";
constexpr std::string_view kOneCall = "one further call of the same size";
constexpr std::string_view kTwoCalls = "two further calls of the same size";

constexpr std::array kLaws = {
    Law{.name = "accepts_valid",
        .statement = "A valid problem is never rejected.",
        .why =
            "The ten rules of a valid problem are all there is to know: docs/rules.md. UNSUPPORTED is an answer too, "
            "REJECTED says that a rule is broken.",
        .catches = "over-rejection: kernel compared with the unpadded input, stride above kernel refused, empty batch "
                   "refused",
        .cost = "the call that all laws of a case share",
        .topic = Topic::rules,
        .takes = Takes::integers,
        .single_call = true,
        .judge = judges::accepts_valid},
    Law{.name = "writes_every_output_element",
        .statement = "A call that answers OK has written every element of the output.",
        .why = "The ABI says so. Outputs are filled with one NaN before a call that no arithmetic makes.",
        .catches = "unwritten tails, skipped output channels of a group, output assumed to be zero",
        .cost = "the call that all laws of a case share",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .single_call = true,
        .judge = judges::writes_every_output_element},
    Law{.name = "writes_only_its_output",
        .statement = "A call writes the elements of its output and nothing else.",
        .why = "The ABI says so. Behind one end of each tensor lies memory that nobody may touch, before the other a "
               "pattern that is looked at after the call, and gaps of a strided output hold what they held.",
        .catches = "tails stored as whole vectors or blocks, rows of a view written through, buffers overrun",
        .cost = "the call that all laws of a case share",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .single_call = true,
        .judge = judges::writes_only_its_output},
    Law{.name = "inputs_stay_untouched",
        .statement = "Input, weight and bias hold what they hold at every moment of a call.",
        .why = "The ABI says that what is only read may lie in read-only memory, and there it lies.",
        .catches = "inputs padded or transformed in place, even where they are put back in the end",
        .cost = "the call that all laws of a case share",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .single_call = true,
        .judge = judges::inputs_stay_untouched},
    Law{.name = "keeps_the_floating_point_environment",
        .statement = "A call leaves rounding, flushing of subnormals and masks of exceptions as it found them.",
        .why = "The ABI says so of MXCSR bits 6 to 15 and of the x87 control word: the caller computes with them "
               "afterwards. Sticky exception flags are nobody's.",
        .catches = "FTZ and DAZ switched on for speed, rounding modes and precision left changed",
        .cost = "the call that all laws of a case share",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .single_call = true,
        .judge = judges::keeps_the_floating_point_environment},
    Law{.name = "returns_from_every_call",
        .statement = "A call returns to its caller: it does not crash, exit or throw.",
        .why = "The ABI says that a call ends, and that nothing is thrown through any entry.",
        .catches =
            "wild pointers, division by zero, failed assertions, exceptions let out, exit in the place of a status",
        .cost = "the call that all laws of a case share",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .single_call = true,
        .judge = judges::returns_from_every_call},
    Law{.name = "ends_in_time",
        .statement = "A call ends within 100 times what the reference takes, or 2 s where that is more.",
        .why = "The ABI says that a call ends. The reference is seven plain loops in double: a kernel that needs a "
               "hundred "
               "times as long, twice in a row, waits for something or goes round in circles.",
        .catches = "loops until an extent is 0, deadlocks, sleeping",
        .cost = "the call that all laws of a case share",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .single_call = true,
        .judge = judges::ends_in_time},
    Law{.name = "stays_within_memory",
        .statement = "A kernel does with 4 GiB of private memory, and does not answer FAILED.",
        .why =
            "The problems of a session fit into a fraction of that, workspace and copies included. Outputs and inputs "
            "are not counted.",
        .catches = "workspaces computed with the wrong sizes, buffers for the largest problem there is",
        .cost = "the call that all laws of a case share",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .single_call = true,
        .judge = judges::stays_within_memory},
    Law{.name = "matches_reference_exactly",
        .statement = "On integers whose sums are exact in every order the output equals the reference.",
        .why = "With |x|, |w| <= M and n M^2 < 2^24 every partial sum of every order is an integer that f32 holds: "
               "nothing is ever rounded.",
        .catches = "any wrong index: groups, channels, taps, strides, dilation, padding, tails, bias",
        .cost = kReference,
        .topic = Topic::value,
        .takes = Takes::integers,
        .single_call = true,
        .judge = judges::matches_reference_exactly},
    Law{.name = "matches_reference_within_bound",
        .statement = "On reals the output is within the worst-case error of a right kernel of the declared algorithm.",
        .why =
            "|got - exact| <= gamma_n S + n 2^-149 for every order of summation, with or without FMA; Winograd has a "
            "bound of its own. Both are derived in docs/judging.md.",
        .catches = "low-precision accumulation, bad Winograd points, dropped terms",
        .cost = kReference,
        .topic = Topic::value,
        .takes = Takes::reals,
        .single_call = true,
        .judge = judges::matches_reference_within_bound},
    Law{.name = "keeps_the_full_significand",
        .statement = "An output that is one product with a power of two is the other factor to its last bit.",
        .why = "A product with a power of two is exact, and so is adding zeros to it.",
        .catches =
            "inputs, weights, sums or outputs rounded to bf16, TF32 or half; Winograd where a summation is declared",
        .cost = kReference,
        .topic = Topic::value,
        .takes = Takes::significands,
        .single_call = true,
        .judge = judges::keeps_the_full_significand},
    Law{.name = "errs_like_f32",
        .statement = "On data made to expose accumulators the errors of all outputs together have the mean square and "
                     "the bias of rounding in f32.",
        .why = "Rounding errors of f32 are as often up as down: the mean square of (got - exact) / (u S) stays below "
               "1.6 n, and their sum near 0.",
        .catches = "accumulators that lose bits and stay inside the worst-case bound, small terms dropped",
        .cost = kReference,
        .topic = Topic::value,
        .takes = Takes::statistical,
        .single_call = true,
        .judge = judges::errs_like_f32},
    Law{.name = "computes_extremes_exactly",
        .statement = "Subnormal operands and results, and sums near the largest f32, are as exact as their scaling by "
                     "powers of two.",
        .why = "Integers times a power of two are exact as long as nothing underflows or overflows, and the data are "
               "made so that nothing does.",
        .catches = "subnormals flushed to zero, scaled intermediate results that overflow",
        .cost = kReference,
        .topic = Topic::value,
        .takes = Takes::special,
        .single_call = true,
        .judge = judges::computes_extremes_exactly},
    Law{.name = "propagates_nonfinite",
        .statement =
            "NaN and infinity reach exactly the outputs whose sum holds them, and no tap on padding is part of a sum.",
        .why = "IEEE 754: a sum with a NaN is a NaN, 0 times infinity is one, and a tap on padding adds nothing.",
        .catches = "padding multiplied as zeros, zeros skipped, NaN lost in a maximum or a mask, spread over a tile",
        .cost = kReference,
        .topic = Topic::value,
        .takes = Takes::special,
        .needs_promise = CONVCHECK_PROPAGATES_NONFINITE,
        .single_call = true,
        .judge = judges::propagates_nonfinite},
    Law{.name = "matches_checksum",
        .statement = "On integers random combinations of the output channels equal the convolution by the combined "
                     "filters.",
        .why = "Within a group sum_k r_k y[k] = conv(x, sum_k r_k w[k]) for any r: Freivalds' check, modulo 2^61 - 1.",
        .catches = "any wrong element of a problem that is too large to be computed again",
        .cost = "no call; one convolution a group in integers, 1 / (output channels of a group) of the reference's",
        .topic = Topic::value,
        .takes = Takes::integers,
        .judge = judges::matches_checksum},
    Law{.name = "groups_are_independent",
        .statement = "A grouped convolution is its groups convolved apart, stacked in group order.",
        .why = "Output channel k sums over the input channels of group k / (K/G) alone.",
        .catches = "wrong channel offsets of a group, weights of another group, leaks between groups",
        .cost = "one further call a group, each of 1/G of the size",
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::groups_are_independent},
    Law{.name = "equals_block_diagonal_dense",
        .statement = "A grouped convolution equals the dense one whose weight is zero outside the groups' blocks.",
        .why = "The added products x * 0 are zero, and adding zeros rounds nothing.",
        .catches = "group paths that differ from the dense path",
        .cost = "one further call of G times the size",
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::equals_block_diagonal_dense},
    Law{.name = "tied_groups_equal_channel_fold",
        .statement = "Groups that all carry the same kernels equal one group with the groups folded into the batch.",
        .why = "(N, G C', H, W) and (N G, C', H, W) are the same memory, and each group of an image meets the same "
               "kernels.",
        .catches = "depthwise and multiplier paths, batch strides",
        .cost = kTwoCalls,
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::tied_groups_equal_channel_fold},
    Law{.name = "bias_adds",
        .statement = "A bias adds its value to every output of its channel, and nothing else.",
        .why = "conv(x, w, b)[n, k, :, :] = conv(x, w)[n, k, :, :] + b[k].",
        .catches = "bias indexed by group, added per image or per tile, missing in a tail",
        .cost = kOneCall,
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::bias_adds},
    Law{.name = "batch_is_independent",
        .statement = "Each image of a batch gives what it gives alone.",
        .why = "No sum has products of two images.",
        .catches = "batch strides, state carried from image to image",
        .cost = "one further call an image, each of 1/N of the size",
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::batch_is_independent},
    Law{.name = "permuting_groups_permutes_outputs",
        .statement = "Groups in another order, with their input channels, weights and biases, give their outputs in "
                     "that order.",
        .why = "A group's outputs depend on what it holds and not on its number.",
        .catches = "a last group, or one at a certain offset, that is treated in a way of its own",
        .cost = kOneCall,
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::permuting_groups_permutes_outputs},
    Law{.name = "permuting_filters_permutes_outputs",
        .statement = "Filters of a group in another order, with their biases, give its output channels in that order.",
        .why = "An output channel depends on its filter and its bias and not on its number within the group.",
        .catches = "channel tails after the last whole block or register, filters mixed up when they are packed",
        .cost = kOneCall,
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::permuting_filters_permutes_outputs},
    Law{.name = "permuting_input_channels_changes_nothing",
        .statement = "Input channels of a group in another order, with their weights, give the same output.",
        .why = "sum_c x[c] w[c] does not depend on the order of c: on integers to the bit, on reals within the bound, "
               "which holds for every order.",
        .catches = "input channel tails, blocks of channels that do not divide, channels counted twice",
        .cost = kOneCall,
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::permuting_input_channels_changes_nothing},
    Law{.name = "permuting_images_permutes_outputs",
        .statement = "Images in another order give their outputs in that order.",
        .why = "An image's output depends on the image and not on its place in the batch.",
        .catches = "a first or last image that is treated in a way of its own, batch loops that are split unevenly",
        .cost = kOneCall,
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::permuting_images_permutes_outputs},
    Law{.name = "linear_in_the_input",
        .statement = "Two inputs that add up to the case's give outputs that add up to its own, the bias being counted "
                     "once.",
        .why = "conv(x + x', w) = conv(x, w) + conv(x', w). The parts are integers within the case's range, so that "
               "all three runs are exact.",
        .catches = "activations left in, inputs saturated or taken as unsigned, stale memory added to a sum",
        .cost = kTwoCalls,
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::linear_in_the_input},
    Law{.name = "linear_in_the_weight",
        .statement =
            "Two weights that add up to the case's give outputs that add up to its own, the bias being counted "
            "once.",
        .why = "conv(x, w + w') = conv(x, w) + conv(x, w'). The parts are integers within the case's range, so that "
               "all three runs are exact.",
        .catches = "weights saturated, taken as unsigned or packed wrongly for some values; zeros taken for the end",
        .cost = kTwoCalls,
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::linear_in_the_weight},
    Law{.name = "padding_equals_explicit_zeros",
        .statement =
            "An image with its padding written out as zeros, convolved without padding, gives the same output.",
        .why = "A tap on padding adds nothing, and one on a zero adds 0 * w = 0.",
        .catches = "padding sides exchanged or lost, edges repeated, windows cut off at the image",
        .cost = "one further call of the same size",
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::padding_equals_explicit_zeros},
    Law{.name = "stride_equals_subsampling",
        .statement = "A convolution with a stride gives every stride-th output of the one with stride 1.",
        .why = "y_s[oh, ow] and y_1[oh * stride_h, ow * stride_w] sum over the same window.",
        .catches =
            "strides exchanged, applied twice or to the wrong axis; strided paths that differ from the plain one",
        .cost = "one further call of stride_h * stride_w times the size; a call more where that one may be Winograd",
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::stride_equals_subsampling},
    Law{.name = "dilation_equals_zero_stuffing",
        .statement = "A dilated kernel equals one of dilation 1 with zeros in its holes.",
        .why = "w'[kh * dilation_h, kw * dilation_w] = w[kh, kw] and 0 elsewhere: the added products are zero.",
        .catches = "dilation ignored or exchanged between the axes, windows measured without it",
        .cost = "one further call of about dilation_h * dilation_w times the size; a call more where that one may be "
                "Winograd",
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::dilation_equals_zero_stuffing},
    Law{.name = "transposing_the_axes_transposes_outputs",
        .statement =
            "With height and width of everything exchanged, the output is that with height and width exchanged.",
        .why = "The definition treats both axes alike: y^T = conv(x^T, w^T) with the parameters exchanged.",
        .catches = "parameters of one axis used for both, axes exchanged, row tails and column tails that differ",
        .cost = kOneCall,
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::transposing_the_axes_transposes_outputs},
    Law{.name = "shifting_the_input_shifts_the_output",
        .statement = "Without its first rows and columns, one stride of each, an image gives the outputs whose windows "
                     "touch neither these nor the padding in front, moved by one.",
        .why = "x'[i] = x[i + stride] gives y'[o] = y[o + 1] wherever o * stride >= pad_before: the end of the image, "
               "and what is behind it, moves along.",
        .catches = "outputs that depend on where they are: tile borders, column tails, the last row of a block",
        .cost = kOneCall,
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::shifting_the_input_shifts_the_output},
    Law{.name = "identity_kernel_copies",
        .statement = "Filters that hold a single 1 copy the input that this tap meets, 0 on padding, and add the bias.",
        .why = "y[n, k, oh, ow] = x[n, c, oh * stride + kh * dilation - pad, ...] * 1 + b[k]: known without computing "
               "anything.",
        .catches =
            "kernels flipped or transposed, taps, channels or rows that are off by one, padding that is not zero",
        .cost = kOneCall,
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::identity_kernel_copies},
    Law{.name = "pointwise_is_a_matrix_product",
        .statement = "A 1x1 kernel is a matrix product of the filters and the pixels, strided and padded as they are.",
        .why = "y[k, p] = sum_c w[k, c] x[c, p] + b[k], computed by the law itself in double.",
        .catches = "fast paths of 1x1 kernels: stride or padding forgotten, tails of a matrix product",
        .cost = "no further call; the product in double",
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::pointwise_is_a_matrix_product},
    Law{.name = "memory_layout_does_not_matter",
        .statement = "Views (channels last, padded rows, an expanded weight) give what contiguous tensors give.",
        .why = "Strides say where an element lies, not what it is. Gaps hold NaN, which must not matter.",
        .catches = "strides of one tensor used for another, gaps read, layouts guessed from shapes",
        .cost = "one further call of the same size, two where the weight is expanded",
        .topic = Topic::structure,
        .takes = Takes::integers,
        .judge = judges::memory_layout_does_not_matter},
    Law{.name = "images_keep_their_bits_in_any_batch",
        .statement = "An image gives the same bits alone and in any batch.",
        .why = "It is promised. All tensors, and the image's place in them, have addresses equal modulo 64 bytes both "
               "times.",
        .catches = "blocking or splitting among threads that depends on the batch and changes the order of sums",
        .cost = "one further call, of one image, or of three where the case has one",
        .topic = Topic::structure,
        .takes = Takes::reals,
        .needs_promise = CONVCHECK_BATCH_INVARIANT,
        .judge = judges::images_keep_their_bits_in_any_batch},
    Law{.name = "loads_quietly",
        .statement = "A library loads and lists its kernels: it neither crashes nor blocks nor prints, and leaves the "
                     "floating-point control as it is.",
        .why = "Loading changes nothing in the process, says the ABI.",
        .catches = "constructors that crash, print or set flush-to-zero (-ffast-math does), lists with holes",
        .cost = "loading the library",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .of_loading = true,
        .judge = judges::loads_quietly},
    Law{.name = "repeats_bit_for_bit",
        .statement = "The same problem and contents at addresses equal modulo 64 bytes give the same bits.",
        .why = "It is promised, and what a call computes does not depend on earlier ones. In between another problem "
               "with other contents is at the same addresses; output and workspace hold something else.",
        .catches = "races between threads, weights kept by their address, state from call to call, workspace or output "
                   "taken to be zero",
        .cost = "two further calls of about the same size",
        .topic = Topic::conduct,
        .takes = Takes::reals,
        .needs_promise = CONVCHECK_DETERMINISTIC,
        .judge = judges::repeats_bit_for_bit},
    Law{.name = "forgets_earlier_calls",
        .statement = "A call gives what it gave before, whatever the kernel was called with in between.",
        .why = "The ABI says that what a call computes does not depend on earlier ones. The case is called after a "
               "larger image, and again when its addresses have held other contents, the same shapes with another "
               "stride, dilation, padding or other strides in memory, or a smaller image; these are judged in the same "
               "way, after the case.",
        .catches =
            "weights, plans and compiled code kept by address or by shape alone, buffers that a smaller call does "
            "not clear",
        .cost = "up to 26 calls of about the same size",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .one_in = 8,
        .judge = judges::forgets_earlier_calls},
    Law{.name = "plans_are_independent",
        .statement = "Plans that live at the same time, of other problems and of other weights, know nothing of each "
                     "other, nor of what `prepare` was called with but the weight and the bias.",
        .why =
            "The ABI says that a plan serves any number of runs with other inputs and outputs, that several may live "
            "at once, and that the structs need not outlive the call: other ones are in their place before the plan "
            "is used. Plans are released in either order, and the others used in between.",
        .catches =
            "plans in a global, plans shared by problems that are alike, pointers to the caller's structs, inputs "
            "kept from the first run, a release that frees what others use",
        .cost = "up to 6 calls, 3 plans and 12 runs of about the same size",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .one_in = 4,
        .judge = judges::plans_are_independent},
    Law{.name = "runs_on_many_threads_at_once",
        .statement = "Threads that call at the same time get what one gets: each with its own problem, and all "
                     "with the same one, sharing the weight and the plan.",
        .why = "It is promised. Three threads, or two on a machine of two cores, each on a core of its own, spin at a "
               "barrier "
               "before each call, so that short ones overlap too, until enough calls did. Bits are compared where "
               "CONVCHECK_DETERMINISTIC is promised.",
        .catches = "scratch memory, caches and plans shared by all calls without a lock",
        .cost = "on an idle machine some 150 calls of about the same size, on a busy one several times as many, and "
                "starting two to four threads",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .needs_promise = CONVCHECK_THREAD_SAFE,
        .one_in = 32,
        .judge = judges::runs_on_many_threads_at_once},
    Law{.name = "leaves_the_process_alone",
        .statement = "A call leaves signal handlers and mask, affinity, timers, umask, working directory, limits, "
                     "environment and open files as they were.",
        .why = "A kernel is a guest in the process, and the ABI says so of signal handlers and open files. Memory and "
               "threads are not looked at: a pool of them may stay.",
        .catches = "handlers installed and not put back, descriptors left open or closed, threads pinned, a changed "
                   "directory or environment",
        .cost = "one further call of the same size, and some 200 system calls",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .one_in = 16,
        .judge = judges::leaves_the_process_alone},
    Law{.name = "does_not_leak",
        .statement = "Calls take no memory and no descriptors that they do not give back.",
        .why = "The ABI says so. After 100 calls that fill whatever is kept, the bytes in use on the heap, the mapped "
               "bytes or the open descriptors grow in each of five windows of 200 calls, and three times over, only "
               "where every call loses some. Calls go round ten widths, so that caches drop what they hold.",
        .catches =
            "memory, mappings, plans and descriptors that are never given back, caches that drop what they do not "
            "free",
        .cost = "1100 calls of at most 50,000 multiply-adds",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .one_in = 64,
        .judge = judges::does_not_leak},
    Law{.name = "rejects_without_writing",
        .statement = "A call that answers REJECTED or UNSUPPORTED has written nothing.",
        .why =
            "The ABI says so. The valid problem may be refused by `run` although `supports` accepts it; where refusing "
            "is promised, `run` is given problems as well that break one rule.",
        .catches = "outputs zeroed, filled with the bias or computed in part before the problem is looked at",
        .cost = "the call that all laws of a case share, and two that compute nothing",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .one_in = 8,
        .judge = judges::rejects_without_writing},
    Law{.name = "survives_hostile_arguments",
        .statement = "Arguments that hold zero, -1, the ends of int64 or what nearly overflows, unknown types or wrong "
                     "sizes of structs are refused by every entry, and nothing is written.",
        .why =
            "It is promised that what is invalid is rejected. Each field that a rule is about takes each value, alone "
            "and in pairs; the tensors are the case's. An unknown data type or direction is UNSUPPORTED, and no "
            "workspace is asked for what is not served.",
        .catches =
            "division by zero groups or strides, products that overflow before they are compared, ranks and sizes "
            "taken on trust, a NULL bias that is read",
        .cost = "up to 72 calls that compute nothing",
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .needs_promise = CONVCHECK_REJECTS_INVALID,
        .one_in = 4,
        .judge = judges::survives_hostile_arguments},
    Law{.name = "reads_only_its_tensors",
        .statement = "A call reads nothing outside the spans of its tensors.",
        .why = "The ABI says so. Every tensor ends at memory that nobody may touch in one of two calls, and begins at "
               "it in the other.",
        .catches = "tails loaded as whole vectors, rows or channels prefetched by loading them, windows that are read "
                   "on padding and thrown away",
        .cost = kOneCall,
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .judge = judges::reads_only_its_tensors},
    Law{.name = "asks_for_the_workspace_it_uses",
        .statement = "A call needs no more workspace than the kernel asked for, and nothing that it holds at entry.",
        .why = "The ABI says that the workspace holds anything and that a kernel which is given less answers FAILED. "
               "The workspace is exactly as large as was asked, with memory behind it that nobody may touch.",
        .catches = "sizes computed for another thread count, tile or type; sums begun on what the workspace held",
        .cost = kTwoCalls,
        .topic = Topic::conduct,
        .takes = Takes::reals,
        .judge = judges::asks_for_the_workspace_it_uses},
    Law{.name = "serves_unaligned_tensors",
        .statement = "Tensors at any address that a float may have give what they give elsewhere.",
        .why = "The ABI says that tensors are aligned to their element and no more. Each tensor is 1 to 15 elements "
               "off a multiple of 64 bytes.",
        .catches = "aligned loads and stores, pointers rounded to a vector, heads of loops peeled for one tensor alone",
        .cost = kOneCall,
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .judge = judges::serves_unaligned_tensors},
    Law{.name = "uses_little_stack",
        .statement = "A call needs at most 512 KiB of stack.",
        .why = "The ABI says so: a secondary thread has no more on some systems. The call is made on a stack of that "
               "size.",
        .catches = "tiles, packed weights or tables of offsets as local arrays, recursion over a tensor",
        .cost = kOneCall,
        .topic = Topic::conduct,
        .takes = Takes::integers,
        .one_in = 64,
        .judge = judges::uses_little_stack},
    Law{.name = "rejects_invalid",
        .statement = "A problem that breaks a rule is rejected.",
        .why = "It is promised, of supports, prepare and run, each called by itself. Each problem breaks one rule of "
               "docs/rules.md.",
        .catches = "missing checks of divisibility, weight shape, bias length, sizes, overflow",
        .cost = "three calls that compute nothing",
        .topic = Topic::rules,
        .takes = Takes::invalid,
        .needs_promise = CONVCHECK_REJECTS_INVALID,
        .judge = judges::rejects_invalid},
};

}  // namespace

std::span<const Law> laws() {
  return kLaws;
}

const Law* find_law(std::string_view name) {
  const auto found = std::find_if(kLaws.begin(), kLaws.end(), [&](const Law& law) { return law.name == name; });
  return found == kLaws.end() ? nullptr : &*found;
}

}  // namespace convcheck
