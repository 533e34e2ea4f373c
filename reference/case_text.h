// The text of a case, one line, used by the command line, the corpus, reports and tests alike:
//
//   input=1x6x32x32 weight=16x3x5x5 groups=2 stride=2x1 padding=1,0,2,1 dilation=1x3 bias=16 fill=reals seed=42
//
// Lists per axis are joined by x, the sides of a padding by commas (top, bottom, left, right), one number serves all;
// padding may also be `same` or `valid`. The channels form (in_channels= out_channels= kernel= size= batch=, and
// channels_per_kernel= in place of groups=) and benchdnn descriptors (benchdnn.h) are read as well. docs/case-text.md
// has the whole grammar.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "reference/case.h"

namespace convcheck {

/// Why a text was refused and where: a byte offset into it.
struct TextError {
  size_t position = 0;
  std::string message;
};

/// A value, or why the text has none.
template <class Value>
class [[nodiscard]] Parsed {
 public:
  Parsed(Value value) : result_(std::move(value)) {}      // NOLINT(google-explicit-constructor): reads as a value
  Parsed(TextError error) : result_(std::move(error)) {}  // NOLINT(google-explicit-constructor): reads as an error
  [[nodiscard]] explicit operator bool() const { return result_.index() == 0; }
  [[nodiscard]] const Value& operator*() const { return std::get<0>(result_); }
  [[nodiscard]] const Value* operator->() const { return &std::get<0>(result_); }
  [[nodiscard]] const TextError& error() const { return std::get<1>(result_); }

 private:
  std::variant<Value, TextError> result_;
};

/// Reads any of the forms above. Validity is not checked: that is what the rules are for. Refused is what has no
/// meaning as a problem, each with its place and the right spelling. Never throws on any bytes; thread-safe.
[[nodiscard]] Parsed<Case> parse_case(std::string_view text);

/// The canonical text: keys in the order of the grammar, defaults left out. parse_case() of it gives the same value.
[[nodiscard]] std::string print(const Case& c);
[[nodiscard]] std::string print(const Problem& problem);

/// "1x6x32x32".
[[nodiscard]] std::string print(const Shape& shape);

/// One line: "column 17: unknown key 'weigth'; did you mean 'weight'?".
[[nodiscard]] std::string describe(const TextError& error);

}  // namespace convcheck
