// docs/laws.md is what the table of laws says.
#include "properties/law_page.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "properties/law.h"

#ifndef CONVCHECK_SOURCE_DIR
#error "CONVCHECK_SOURCE_DIR is the path of the source tree"
#endif

namespace convcheck {
namespace {

TEST(LawPage, IsThePageInDocs) {
  std::ostringstream text;
  text << std::ifstream(CONVCHECK_SOURCE_DIR "/docs/laws.md", std::ios::binary).rdbuf();
  EXPECT_TRUE(text.str() == law_page()) << "docs/laws.md is not what the table of laws says: write\n\n"
                                        << law_page() << "\nto it";
}

TEST(LawPage, SaysAllOfEachLawUnderItsTopic) {
  const std::string page = law_page();
  for (const Law& law : laws()) {
    const size_t heading = page.find("\n### " + std::string(law.name) + "\n");
    ASSERT_NE(heading, std::string::npos) << law.name;
    const std::string entry = page.substr(heading, page.find("\n#", heading + 1) - heading);
    for (const std::string_view part : {law.statement, law.why, law.catches, law.cost}) {
      EXPECT_NE(entry.find(part), std::string::npos) << law.name << ": " << part;
    }
    EXPECT_EQ(entry.find("Promise") != std::string::npos, law.needs_promise != 0) << law.name;
    EXPECT_NE(entry.find(promise_names(law.needs_promise)), std::string::npos) << law.name;
  }
  EXPECT_TRUE(page.starts_with("# The laws\n"));
  EXPECT_TRUE(page.ends_with(".\n"));
}

}  // namespace
}  // namespace convcheck
