#include "tests/reference/random_case.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "reference/layout.h"
#include "reference/rules.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

int64_t any_number(Random& random) {
  constexpr std::array<int64_t, 8> kEdges = {kMin, kMin + 1, -1, 0, 1, kInt64Max - 1, kInt64Max, int64_t{1} << 31};
  switch (random.below(4)) {
    case 0:
      return kEdges[random.below(kEdges.size())];
    case 1:
      return static_cast<int64_t>(random.bits());
    default:
      return uniform(random, -3, 20);
  }
}

// Numbers of one problem: mild ones where it should have a chance to be valid, any otherwise.
class Numbers {
 public:
  explicit Numbers(Random& random) : random_(random), mild_(one_in(random, 2)) {}

  int64_t number(int64_t least, int64_t most) { return mild_ ? uniform(random_, least, most) : any_number(random_); }
  Shape shape(int rank, int64_t least, int64_t most) {
    Shape result;
    for (int axis = 0; axis < rank; ++axis) result.push_back(number(least, most));
    return result;
  }
  [[nodiscard]] bool is_mild() const { return mild_; }

 private:
  Random& random_;
  bool mild_;
};

Shape not_negative(Random& random, int rank) {
  Shape strides;
  for (int axis = 0; axis < rank; ++axis) {
    strides.push_back(one_in(random, 4) ? static_cast<int64_t>(random.bits() >> 1) : uniform(random, 0, 9));
  }
  return strides;
}

void add_strides(Random& random, Problem& p) {
  if (one_in(random, 4)) p.input_strides = not_negative(random, p.input.rank());
  if (one_in(random, 4)) p.weight_strides = not_negative(random, p.weight.rank());
  if (!one_in(random, 3)) return;
  // Nested, with gaps; where the sizes are too large for that the output is left as it is.
  const Shape output = output_shape(p);
  Shape strides = output;
  Wide next = uniform(random, 1, 3);
  for (int axis = output.rank() - 1; axis >= 0; --axis) {
    strides[axis] = static_cast<int64_t>(next);
    next = saturating_product(next, std::max<int64_t>(output[axis], 1)) + uniform(random, 0, 5);
    if (!fits_int64(next)) return;
  }
  p.output_strides = strides;
  if (stride_fault(p)) p.output_strides.reset();
}

// Anything, or the rule's output with one wrong extent; never the rule's own.
void add_claim(Random& random, Problem& p, Numbers& numbers) {
  const auto broken = broken_rule(p);
  const bool has_output = !broken || broken->rule == Rule::sizes_fit_int64;
  Shape claim = numbers.shape(static_cast<int>(uniform(random, 1, 5)), -1, 9);
  if (has_output && one_in(random, 2)) {
    claim = rule_output_shape(p);
    claim[static_cast<int>(random.below(3))] = any_number(random);
  }
  if (has_output && claim == rule_output_shape(p)) return;
  p.claimed_output = claim;
}

Problem random_problem(Random& random) {
  Numbers numbers(random);
  const int rank = static_cast<int>(uniform(random, 1, 3));
  Problem p;
  p.groups = numbers.number(1, 3);
  const int64_t factor = numbers.is_mild() ? p.groups : 1;
  p.input = {numbers.number(0, 3), factor * numbers.number(1, 3)};
  p.weight = {factor * numbers.number(1, 3), numbers.is_mild() ? p.input[1] / p.groups : any_number(random)};
  for (int axis = 0; axis < rank; ++axis) {
    const auto at = static_cast<size_t>(axis);
    p.input.push_back(numbers.number(2, 12));
    p.weight.push_back(numbers.number(1, 4));
    if (one_in(random, 2)) p.stride[at] = numbers.number(1, 4);
    if (one_in(random, 2)) p.dilation[at] = numbers.number(1, 3);
    if (one_in(random, 2)) p.pad_before[at] = numbers.number(0, 4);
    p.pad_after[at] = one_in(random, 2) ? p.pad_before[at] : numbers.number(0, 4);
  }
  if (one_in(random, 10)) p.weight = numbers.shape(static_cast<int>(uniform(random, 1, 5)), 1, 9);
  if (one_in(random, 2)) p.bias = {numbers.is_mild() ? p.weight[0] : any_number(random)};
  if (one_in(random, 10)) p.bias = numbers.shape(static_cast<int>(uniform(random, 1, 5)), 1, 9);
  if (one_in(random, 2)) p.direction = static_cast<Direction>(uniform(random, 1, 3));
  if (one_in(random, 2)) p.dtype = static_cast<DataType>(uniform(random, 1, 4));
  if (one_in(random, 2)) p.layout = Layout::nhwc;
  if (one_in(random, 4)) add_claim(random, p, numbers);
  add_strides(random, p);
  return p;
}

}  // namespace

Case random_case(Random& random) {
  Case c;
  c.problem = random_problem(random);
  c.fill = static_cast<Fill>(random.below(kFillNames.size()));
  c.seed = one_in(random, 2) ? random.below(3) : random.bits();
  return c;
}

std::string random_descriptor(Random& random) {
  std::array<std::string_view, 10> fields = {"mb", "ih", "iw", "kw", "sh", "sw", "ph", "pw", "dh", "oh"};
  std::string text;
  const auto add = [&](std::string_view field, int64_t value) { text.append(field).append(std::to_string(value)); };
  const bool has_batch = one_in(random, 2);
  add(has_batch ? "mb" : "g", uniform(random, 1, 3));
  add("ic", uniform(random, 1, 9));
  add("oc", uniform(random, 1, 9));
  add("kh", 3);
  for (size_t i = fields.size() - 1; i > 0; --i) std::swap(fields[i], fields[random.below(i + 1)]);
  for (const std::string_view field : fields) {
    if (one_in(random, 3) || (field == "mb" && has_batch)) continue;
    if (one_in(random, 3)) text.push_back('_');
    add(field, one_in(random, 20) ? any_number(random) : uniform(random, 0, 30));
  }
  if (one_in(random, 4)) text.append("n\"a:name\"");
  return text;
}

std::string mutated(Random& random, std::string text, const std::string& other) {
  constexpr std::string_view kMeaningful = "x,=_ -0123456789\n\t\0\xff";
  for (int64_t edits = one_in(random, 2) ? 1 : uniform(random, 2, 4); edits > 0; --edits) {
    const size_t at = random.below(text.size() + 1);
    const size_t length = std::min<size_t>(random.below(9), text.size() - at);
    const size_t from = random.below(other.size() + 1);
    switch (random.below(9)) {
      case 0:  // a flipped bit
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:  // doubled
        text.insert(at, text.substr(at, length));
        break;
      case 3:  // spliced
        text = text.substr(0, at) + other.substr(from);
        break;
      case 4:
        text.insert(at, other.substr(from, random.below(30)));
        break;
      case 5:
        text.insert(at, 1, kMeaningful[random.below(kMeaningful.size())]);
        break;
      default:  // another digit in place of one
        if (const size_t digit = text.find_first_of("0123456789", at); digit != std::string::npos) {
          text[digit] = static_cast<char>('0' + random.below(10));
        }
        break;
    }
  }
  return text.substr(0, 400);
}

}  // namespace convcheck
