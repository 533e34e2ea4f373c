// The page about the laws, docs/laws.md: made from their table, so that it says what is judged.
#pragma once

#include <string>

namespace convcheck {

/// The whole page in Markdown, the laws by topic in the order of the table.
[[nodiscard]] std::string law_page();

}  // namespace convcheck
