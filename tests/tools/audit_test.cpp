// The audit as its users meet it: what it prints, writes and ends with.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/tools/program.h"

namespace convcheck::tools {
namespace {

// With the tree's own corpus, since the small one of these tests lacks classes of parameters.
Ended audit(const std::string& arguments) {
  return shell(std::string("CONVCHECK_CORPUS=") + CONVCHECK_SOURCE_DIR + "/corpus " + CONVCHECK_PROGRAM + " audit " +
               arguments);
}

TEST(AuditCommand, EndsWithStatus0WhereItPassesAndWritesJsonThatIsValid) {
  const TemporaryFolder folder;
  const std::string json = folder.file("audit.json");
  const Ended ended =
      audit("--kernel kernel_flipped --kernel direct --law matches_reference_exactly --budget 1s --json " + json);
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_NE(ended.out.find("1 of 1 mutants caught, 0 of 1 sound kernels accused: passed"), std::string::npos)
      << ended.out;
  EXPECT_NE(ended.out.find("behaviour named: 1 of 1, 0 wrongly"), std::string::npos) << ended.out;
  const Ended validated = shell(std::string(CONVCHECK_PYTHON) + " -W ignore -m jsonschema -i '" + json + "' '" +
                                CONVCHECK_SOURCE_DIR + "/docs/audit.schema.json'");
  EXPECT_EQ(validated.status, 0) << validated.out << validated.err;
  EXPECT_EQ(nlohmann::json::parse(read_file(json)).at("kernels").at(0).at("behaves_as"), "kernel_flipped");
}

TEST(AuditCommand, EndsWithStatus1WhereAMutantSurvives) {
  const Ended ended = convcheck(
      {"audit", "--kernel", "kernel_flipped", "--kernel", "direct", "--law", "accepts_valid", "--budget", "10ms"});
  EXPECT_EQ(ended.status, 1) << ended.out << ended.err;
  EXPECT_NE(ended.out.find("survive: kernel_flipped"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("0 of 1 mutants caught, 0 of 1 sound kernels accused: FAILED"), std::string::npos)
      << ended.out;
}

TEST(ListMutants, SaysOfEachWhatItIsModelledOnAndWhatCatchesIt) {
  const Ended ended = convcheck({"list", "mutants"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_NE(ended.out.find("kernel_flipped ("), std::string::npos);
  EXPECT_GT(lines(ended.out).size(), 240U);
}

TEST(ListLaws, IsThePageInDocsWhereMarkdownIsAskedFor) {
  const Ended ended = convcheck({"list", "laws", "--markdown"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, read_file(std::string(CONVCHECK_SOURCE_DIR) + "/docs/laws.md"));
}

}  // namespace
}  // namespace convcheck::tools
