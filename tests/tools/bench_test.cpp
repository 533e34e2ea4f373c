// convcheck bench as its users meet it. What it says of time is not asked here.
#include <gtest/gtest.h>
#include <tinyxml2.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/tools/program.h"

namespace convcheck::tools {
namespace {

const std::string kBrief = "bench --networks tiny --rounds 2 --time 1ms";

std::vector<std::string> with(const std::string& command, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = words(command);
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(Bench, WritesATableCsvJsonAndSvg) {
  const TemporaryFolder folder;
  const std::string csv = folder.file("b.csv"), json = folder.file("b.json"), svg = folder.file("b.svg");
  const Ended ended = convcheck(with(kBrief, {"--csv", csv, "--json", json, "--svg", svg}));
  ASSERT_EQ(ended.status, 0) << ended.err << ended.out;
  EXPECT_NE(ended.out.find("tiny: 3 layers, 2 different; 1 thread, peak "), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("winograd4x4"), std::string::npos);

  const auto report = nlohmann::json::parse(read_file(json));
  const auto& run = report.at("runs").at(0);
  ASSERT_EQ(run.at("problems").size(), 2U);
  const auto& contenders = run.at("problems").at(1).at("contenders");
  EXPECT_EQ(lines(read_file(csv)).size(), 1 + 2 * contenders.size());
  for (const auto& contender : contenders) {
    EXPECT_EQ(contender.at("outcome"), "timed") << contender;
    EXPECT_EQ(contender.at("rounds_s").size(), 2U) << contender;
    EXPECT_GT(contender.at("median_s"), 0) << contender;
    EXPECT_GT(contender.at("share_of_peak"), 0) << contender;
  }
  tinyxml2::XMLDocument document;
  EXPECT_EQ(document.LoadFile(svg.c_str()), tinyxml2::XML_SUCCESS) << document.ErrorStr();
}

TEST(Bench, JsonFollowsItsSchema) {
  const TemporaryFolder folder;
  const std::string json = folder.file("b.json"), wrong = folder.file("wrong.json");
  ASSERT_EQ(convcheck(with(kBrief, {"--json", json})).status, 0);
  const std::string validate = std::string(CONVCHECK_PYTHON) + " -W ignore -m jsonschema '" + CONVCHECK_SOURCE_DIR +
                               "/docs/bench.schema.json' -i '";
  const Ended right = shell(validate + json + "'");
  EXPECT_EQ(right.status, 0) << right.out << right.err;
  const auto report = nlohmann::json::parse(read_file(json));
  for (const char* patch : {R"([{"op": "remove", "path": "/runs/0/threads"}])",
                            R"([{"op": "add", "path": "/runs/0/problems/0/contenders/0/outcome", "value": "fine"}])",
                            R"([{"op": "add", "path": "/runs/0/networks/0/extra", "value": 1}])"}) {
    std::ofstream(wrong) << report.patch(nlohmann::json::parse(patch));
    EXPECT_EQ(shell(validate + wrong + "'").status, 1) << patch;
  }
}

TEST(Bench, TimesTheChosenLayerKernelAndThreads) {
  const Ended ended =
      convcheck(words(kBrief + " --layer conv2 --kernel folded --kernel direct --threads 1,2 --verbose"));
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_NE(ended.out.find("tiny: 1 layer, 1 different; 2 threads"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("speed-up by 2 threads over 1"), std::string::npos) << ended.out;
  EXPECT_EQ(ended.out.find("im2col"), std::string::npos) << ended.out;
  EXPECT_EQ(ended.out.find("conv1:"), std::string::npos) << ended.out;
}

TEST(Bench, TimesALibrarysKernels) {
  const Ended ended = convcheck(with(kBrief, {kRightKernel}));
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_NE(ended.out.find("my_kernel"), std::string::npos) << ended.out;
}

// A corpus with one network of one layer that has groups.
struct GroupedCorpus {
  TemporaryFolder folder;

  GroupedCorpus() {
    std::filesystem::create_directory(folder.file("networks"));
    std::ofstream(folder.file("networks/grouped.cases")) << "conv: input=1x8x12x12 weight=8x4x3x3 groups=2\n";
  }
  [[nodiscard]] Ended bench(const std::string& arguments) const {
    return shell("CONVCHECK_CORPUS='" + folder.file("") +
                 "' '" CONVCHECK_PROGRAM "' bench --networks grouped --rounds 2 --time 1ms " + arguments);
  }
};

TEST(Bench, DoesNotTimeAWrongKernel) {
  const GroupedCorpus corpus;
  const std::string json = corpus.folder.file("b.json");
  const Ended ended = corpus.bench("'" + kFaultyKernel + "' --json '" + json + "'");
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_NE(ended.out.find("faulty_kernel is wrong and was not timed on input=1x8x12x12 weight=8x4x3x3 groups=2: "),
            std::string::npos)
      << ended.out;
  for (const auto& one : nlohmann::json::parse(read_file(json)).at("runs")[0].at("problems")[0].at("contenders")) {
    const bool is_faulty = one.at("contender") == "faulty_kernel";
    EXPECT_EQ(one.at("outcome"), is_faulty ? "wrong" : "timed");
    EXPECT_EQ(one.at("rounds_s").size(), is_faulty ? 0U : 2U);
  }
}

TEST(Bench, KeepsWhatItMeasuredBeforeAKernelDied) {
  const Ended ended = convcheck(with(kBrief, {CONVCHECK_DYING_KERNEL}));
  EXPECT_EQ(ended.status, 3);
  EXPECT_NE(ended.err.find("convcheck bench: the process that measured died of signal 6 (Aborted) on input=1x8x16x16"),
            std::string::npos)
      << ended.err;
  EXPECT_NE(ended.out.find("1 of 3"), std::string::npos) << ended.out;
}

TEST(Bench, EndsAtCtrlC) {
  Running running(with(std::string(CONVCHECK_PROGRAM) + " bench --networks tiny --rounds 1000000 --time 10ms", {}));
  EXPECT_EQ(running.error_line(), "1 thread: 2 different problems");
  running.send(SIGINT);
  EXPECT_EQ(running.wait().status, 130);
}

TEST(Bench, RefusesInOneLineWhatItCannotDo) {
  const std::vector<std::pair<std::string, std::string>> commands = {
      {"bench", "unknown network 'resnet50'; known: tiny"},
      {"bench --networks tinny", "unknown network 'tinny'; did you mean 'tiny'?"},
      {"bench --networks tiny --layer conv4", "unknown layer 'conv4' of the chosen networks; did you mean 'conv1'?"},
      {"bench --networks tiny --kernel dirct", "unknown kernel 'dirct'; did you mean 'direct'?"},
      {"bench --networks tiny --threads 0", "--threads '0' is no number of threads; write 1, all, or 1,2 to compare"},
      {"bench --networks tiny --threads 1,", "--threads '1,' is no number of threads; write 1, all, or 1,2 to compare"},
      {"bench --networks tiny --time soon", "--time 'soon' is no duration; write 20s, 500ms or 2m"},
      {"bench --networks tiny --svg /nowhere/b.svg", "/nowhere/b.svg: cannot be written; does its folder exist?"},
      {"bench my.so", "my.so: no such file; name a kernel library, such as ./my_kernel.so"},
      {"bench --round 2", "unknown option '--round'; did you mean '--rounds'?"},
  };
  for (const auto& [command, answer] : commands) {
    const Ended ended = convcheck(words(command));
    EXPECT_EQ(ended.status, 2) << command;
    EXPECT_EQ(ended.err, "convcheck bench: " + answer + "\n");
    EXPECT_EQ(ended.out, "") << command;
  }
}

}  // namespace
}  // namespace convcheck::tools
