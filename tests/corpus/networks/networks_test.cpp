// Holds corpus/networks/ against the networks' published block tables and published totals.
//
// Each network is built from its table and must give exactly the lines of its file. Two numbers from elsewhere check
// the table itself: the multiply-adds, which see strides, image sizes and what is left out, and the parameters, which
// see every kernel, channel, group and bias and are published to the last digit. Neither sees a dilation whose padding
// makes up for it, nor on which side a padding lies: there the table rests on the source that it names.
#include "tests/corpus/networks/networks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "tests/corpus/networks/published.h"

#ifndef CONVCHECK_CORPUS_DIR
#error "CONVCHECK_CORPUS_DIR is the path of corpus/"
#endif

namespace convcheck::networks {

void PrintTo(const Published& network, std::ostream* out) {
  *out << network.name;
}

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

constexpr double kTolerance = 0.02;

fs::path directory() {
  return fs::path(CONVCHECK_CORPUS_DIR) / "networks";
}

struct CorpusFile {
  Lines comments;
  Lines cases;
};

/// A file that does not exist has no lines.
CorpusFile read_cases(const fs::path& path) {
  CorpusFile file;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) (line.starts_with("#") ? file.comments : file.cases).push_back(line);
  return file;
}

Lines lines_of(const Network& net) {
  Lines lines;
  for (const Layer& layer : net.layers()) lines.push_back(layer.line());
  return lines;
}

/// What is wrong with the lines of a file, or nothing.
std::string difference(const Lines& wanted, const Lines& got) {
  if (wanted.empty()) return "the network has no convolution";
  if (got.empty()) return "the file is missing or has no case";
  const std::size_t shorter = std::min(wanted.size(), got.size());
  for (std::size_t i = 0; i < shorter; ++i) {
    if (wanted[i] != got[i])
      return "case " + std::to_string(i + 1) + "\n  is     " + got[i] + "\n  wanted " + wanted[i];
  }
  if (wanted.size() == got.size()) return "";
  return std::to_string(got.size()) + " cases, wanted " + std::to_string(wanted.size());
}

/// True where `total` rounds to the published number, whose last digit counts `unit`.
bool rounds_to(double published, double unit, std::int64_t total) {
  return std::abs(static_cast<double>(total) - published) <= unit / 2;
}

class Networks : public testing::TestWithParam<Published> {
 protected:
  [[nodiscard]] fs::path path() const { return directory() / (GetParam().name + ".cases"); }
};

TEST_P(Networks, FileHasTheLinesOfTheTable) {
  const Network net = GetParam().build(GetParam().size);
  EXPECT_EQ(difference(lines_of(net), read_cases(path()).cases), "") << path();
}

TEST_P(Networks, HeaderSaysHowManyMultiplyAdds) {
  const Network net = GetParam().build(GetParam().size);
  const std::string wanted = "# Multiply-adds: " + std::to_string(net.multiply_adds()) + " in " +
                             std::to_string(net.layers().size()) + " layers";
  const Lines comments = read_cases(path()).comments;
  EXPECT_EQ(std::count(comments.begin(), comments.end(), wanted), 1) << path() << " needs the line\n" << wanted;
}

TEST_P(Networks, EveryLayerHasANameOfItsOwn) {
  const Network net = GetParam().build(GetParam().size);
  std::set<std::string> names;
  for (const Layer& layer : net.layers()) {
    EXPECT_TRUE(names.insert(layer.name).second) << layer.name << " occurs twice";
    EXPECT_EQ(layer.name.find_first_of(": #"), std::string::npos) << layer.name;
    EXPECT_FALSE(layer.name.empty());
  }
}

TEST_P(Networks, MultiplyAddsAreThePublishedOnes) {
  const Published& published = GetParam();
  const Network net = published.build(published.counted_size);
  ASSERT_FALSE(net.layers().empty());
  std::cout << published.name << ": " << net.layers().size() << " convolutions, " << net.multiply_adds()
            << " multiply-adds at " << published.counted_size << "x" << published.counted_size << "\n";
  if (published.multiply_adds == 0) return;  // nobody publishes any; the parameters are still held against theirs

  const double convolutions = published.multiply_adds - static_cast<double>(published.other_multiply_adds);
  EXPECT_NEAR(static_cast<double>(net.multiply_adds()) / convolutions, 1, kTolerance) << published.multiply_adds_source;
  if (published.multiply_adds_unit == 0) return;  // the publisher counts other things as well
  EXPECT_TRUE(rounds_to(published.multiply_adds, published.multiply_adds_unit,
                        net.multiply_adds() + published.other_multiply_adds))
      << net.multiply_adds() << " and " << published.other_multiply_adds << " elsewhere; published "
      << published.multiply_adds << " (" << published.multiply_adds_source << ")";
}

TEST_P(Networks, ParametersAreThePublishedOnes) {
  const Published& published = GetParam();
  const Network net = published.build(published.size);
  const std::int64_t other = published.other_parameters(net);
  EXPECT_TRUE(rounds_to(published.parameters, published.parameters_unit, net.parameters() + other))
      << net.parameters() << " and " << other << " elsewhere; published " << std::to_string(published.parameters)
      << " (" << published.parameters_source << ")";
}

INSTANTIATE_TEST_SUITE_P(Published, Networks, testing::ValuesIn(published_networks()),
                         [](const auto& row) { return row.param.name; });

TEST(NetworksCorpus, EveryFileIsHeldAgainstATable) {
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator(directory())) {
    if (entry.path().extension() == ".cases") files.insert(entry.path().stem().string());
  }
  std::set<std::string> tables;
  for (const Published& network : published_networks()) tables.insert(network.name);
  EXPECT_EQ(files, tables);
  EXPECT_FALSE(files.empty());
}

// The checks above can fail.

TEST(NetworksCheck, SeesAnyDifferenceOfLines) {
  const Lines lines = {"a: input=1x1x1x1 weight=1x1x1x1", "b: input=1x1x1x1 weight=2x1x1x1"};
  EXPECT_EQ(difference(lines, lines), "");
  EXPECT_NE(difference(lines, {lines[1], lines[0]}), "");
  EXPECT_NE(difference(lines, {lines[0]}), "");
  EXPECT_NE(difference({lines[0]}, lines), "");
  EXPECT_NE(difference(lines, {}), "");
  EXPECT_NE(difference({}, {}), "");
  EXPECT_NE(difference(lines, read_cases(directory() / "no_such_network.cases").cases), "");
}

TEST(NetworksCheck, SeesATotalThatRoundsToAnotherNumber) {
  EXPECT_TRUE(rounds_to(4.089e9, 1e6, 4089184256));
  EXPECT_FALSE(rounds_to(4.089e9, 1e6, 4089500001));
  EXPECT_FALSE(rounds_to(4.089e9, 1e6, 4088499999));
  EXPECT_FALSE(rounds_to(25557032, 1, 25557031));
}

TEST(NetworksCheck, ResNetWithoutOneShortcutIsNotThePublishedOne) {
  const Network net = resnet50(224);
  const auto is_last_shortcut = [](const Layer& layer) { return layer.name == "layer4.0.downsample.0"; };
  const std::int64_t shortcut = net.sum(&Layer::multiply_adds, is_last_shortcut);
  ASSERT_GT(shortcut, 0);
  EXPECT_TRUE(rounds_to(4.089e9, 1e6, net.multiply_adds() + 2048 * 1000));
  EXPECT_FALSE(rounds_to(4.089e9, 1e6, net.multiply_adds() - shortcut + 2048 * 1000));
}

// The printer, on the spellings that the networks use.

TEST(NetworksPrinter, LeavesDefaultsOutAndShortensWhatIsEqual) {
  const Image in = {4, 9, 8};
  EXPECT_EQ(to_text(in, {.out_channels = 6}), "input=1x4x9x8 weight=6x4x1x1");
  EXPECT_EQ(to_text(in, {.out_channels = 6, .kernel = {1, 7}, .groups = 2, .padding = {0, 3}}),
            "input=1x4x9x8 weight=6x2x1x7 groups=2 padding=0x3");
  EXPECT_EQ(to_text(in, {.out_channels = 6, .kernel = 3, .stride = 2, .padding = {0, 1, 0, 1}}),
            "input=1x4x9x8 weight=6x4x3x3 stride=2 padding=0,1,0,1");
  EXPECT_EQ(
      to_text(in, {.out_channels = 6, .stride = {2, 1}, .padding = {1, 1, 1, 1}, .dilation = {1, 3}, .bias = true}),
      "input=1x4x9x8 weight=6x4x1x1 stride=2x1 padding=1 dilation=1x3 bias=6");
}

}  // namespace

}  // namespace convcheck::networks
