// The report as JSON; docs/report.schema.json is its schema.
#pragma once

#include <string>

#include "harness/report.h"

namespace convcheck {

[[nodiscard]] std::string to_json(const Report& report);

}  // namespace convcheck
