// The report as text: the table of kernels x laws, and each violation on one screen.
#pragma once

#include <string>

#include "harness/report.h"

namespace convcheck {

struct TableStyle {
  bool colour = false;
};

/// The table, what ran, and the verdict in the last line.
[[nodiscard]] std::string to_table(const Report& report, TableStyle style);

/// One violation: law, kernel, the case before and after shrinking, index, expected and got, what is wrong, how to
/// repeat it.
[[nodiscard]] std::string to_text(const Violation& violation, std::string_view kernel, std::string_view law,
                                  TableStyle style);

}  // namespace convcheck
