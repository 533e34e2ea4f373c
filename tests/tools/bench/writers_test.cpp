#include "tools/convcheck/bench/writers.h"

#include <gtest/gtest.h>
#include <tinyxml2.h>

#include <nlohmann/json.hpp>

#include "tests/tools/bench/reports.h"
#include "tests/tools/program.h"

namespace convcheck::bench {
namespace {

using tools::lines;

TEST(Csv, HasALineForEachRunNetworkLayerAndContender) {
  const auto rows = lines(to_csv(report()));
  ASSERT_EQ(rows.size(), 1U + 2 * 3 * 5);
  EXPECT_EQ(rows[0],
            "threads,network,layer,occurrences,kind,problem,contender,outcome,rounds,median_s,first_quartile_s,"
            "third_quartile_s,gflops,peak_gflops,share_of_peak,ratio_to_onednn,standing_to_onednn,detail");
  EXPECT_EQ(rows[3],
            "1,first,a,2,1x1,input=1x8x8x8 weight=8x8x1x1,quick,timed,3,4e-06,4e-06,4e-06,2.048,8.192,0.25,2,faster,");
}

TEST(Csv, QuotesWhatHoldsCommasAndLeavesOutWhatIsNotThere) {
  const auto rows = lines(to_csv(report()));
  EXPECT_EQ(rows[9],
            "1,first,b,1,3x3,\"input=1x8x8x8 weight=8x8x3x3 padding=1,1,0,2\",picky,wrong,0,,,,,8.192,,,,"
            "\"1 of 2 is off, by \"\"a lot\"\"\"");
}

TEST(Json, HoldsEveryRoundAndNullForWhatIsNotThere) {
  const auto json = nlohmann::json::parse(to_json(report()));
  ASSERT_EQ(json["runs"].size(), 2U);
  const auto& problems = json["runs"][0]["problems"];
  EXPECT_EQ(problems[0]["contenders"][2]["rounds_s"].size(), 3U);
  EXPECT_EQ(problems[0]["contenders"][2]["ratio_to_onednn"], 2);
  EXPECT_TRUE(problems[1]["contenders"][3]["median_s"].is_null());
  EXPECT_EQ(json["runs"][0]["networks"][0]["layers"][0]["occurrences"], 2);
  EXPECT_EQ(json["speed_ups"][0]["speed_up"], 2);
}

TEST(Table, ShowsRatiosWrongResultsAndSpeedUps) {
  const std::string text = to_table(report(), false);
  EXPECT_NE(text.find("first: 3 layers, 2 different; 1 thread, peak 8.2 GFLOP/s"), std::string::npos) << text;
  EXPECT_NE(text.find("2.0 2.00"), std::string::npos) << text;
  EXPECT_NE(text.find("WRONG"), std::string::npos) << text;
  EXPECT_NE(text.find("picky is wrong and was not timed on input=1x8x8x8 weight=8x8x3x3 padding=1,1,0,2: 1 of 2"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("speed-up by 2 threads over 1"), std::string::npos) << text;
  EXPECT_NE(text.find("the peak itself: 1.00 times; where that is far below 2,"), std::string::npos) << text;
}

TEST(Table, MarksWhatTheSpreadsDoNotTellApart) {
  Measurement close = measurement();
  close.problems[0].timings[2].seconds = {7e-6, 7.5e-6, 9e-6};
  BenchReport one = report();
  one.runs = {figures_of(one.workload, close)};
  EXPECT_NE(to_table(one, false).find(" ~1.07"), std::string::npos) << to_table(one, false);
}

struct Circles {
  std::vector<double> x;
  double of_one = 0;  ///< where the line at 1 is
};

Circles circles_of(const std::string& svg) {
  tinyxml2::XMLDocument document;
  Circles circles;
  EXPECT_EQ(document.Parse(svg.c_str()), tinyxml2::XML_SUCCESS) << document.ErrorStr();
  const auto* const root = document.FirstChildElement("svg");
  if (root == nullptr) return circles;
  for (const auto* dot = root->FirstChildElement("circle"); dot != nullptr; dot = dot->NextSiblingElement("circle")) {
    circles.x.push_back(dot->DoubleAttribute("cx"));
  }
  for (const auto* line = root->FirstChildElement("line"); line != nullptr; line = line->NextSiblingElement("line")) {
    if (std::string_view("#333333") == line->Attribute("stroke")) circles.of_one = line->DoubleAttribute("x1");
  }
  return circles;
}

TEST(Svg, PutsSlowerKernelsLeftAndFasterOnesRightOfOne) {
  BenchReport one = report();
  one.runs.resize(1);
  const Circles circles = circles_of(to_svg(one));
  // Four in the legend; blocked, quick, picky and fastest of the first network; blocked, quick and fastest of the
  // second.
  ASSERT_EQ(circles.x.size(), 4U + 4 + 3);
  EXPECT_GT(circles.x[4], circles.of_one);  // blocked: 2 on one layer of three
  EXPECT_GT(circles.x[6], circles.x[5]);    // picky is faster than quick
  EXPECT_GT(circles.x[8], circles.of_one);  // blocked: 2
  EXPECT_LT(circles.x[9], circles.of_one);  // quick: 1/2
}

TEST(Svg, IsWellFormedWhateverNamesHold) {
  BenchReport odd = report();
  odd.workload.networks[0].name = "a<b>&\"c\"\n";
  odd.runs[0].contenders[2] = "<quick>";
  EXPECT_FALSE(circles_of(to_svg(odd)).x.empty());
}

}  // namespace
}  // namespace convcheck::bench
