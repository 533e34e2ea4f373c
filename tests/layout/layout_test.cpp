// Holds the tree to its layout: includes go in the allowed direction only, and no test file is left out of the build.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/layout/include_rules.h"

namespace convcheck::layout {
namespace {

namespace fs = std::filesystem;
using Messages = std::vector<std::string>;

const fs::path kTop = CONVCHECK_SOURCE_DIR;

std::string read(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

bool is_source(const fs::path& file) {
  constexpr std::array<std::string_view, 5> kExtensions = {".c", ".cpp", ".h", ".hpp", ".inc"};
  return std::ranges::find(kExtensions, file.extension().string()) != kExtensions.end();
}

// The files in and below a folder; none where it does not exist.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  return files;
}

std::vector<fs::path> sources_below(const fs::path& folder) {
  auto files = files_below(folder);
  std::erase_if(files, [](const fs::path& file) { return !is_source(file); });
  return files;
}

class EveryFolder : public testing::TestWithParam<std::string_view> {};

TEST_P(EveryFolder, IncludesOnlyWhatItMay) {
  const fs::path folder = kTop / GetParam();
  const auto sources = sources_below(folder);
  EXPECT_FALSE(sources.empty()) << folder << " holds no file that this test could read";
  for (const auto& source : sources) {
    const std::string text = read(source);
    EXPECT_FALSE(text.empty()) << source << " is empty or cannot be read";
    for (const auto& message : wrong_includes(source.lexically_relative(kTop).generic_string(), text))
      ADD_FAILURE() << message;
  }
}

// A folder that makes up the suite must exist; fuzz/ is judged from the day on which it does.
std::vector<std::string_view> folders_to_judge() {
  std::vector<std::string_view> names;
  for (const auto& folder : folders())
    if (folder.name != "fuzz" || fs::exists(kTop / folder.name)) names.push_back(folder.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Tree, EveryFolder, testing::ValuesIn(folders_to_judge()),
                         [](const auto& folder) { return std::string(folder.param); });

TEST(Tree, HasNoSourcesInFoldersWithoutRules) {
  for (const auto& entry : fs::directory_iterator(kTop)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory() || name.starts_with('.') || name.starts_with("build") || find_folder(name) != nullptr)
      continue;
    EXPECT_TRUE(sources_below(entry.path()).empty())
        << name << " holds sources; say in include_rules.cpp what it may include";
  }
}

TEST(Tree, BuildsEveryTestFile) {
  std::string lists;
  std::vector<std::string> test_files;
  for (const auto& file : files_below(kTop / "tests")) {
    const std::string name = file.filename().string();
    if (name == "CMakeLists.txt") lists += read(file);
    if (name.ends_with("_test.cpp")) test_files.push_back(name);
  }
  ASSERT_FALSE(test_files.empty());
  for (const auto& name : test_files)
    EXPECT_TRUE(lists.find(name) != std::string::npos)
        << name << " is named by no CMakeLists.txt below tests, so it never runs";
}

struct Example {
  std::string_view path;
  std::string_view include;
};

TEST(WrongIncludes, AcceptsWhatTheLayoutAllows) {
  const std::vector<Example> allowed = {
      {.path = "include/convcheck/kernel.hpp", .include = "#include \"convcheck/kernel.h\""},
      {.path = "include/convcheck/kernel.h", .include = "#include <stdint.h>"},
      {.path = "reference/bound.cpp", .include = "#include \"reference/problem.h\""},
      {.path = "reference/bound.cpp", .include = "#include \"convcheck/kernel.h\""},
      {.path = "reference/bound.cpp", .include = "#include <fmt/format.h>"},
      {.path = "reference/bound.cpp", .include = "// #include \"impls/direct/direct.h\""},
      {.path = "impls/im2col/im2col.cpp", .include = "#include \"impls/support/rules.h\""},
      {.path = "impls/adapters/onednn/conv.cpp", .include = "#include \"impls/adapters/onednn/descriptor.h\""},
      {.path = "impls/adapters/onednn/conv.cpp", .include = "#include \"impls/support/rules.h\""},
      {.path = "properties/laws.cpp", .include = "#include \"reference/problem.h\""},
      {.path = "harness/session.cpp", .include = "#include \"properties/laws.h\""},
      {.path = "tools/convcheck/main.cpp", .include = "#include \"harness/session.h\""},
      {.path = "tools/convcheck/main.cpp", .include = "#include \"impls/shipped.h\""},
      {.path = "tools/convcheck/audit.cpp", .include = "#include \"impls/mutants.h\""},
      {.path = "tools/convcheck/audit.cpp", .include = "#include \"impls/unusual.h\""},
      {.path = "bench/shipped.cpp", .include = "#include \"impls/direct/direct.h\""},
      {.path = "tests/impls/direct_test.cpp", .include = "#include \"impls/direct/direct.h\""},
      {.path = "examples/my_kernel/my_kernel.c", .include = "#include \"tables.h\""},
  };
  for (const auto& [path, include] : allowed) EXPECT_EQ(wrong_includes(path, include), Messages{});
}

TEST(WrongIncludes, AccusesTheLineOfAWrongInclude) {
  const std::vector<Example> wrong = {
      {.path = "include/convcheck/kernel.hpp", .include = "#include \"reference/problem.h\""},
      {.path = "include/convcheck/kernel.hpp", .include = "#include \"kernel.h\""},
      {.path = "reference/bound.cpp", .include = "#include \"properties/laws.h\""},
      {.path = "reference/bound.cpp", .include = "  #  include <impls/direct/direct.h>"},
      {.path = "reference/bound.cpp", .include = "#include \"problem.h\""},
      {.path = "reference/bound.cpp", .include = "#include \"./problem.h\""},
      {.path = "reference/bound.cpp", .include = "#include \"reference/../impls/direct/direct.h\""},
      {.path = "reference/bound.cpp", .include = "#include BOUND_HEADER"},
      {.path = "reference/bound.cpp", .include = "#include \"reference/problem.h"},
      {.path = "impls/direct/direct.cpp", .include = "#include \"reference/problem.h\""},
      {.path = "impls/direct/direct.cpp", .include = "#include \"../im2col/im2col.h\""},
      {.path = "impls/direct/direct.cpp", .include = "#include \"impls/adapters/onednn/conv.h\""},
      {.path = "impls/adapters/onednn/conv.cpp", .include = "#include \"impls/direct/direct.h\""},
      {.path = "impls/adapters/onednn/conv.cpp", .include = "#include \"impls/adapters/xnnpack/conv.h\""},
      {.path = "impls/adapters/onednn/conv.cpp", .include = "#include \"reference/problem.h\""},
      {.path = "properties/laws.cpp", .include = "#include \"harness/session.h\""},
      {.path = "harness/session.cpp", .include = "#include \"impls/shipped.h\""},
      {.path = "harness/audit.cpp", .include = "#include \"impls/unusual.h\""},
      {.path = "tools/convcheck/audit.cpp", .include = "#include \"impls/unusual/window.h\""},
      {.path = "tools/convcheck/main.cpp", .include = "#include \"impls/direct/direct.h\""},
      {.path = "tools/convcheck/main.cpp", .include = "#include \"tests/layout/include_rules.h\""},
      {.path = "fuzz/text.cpp", .include = "#include \"tools/convcheck/commands.h\""},
      {.path = "tests/impls/direct_test.cpp", .include = "#include \"direct.h\""},
  };
  for (const auto& [path, include] : wrong) {
    const auto messages = wrong_includes(path, "#include <vector>\n" + std::string(include) + "\n");
    ASSERT_EQ(messages.size(), 1U) << path << ": " << include;
    EXPECT_TRUE(messages[0].starts_with(std::string(path) + ":2: ")) << messages[0];
  }
}

TEST(WrongIncludes, NamesWhatMayNotBeIncluded) {
  EXPECT_EQ(wrong_includes("reference/bound.cpp", "#include \"impls/direct/direct.h\"\n"),
            Messages{"reference/bound.cpp:1: may not include impls/direct/direct.h"});
}

TEST(WrongIncludes, AccusesAFileOutsideOfEveryFolder) {
  EXPECT_EQ(wrong_includes("sources/bound.cpp", "").size(), 1U);
}

}  // namespace
}  // namespace convcheck::layout
