// What is said about misspelt words.
#include "reference/spelling.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace convcheck {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"weight", "stride", "in_channels"};

TEST(Spelling, ACloseNameIsSuggested) {
  EXPECT_EQ(suggestion("weigth", kNames), "did you mean 'weight'?");
  EXPECT_EQ(suggestion("Stride", kNames), "did you mean 'stride'?");
  EXPECT_EQ(suggestion("strides", kNames), "did you mean 'stride'?");
  EXPECT_EQ(suggestion("abc", std::array<std::string_view, 1>{"ab"}), "did you mean 'ab'?");
  EXPECT_EQ(suggestion("inchannels", kNames), "did you mean 'in_channels'?");
}

TEST(Spelling, AFarOneIsAnsweredWithAllNames) {
  EXPECT_EQ(suggestion("colour", kNames), "known: weight, stride, in_channels");
  EXPECT_EQ(suggestion("", kNames), "known: weight, stride, in_channels");
  EXPECT_EQ(suggestion(std::string(100000, 'w'), kNames), "known: weight, stride, in_channels");
}

TEST(Spelling, PrintableTextHasNoOtherBytes) {
  EXPECT_EQ(printable("weight=1"), "weight=1");
  EXPECT_EQ(printable(std::string_view("a\n\0\x1b\xff", 5)), "a\\x0a\\x00\\x1b\\xff");
  EXPECT_EQ(printable(std::string(60, 'a')), std::string(60, 'a'));
  EXPECT_EQ(printable(std::string(61, 'a')), std::string(60, 'a') + "...");
}

}  // namespace
}  // namespace convcheck
