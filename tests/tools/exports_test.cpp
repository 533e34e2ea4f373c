// Kernels that are loaded find no symbol of ours: the executable exports none.
#include <gtest/gtest.h>

#include "tests/tools/program.h"

namespace convcheck::tools {
namespace {

TEST(Exports, NothingOfOurs) {
  const Ended program = shell(std::string("nm -D --defined-only '") + CONVCHECK_PROGRAM + "'");
  ASSERT_EQ(program.status, 0) << program.err;
  EXPECT_EQ(program.out.find("convcheck"), std::string::npos) << program.out;
}

// The same question of a kernel library must have an answer, or the one above proves nothing.
TEST(Exports, OfAKernelLibraryAreSeen) {
  const Ended library = shell("nm -D --defined-only '" + kRightKernel + "'");
  ASSERT_EQ(library.status, 0) << library.err;
  EXPECT_NE(library.out.find(" T convcheck_kernels"), std::string::npos) << library.out;
}

}  // namespace
}  // namespace convcheck::tools
