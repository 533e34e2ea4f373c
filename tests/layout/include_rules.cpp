#include "tests/layout/include_rules.h"

#include <algorithm>
#include <optional>
#include <sstream>

namespace convcheck::layout {
namespace {

struct Include {
  std::string target;
  bool quoted = false;
};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

// What follows #include on a line, or nothing where the line is none.
std::optional<std::string_view> directive_operand(std::string_view line) {
  line = trimmed(line);
  if (!line.starts_with('#')) return std::nullopt;
  line = trimmed(line.substr(1));
  constexpr std::string_view kInclude = "include";
  if (!line.starts_with(kInclude)) return std::nullopt;
  return trimmed(line.substr(kInclude.size()));
}

std::optional<Include> parse_operand(std::string_view operand) {
  const bool quoted = operand.starts_with('"');
  if (!quoted && !operand.starts_with('<')) return std::nullopt;
  const auto end = operand.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{.target = std::string(operand.substr(1, end - 1)), .quoted = quoted};
}

bool has_dots(std::string_view target) {
  return target.starts_with("./") || target.starts_with("../") || target.find("/./") != std::string_view::npos ||
         target.find("/../") != std::string_view::npos;
}

// The path from the top of the tree; the installed headers are included without "include/".
std::string path_from_top(std::string_view target) {
  return (first_part(target) == "convcheck" ? "include/" : "") + std::string(target);
}

bool lies_in(std::string_view path, std::string_view folder_or_file) {
  return path == folder_or_file || (path.starts_with(folder_or_file) && path[folder_or_file.size()] == '/');
}

// An adapter stands beside the other kernels, not on them: of impls/ it may include support/ and itself, and nothing
// else of ours but what impls/ may. No other kernel includes an adapter.
bool adapters_kept_apart(std::string_view path, std::string_view target) {
  constexpr std::string_view kAdapters = "impls/adapters/";
  if (!path.starts_with(kAdapters)) return !target.starts_with(kAdapters);
  const auto own_folder = path.substr(0, path.find('/', kAdapters.size()));
  return !lies_in(target, "impls") || lies_in(target, "impls/support") || lies_in(target, own_folder);
}

bool may_include(const Folder& folder, std::string_view path, std::string_view target) {
  if (folder.may_include_anything) return true;
  if (folder.name == "impls" && !adapters_kept_apart(path, target)) return false;
  return lies_in(target, folder.name) ||
         std::ranges::any_of(folder.may_include, [&](std::string_view allowed) { return lies_in(target, allowed); });
}

// What is wrong with one include, or nothing.
std::string judge(const Folder& folder, std::string_view path, const Include& include) {
  const std::string target = path_from_top(include.target);
  const bool ours = find_folder(first_part(target)) != nullptr;
  if (!folder.holds_projects_of_their_own && (has_dots(target) || (include.quoted && !ours)))
    return "\"" + include.target +
           "\" must be written as its path from the top of the tree (or in <> where it is not ours)";
  if (ours && !may_include(folder, path, target)) return "may not include " + target;
  return {};
}

}  // namespace

std::span<const Folder> folders() {
  static const std::vector<Folder> kFolders = {
      {.name = "include", .may_include = {}},
      {.name = "reference", .may_include = {"include"}},
      {.name = "impls", .may_include = {"include"}},
      {.name = "properties", .may_include = {"reference", "include"}},
      {.name = "harness", .may_include = {"properties", "reference", "include"}},
      {.name = "fuzz", .may_include = {"harness", "properties", "reference", "include", "impls/shipped.h"}},
      {.name = "tools",
       .may_include = {"harness", "properties", "reference", "include", "impls/shipped.h", "impls/mutants.h",
                       "impls/unusual.h"}},
      {.name = "bench", .may_include = {}, .may_include_anything = true},
      {.name = "tests", .may_include = {}, .may_include_anything = true},
      {.name = "examples", .may_include = {}, .may_include_anything = true, .holds_projects_of_their_own = true},
  };
  return kFolders;
}

const Folder* find_folder(std::string_view name) {
  const auto found = std::ranges::find(folders(), name, &Folder::name);
  return found == folders().end() ? nullptr : &*found;
}

std::string_view first_part(std::string_view path) {
  return path.substr(0, path.find('/'));
}

std::vector<std::string> wrong_includes(std::string_view path, std::string_view text) {
  const Folder* folder = find_folder(first_part(path));
  if (folder == nullptr) return {std::string(path) + ": no folder of tests/layout/include_rules.cpp holds this file"};

  std::vector<std::string> wrong;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const auto operand = directive_operand(line);
    if (!operand) continue;
    const auto include = parse_operand(*operand);
    const std::string fault = include ? judge(*folder, path, *include) : "neither \"file\" nor <file> follows #include";
    if (!fault.empty()) wrong.push_back(std::string(path) + ":" + std::to_string(number) + ": " + fault);
  }
  return wrong;
}

}  // namespace convcheck::layout
