// Help for misspelt words: what was probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace convcheck {

/// "did you mean 'weight'?" where one of the names is close, else "known: a, b, c".
[[nodiscard]] std::string suggestion(std::string_view word, std::span<const std::string_view> names);

/// The text with control and non-ASCII bytes as \xNN, cut after 60 characters: safe to print whatever it holds.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace convcheck
