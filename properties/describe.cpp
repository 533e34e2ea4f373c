#include "properties/describe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <set>
#include <vector>

namespace convcheck {
namespace {

Shape output_of(const Geometry& g) {
  return {g.batch, g.out_channels(), g.height.out, g.width.out};
}

// What the wrong elements have in common on one axis, where that tells something: not all positions of an axis with
// several.
std::string common(std::string_view what, const std::set<int64_t>& seen, int64_t extent) {
  if (extent < 2 || static_cast<int64_t>(seen.size()) == extent) return {};
  if (seen.size() == 1) {
    const int64_t at = *seen.begin();
    return fmt::format("all in {} {}{}", what, at, at == extent - 1 ? " (the last)" : at == 0 ? " (the first)" : "");
  }
  const int64_t first = *seen.begin();
  const int64_t last = *seen.rbegin();
  if (last - first + 1 == static_cast<int64_t>(seen.size())) {
    return fmt::format("all in {}s {} to {} of 0 to {}", what, first, last, extent - 1);
  }
  const int64_t step = *std::next(seen.begin()) - first;
  for (const int64_t at : seen) {
    if ((at - first) % step != 0) return {};
  }
  return step > 1 ? fmt::format("all in {}s {}, {}, ...: every {}", what, first, first + step, step) : std::string();
}

}  // namespace

std::string describe_index(const Geometry& g, int64_t index) {
  const Shape at = index_of(output_of(g), index);
  return fmt::format("n={} k={} h={} w={}", at[0], at[1], at[2], at[3]);
}

std::string describe_value(double value) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  return fmt::format("{:a} ({:.9g})", value, value);
}

std::string describe_wrong(const Geometry& g, std::span<const int64_t> wrong, int64_t total, int64_t compared) {
  std::set<int64_t> images, groups, channels, rows, columns;
  for (const int64_t index : wrong) {
    const Shape at = index_of(output_of(g), index);
    images.insert(at[0]);
    groups.insert(at[1] / g.out_channels_per_group);
    channels.insert(at[1] % g.out_channels_per_group);
    rows.insert(at[2]);
    columns.insert(at[3]);
  }
  std::vector<std::string> parts;
  const auto add = [&](std::string part) {
    if (!part.empty()) parts.push_back(std::move(part));
  };
  add(common("image", images, g.batch));
  add(common("group", groups, g.groups));
  add(common("output channel of its group", channels, g.out_channels_per_group));
  add(common("row", rows, g.height.out));
  add(common("column", columns, g.width.out));
  const std::string count = total == compared ? fmt::format("all {} outputs compared are wrong", compared)
                                              : fmt::format("{} of {} outputs compared are wrong", total, compared);
  return parts.empty() ? count : fmt::format("{}: {}", count, fmt::join(parts, ", "));
}

}  // namespace convcheck
