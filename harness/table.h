// The report as text: the table of kernels x laws, and each violation on one screen.
#pragma once

#include <string>

#include "harness/report.h"

namespace convcheck {

struct TableStyle {
  bool colour = false;
  bool verbose = false;  ///< every violation at full length, not only the first of each kernel; cases by class
};

/// The table, what ran, and the verdict in the last line.
[[nodiscard]] std::string to_table(const Report& report, TableStyle style);

/// One violation: law, kernel, the case before and after shrinking, index, expected and got, what is wrong, how to
/// repeat it.
[[nodiscard]] std::string to_text(const Violation& violation, std::string_view kernel, std::string_view law,
                                  TableStyle style);

/// Prose on lines of at most 100 columns, when its first line stands behind `indent` columns; the others are indented
/// to that. A word that is longer has a line of its own.
[[nodiscard]] std::string wrapped(std::string_view text, size_t indent);

}  // namespace convcheck
