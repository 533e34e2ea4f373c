#include "reference/spelling.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace convcheck {
namespace {

// Levenshtein distance, one row at a time.
size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= left.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= right.size(); ++j) {
      const size_t substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

}  // namespace

std::string suggestion(std::string_view word, std::span<const std::string_view> names) {
  constexpr size_t kLongestName = 64;
  constexpr size_t kLeastPrefix = 3;
  const std::string_view* best = nullptr;
  size_t best_distance = 0;
  for (const std::string_view& name : names) {
    if (word.size() > kLongestName) break;
    if (word.size() >= kLeastPrefix && name.starts_with(word)) return fmt::format("did you mean '{}'?", name);
    const size_t distance = edit_distance(word, name);
    if (best == nullptr || distance < best_distance) {
      best = &name;
      best_distance = distance;
    }
  }
  if (best != nullptr && best_distance <= std::max<size_t>(1, best->size() / 3)) {
    return fmt::format("did you mean '{}'?", *best);
  }
  return fmt::format("known: {}", fmt::join(names, ", "));
}

std::string printable(std::string_view text) {
  constexpr size_t kMost = 60;
  std::string result;
  for (const char c : text.substr(0, kMost)) {
    if (c >= ' ' && c <= '~') {
      result.push_back(c);
    } else {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return text.size() > kMost ? result + "..." : result;
}

}  // namespace convcheck
