#include <fmt/format.h>

#include <array>
#include <limits>
#include <vector>

#include "properties/laws/hostile.h"
#include "reference/layout.h"
#include "reference/rules.h"

namespace convcheck::judges {
namespace {

// Fields of the problem that rules are about: 64-bit numbers, to which any value can be given.
constexpr int kAxes = 2;
constexpr int kRank = kAxes + 2;
enum Group { kGroups, kStride, kDilation, kPadBefore, kPadAfter, kInput, kWeight, kOutput, kBias, kGroupCount };
struct GroupOfFields {
  const char* name;
  int count;  // 1: a field, more: entries of an array
};
constexpr std::array<GroupOfFields, kGroupCount> kFields = {{{"groups", 1},
                                                             {"stride", kAxes},
                                                             {"dilation", kAxes},
                                                             {"pad_before", kAxes},
                                                             {"pad_after", kAxes},
                                                             {"input.shape", kRank},
                                                             {"weight.shape", kRank},
                                                             {"output.shape", kRank},
                                                             {"bias.shape[0]", 1}}};
constexpr size_t kFieldCount = 1 + 4 * kAxes + 3 * kRank + 1;

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr std::array kValues = {int64_t{0},
                                int64_t{-1},
                                kLeast,
                                kMost,
                                kLeast + 1,
                                kMost - 1,
                                -(int64_t{1} << 31),
                                (int64_t{1} << 31) - 1,
                                int64_t{1} << 31,
                                int64_t{1} << 32,
                                int64_t{1} << 61,
                                int64_t{1} << 62,
                                kMost / 3 + 1};
// Beside these what is right modulo 2^32, above and below.
constexpr size_t kValueCount = kValues.size() + 2;

int64_t hostile_value(size_t number, int64_t right) {
  if (number < kValues.size()) return kValues.at(number);
  constexpr int64_t kWrap = int64_t{1} << 32;
  const Wide value = number == kValues.size() ? Wide{right} + kWrap : Wide{right} - kWrap;
  return fits_int64(value) ? static_cast<int64_t>(value) : kMost;
}

// Fields of 32 bits, with values of their own.
constexpr int32_t kLeast32 = std::numeric_limits<int32_t>::min();
constexpr int32_t kMost32 = std::numeric_limits<int32_t>::max();
struct Small {
  const char* name;
  int32_t& (*field)(convcheck_problem& problem);
  int32_t value;
  bool is_unknown = false;
};
int32_t& direction(convcheck_problem& p) {
  return p.direction;
}
int32_t& dtype(convcheck_problem& p) {
  return p.dtype;
}
int32_t& spatial_rank(convcheck_problem& p) {
  return p.spatial_rank;
}
int32_t& input_rank(convcheck_problem& p) {
  return p.input.rank;
}
int32_t& weight_rank(convcheck_problem& p) {
  return p.weight.rank;
}
int32_t& bias_rank(convcheck_problem& p) {
  return p.bias.rank;
}
int32_t& output_rank(convcheck_problem& p) {
  return p.output.rank;
}

std::vector<Small> make_small() {
  std::vector<Small> all;
  for (const int32_t value : {0, CONVCHECK_BACKWARD_WEIGHT + 1, -1, kLeast32, kMost32}) {
    all.push_back({"direction", direction, value, true});
  }
  for (const int32_t value : {0, CONVCHECK_BF16 + 1, -1, kLeast32, kMost32})
    all.push_back({"dtype", dtype, value, true});
  for (const int32_t value : {0, 4, -1, 1, 3, kLeast32, kMost32}) {
    all.push_back({"spatial_rank", spatial_rank, value});
  }
  for (const int32_t value : {0, 6, -1, 3, 5, kLeast32, kMost32}) {
    all.push_back({"input.rank", input_rank, value});
    all.push_back({"weight.rank", weight_rank, value});
    all.push_back({"output.rank", output_rank, value});
  }
  for (const int32_t value : {2, 6, -1, kLeast32, kMost32}) all.push_back({"bias.rank", bias_rank, value});
  return all;
}

const std::vector<Small>& small_mutations() {
  static const std::vector<Small> kAll = make_small();
  return kAll;
}

constexpr std::array<uint32_t, 3> kStructSizes = {0, 4, sizeof(convcheck_problem) - 1};

// Numbers of mutations: fields of 64 bits, then of 32, struct sizes, and the bias pointer.
constexpr size_t kFirstSmall = kFieldCount * kValueCount;
size_t first_struct_size() {
  return kFirstSmall + small_mutations().size();
}
size_t bias_pointer() {
  return first_struct_size() + kStructSizes.size();
}

struct Place {
  Group group;
  int entry;
};

Place place_of(size_t field) {
  auto entry = static_cast<int>(field);
  size_t group = 0;
  while (entry >= kFields.at(group).count) entry -= kFields.at(group++).count;
  return {static_cast<Group>(group), entry};
}

int64_t& field_of(Problem& problem, const Place& at) {
  const auto axis = static_cast<size_t>(at.entry);
  switch (at.group) {
    case kStride:
      return problem.stride.at(axis);
    case kDilation:
      return problem.dilation.at(axis);
    case kPadBefore:
      return problem.pad_before.at(axis);
    case kPadAfter:
      return problem.pad_after.at(axis);
    case kInput:
      return problem.input[at.entry];
    case kWeight:
      return problem.weight[at.entry];
    case kOutput:
      return (*problem.claimed_output)[at.entry];
    case kBias:
      if (!problem.has_bias()) problem.bias = {0};
      return problem.bias[0];
    case kGroups:
    case kGroupCount:
      break;
  }
  return problem.groups;
}

std::string name_of(const Place& at) {
  const GroupOfFields& fields = kFields.at(at.group);
  return fields.count == 1 ? fields.name : fmt::format("{}[{}]", fields.name, at.entry);
}

void add(Hostile& hostile, const std::string& what) {
  if (!hostile.what.empty()) hostile.what += " and ";
  hostile.what += what;
}

}  // namespace

size_t mutation_count() {
  return bias_pointer() + 1;
}

std::optional<Hostile> hostile(const Problem& valid, std::span<const size_t> numbers) {
  Hostile result;
  Problem problem = valid;
  problem.claimed_output = output_shape(valid);  // so that no other field changes along
  for (const size_t number : numbers) {
    if (number >= kFirstSmall) continue;
    const Place at = place_of(number / kValueCount);
    int64_t& field = field_of(problem, at);
    field = hostile_value(number % kValueCount, field);
    add(result, fmt::format("{} = {}", name_of(at), field));
  }
  result.is_invalid = broken_rule(problem).has_value();
  result.problem = to_abi(problem);
  result.has_bias_pointer = problem.has_bias();
  for (const size_t number : numbers) {
    if (number < kFirstSmall) continue;
    if (number < first_struct_size()) {
      const Small& small = small_mutations()[number - kFirstSmall];
      small.field(result.problem) = small.value;
      (small.is_unknown ? result.is_unknown : result.is_invalid) = true;
      add(result, fmt::format("{} = {}", small.name, small.value));
    } else if (number < bias_pointer()) {
      result.problem.struct_size = kStructSizes.at(number - first_struct_size());
      result.is_invalid = true;
      add(result, fmt::format("struct_size = {}", result.problem.struct_size));
    } else {
      result.has_bias_pointer = !problem.has_bias();
      result.is_bias_torn = true;
      add(result, problem.has_bias() ? "a bias shape without a bias pointer" : "a bias pointer without a bias shape");
    }
  }
  if (!result.is_invalid && !result.is_unknown && !result.is_bias_torn) return std::nullopt;
  return result;
}

}  // namespace convcheck::judges
