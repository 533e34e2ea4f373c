// Libraries are loaded, or refused in one line that says what to do.
#include "harness/library.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/properties/faulty_kernels.h"

namespace convcheck {
namespace {

std::string built(const std::string& kind) {
  return std::string(CONVCHECK_LISTED_DIR) + "/listed_" + kind + ".so";
}

struct Refusal {
  std::string path;
  std::string message;
};

TEST(Library, ThatCannotBeUsedHasNoKernelsAndOneLineThatSaysWhy) {
  const std::string not_a_library = std::string(testing::TempDir()) + "/convcheck_not_a_library.so";
  std::ofstream(not_a_library) << "text\n";
  const std::vector<Refusal> table = {
      {"/nowhere/kernel.so", "no such file"},
      {"libm.so.6", "no such file"},  // nothing is looked for among the system's libraries
      {"", "no such file"},
      {not_a_library, "cannot be loaded"},
      {std::string(testing::TempDir()), "cannot be loaded"},
      {built("no_symbol"), "exports no convcheck_kernels()"},
      {built("nothing"), "lists no kernels for ABI version 1"},
      {built("null_kernel"), "kernel 1 is a null pointer"},
      {built("short_struct"), "kernel 0 has struct_size"},
      {built("no_name"), "kernel 0 has no name"},
      {built("no_run"), "kernel 'first' has no run function"},
  };
  for (const Refusal& row : table) {
    const Library library = Library::load(row.path);
    EXPECT_TRUE(library.kernels().empty()) << row.path;
    EXPECT_TRUE(library.error().starts_with(row.path + ": " + row.message)) << row.path << ": " << library.error();
    EXPECT_EQ(library.error().find('\n'), std::string::npos) << library.error();
    EXPECT_EQ(library.path(), row.path);
  }
  std::filesystem::remove(not_a_library);
}

TEST(Library, IsExaminedWithoutComingIntoThisProcess) {
  const Library library = Library::examine(built("good"));
  ASSERT_EQ(library.error(), "");
  ASSERT_EQ(library.kernels().size(), 2U);
  EXPECT_STREQ(library.kernels()[1].kernel->name, "second");
  EXPECT_STREQ(library.kernels()[1].kernel->description, "declines every problem");
  EXPECT_EQ(library.kernels()[1].kernel->promises, uint32_t{CONVCHECK_DETERMINISTIC});
  EXPECT_EQ(library.kernels()[1].kernel->run, nullptr) << "it is not here to be called";
  const Library here = library.load_again();
  ASSERT_EQ(here.kernels().size(), 2U);
  EXPECT_NE(here.kernels()[1].kernel->run, nullptr);
}

TEST(Library, ThatDoesNotListWhatItShouldIsOneKernelNamedAfterItsFile) {
  for (const char* kind : {"nothing", "null_kernel", "short_struct", "no_name", "no_run"}) {
    const Library library = Library::examine(built(kind));
    EXPECT_EQ(library.error(), "") << kind;
    ASSERT_EQ(library.kernels().size(), 1U) << kind;
    EXPECT_EQ(library.kernels()[0].kernel->name, "listed_" + std::string(kind));
  }
  EXPECT_TRUE(Library::examine(built("no_symbol")).kernels().empty()) << "that is no kernel library at all";
  EXPECT_NE(Library::examine("/nowhere/kernel.so").error().find("no such file"), std::string::npos);
}

TEST(Library, IsExaminedAgainWhereSomebodyKillsTheProcessThatLooks) {
  const std::string marker = testing::TempDir() + "library_test.killed";
  std::remove(marker.c_str());
  setenv("CONVCHECK_TEST_KILLED", marker.c_str(), 1);
  const Library once = Library::examine(built("killed"));
  EXPECT_TRUE(std::filesystem::exists(marker)) << "the first process was not killed";
  unsetenv("CONVCHECK_TEST_KILLED");
  std::remove(marker.c_str());
  ASSERT_EQ(once.kernels().size(), 2U) << once.error();
  EXPECT_STREQ(once.kernels()[1].kernel->name, "second");
  const Library always = Library::examine(built("killed"));
  ASSERT_EQ(always.kernels().size(), 1U);
  EXPECT_STREQ(always.kernels()[0].kernel->name, "listed_killed");
}

TEST(Library, IsLoadedWithItsKernelsInOrder) {
  const Library library = Library::load(built("good"));
  ASSERT_EQ(library.error(), "");
  ASSERT_EQ(library.kernels().size(), 2U);
  EXPECT_STREQ(library.kernels()[0].kernel->name, "first");
  EXPECT_STREQ(library.kernels()[1].kernel->name, "second");
  EXPECT_EQ(library.path(), built("good"));
  EXPECT_FALSE(library.is_linked());
}

TEST(Library, MayBeNamedByARelativePath) {
  const std::string relative = std::filesystem::relative(built("good")).string();
  const Library library = Library::load(relative);
  EXPECT_EQ(library.error(), "");
  EXPECT_EQ(library.path(), relative);
}

// One kernel that does not promise to be thread-safe may share state with every other of its library.
TEST(Library, SerializesCallsUnlessAllItsKernelsAreThreadSafe) {
  const Library mixed = Library::load(built("good"));
  ASSERT_EQ(mixed.kernels().size(), 2U);
  EXPECT_NE(mixed.kernels()[0].serial, nullptr);
  EXPECT_EQ(mixed.kernels()[0].serial, mixed.kernels()[1].serial);
  const Library safe = Library::load(built("thread_safe"));
  ASSERT_EQ(safe.kernels().size(), 2U);
  EXPECT_EQ(safe.kernels()[0].serial, nullptr);
  EXPECT_EQ(safe.kernels()[1].serial, nullptr);
}

// Of linked kernels it may be known that they share nothing: then each has a lock of its own, or none.
TEST(Library, SerializesEachKernelByItselfWhereTheyShareNoState) {
  const auto list = [](uint32_t /*version*/, size_t* count) -> const convcheck_kernel* const* {
    static const convcheck_kernel* const kAll[] = {&kernel_with(Oddity::no_promises), &kernel_with(Oddity::none),
                                                   &kernel_with(Oddity::no_promises)};
    *count = std::size(kAll);
    return kAll;
  };
  const Library apart = Library::linked("apart", list, SharedState::none);
  ASSERT_EQ(apart.kernels().size(), 3U);
  EXPECT_NE(apart.kernels()[0].serial, nullptr);
  EXPECT_EQ(apart.kernels()[1].serial, nullptr);
  EXPECT_NE(apart.kernels()[2].serial, nullptr);
  EXPECT_NE(apart.kernels()[0].serial, apart.kernels()[2].serial);
  const Library together = Library::linked("together", list);
  for (const Subject& subject : together.kernels()) EXPECT_EQ(subject.serial, together.kernels()[0].serial);
}

TEST(Library, KeepsItsLockWhenItIsCopiedOrMoved) {
  Library library = Library::load(built("good"));
  std::mutex* const lock = library.kernels()[0].serial;
  const Library moved = std::move(library);
  EXPECT_EQ(moved.kernels()[0].serial, lock);
  EXPECT_TRUE(lock->try_lock());
  lock->unlock();
}

TEST(Library, MayBeLinkedIn) {
  const Library library = Library::linked("linked kernels", [](uint32_t version, size_t* count) {
    static const convcheck_kernel* const kAll[] = {&kernel_with(Oddity::none)};
    *count = version == CONVCHECK_ABI_VERSION ? 1 : 0;
    return version == CONVCHECK_ABI_VERSION ? kAll : nullptr;
  });
  EXPECT_EQ(library.error(), "");
  EXPECT_TRUE(library.is_linked());
  EXPECT_EQ(library.path(), "linked kernels");
  ASSERT_EQ(library.kernels().size(), 1U);
  EXPECT_EQ(library.kernels()[0].kernel, &kernel_with(Oddity::none));
}

}  // namespace
}  // namespace convcheck
