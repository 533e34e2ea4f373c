// The direction of dependency: which folder may include which. CONTRIBUTING.md has the same table for people.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace convcheck::layout {

// A folder at the top of the tree. Every folder may include itself; the others that it may include are listed, each as
// a folder or a file by its path from the top of the tree.
struct Folder {
  std::string_view name;
  std::vector<std::string_view> may_include;
  bool may_include_anything = false;
  bool holds_projects_of_their_own = false;  // which include what is installed, and their own files by any path
};

// Every folder that holds C or C++.
[[nodiscard]] std::span<const Folder> folders();

// The folder of that name, or null.
[[nodiscard]] const Folder* find_folder(std::string_view name);

// The first part of a path: "reference" of "reference/bound.cpp".
[[nodiscard]] std::string_view first_part(std::string_view path);

// What is wrong with the #include lines of the file at `path` (from the top of the tree) that holds `text`: one
// sentence for each, beginning with path and line. A file outside of every folder is wrong as a whole.
[[nodiscard]] std::vector<std::string> wrong_includes(std::string_view path, std::string_view text);

}  // namespace convcheck::layout
