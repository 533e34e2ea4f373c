// Whether a report on the torture libraries says what it must: expected.h has the data.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace convcheck::torture {

/// What is wrong with the report, a sentence each; empty where every kernel is there, each has violated what it is
/// there for in the right words, none of the sound ones is accused of anything, and nothing is a fault of the harness.
[[nodiscard]] std::vector<std::string> complaints_about(const nlohmann::json& report);

}  // namespace convcheck::torture
