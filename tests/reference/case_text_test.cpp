// The grammar of case text: every key, every form, and what is said about each wrong spelling.
#include "reference/case_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/reference/problems.h"

namespace convcheck {
namespace {

struct Reading {
  const char* text;
  const char* canonical;
};

const std::vector<Reading> kReadings = {
    // The canonical form itself, with every key.
    {"input=1x6x32x32 weight=16x3x5x5 groups=2 stride=2x1 padding=1,0,2,1 dilation=1x3 bias=16 fill=reals seed=42",
     "input=1x6x32x32 weight=16x3x5x5 groups=2 stride=2x1 padding=1,0,2,1 dilation=1x3 bias=16 fill=reals seed=42"},
    {"input=1x2x3x4 weight=5x2x1x1 output=1x5x3x3 direction=backward_data dtype=f16 layout=nhwc "
     "input_strides=48x1x16x4 weight_strides=0x0x0x0 output_strides=60x1x20x5",
     "input=1x2x3x4 weight=5x2x1x1 output=1x5x3x3 direction=backward_data dtype=f16 layout=nhwc "
     "input_strides=48x1x16x4 weight_strides=0x0x0x0 output_strides=60x1x20x5"},
    // Any order, any white space.
    {" \tseed=7\r\n weight=9x1x3x3   groups=3 input=1x3x8x8\n", "input=1x3x8x8 weight=9x1x3x3 groups=3 seed=7"},
    // Defaults are left out.
    {"input=1x3x8x8 weight=9x3x3x3 groups=1 stride=1 padding=0 dilation=1x1 direction=forward dtype=f32 layout=nchw "
     "fill=integers seed=1 output=1x9x6x6",
     "input=1x3x8x8 weight=9x3x3x3"},
    // One number serves all axes, and equal numbers are printed as one.
    {"input=1x3x8x8 weight=9x3x3x3 stride=2x2 padding=1,1,1,1 dilation=3",
     "input=1x3x8x8 weight=9x3x3x3 stride=2 padding=1 dilation=3"},
    {"input=1x3x8x8 weight=9x3x3x3 padding=1,1,2,2", "input=1x3x8x8 weight=9x3x3x3 padding=1x2"},
    {"input=1x3x8x8 weight=9x3x3x3 padding=1x2", "input=1x3x8x8 weight=9x3x3x3 padding=1x2"},
    // One and three axes.
    {"input=2x3x8 weight=4x3x3 stride=2 padding=1,2 dilation=2",
     "input=2x3x8 weight=4x3x3 stride=2 padding=1,2 dilation=2"},
    {"input=2x3x8x8x8 weight=4x3x3x3x3 stride=1x2x3 padding=0,1,2,3,4,5 dilation=3x2x1",
     "input=2x3x8x8x8 weight=4x3x3x3x3 stride=1x2x3 padding=0,1,2,3,4,5 dilation=3x2x1"},
    // Padding by name. The odd one goes to the far side; with dilation 3: 3 * 3 = 9 is 4 and 5.
    {"input=1x3x8x8 weight=9x3x3x3 padding=valid", "input=1x3x8x8 weight=9x3x3x3"},
    {"input=1x3x8x8 weight=9x3x3x5 padding=same", "input=1x3x8x8 weight=9x3x3x5 padding=1x2"},
    {"input=1x3x8x8 weight=9x3x4x2 padding=same", "input=1x3x8x8 weight=9x3x4x2 padding=1,2,0,1"},
    {"input=1x3x8x8 weight=9x3x4x1 dilation=3x2 padding=same",
     "input=1x3x8x8 weight=9x3x4x1 padding=4,5,0,0 dilation=3x2"},
    // A kernel of nothing needs no padding; the rules refuse it by its name.
    {"input=1x3x8x8 weight=9x3x0x3 padding=same", "input=1x3x8x8 weight=9x3x0x3 padding=0x1"},
    // Invalid problems are read as they are.
    {"input=-1x0x8x8 weight=8x1 groups=0 stride=-1 padding=-9223372036854775808 bias=1x2x3 output=1",
     "input=-1x0x8x8 weight=8x1 groups=0 stride=-1 padding=-9223372036854775808 bias=1x2x3 output=1"},
    {"input=1x3x8x8 weight=8x1x3x3 groups=3 bias=0", "input=1x3x8x8 weight=8x1x3x3 groups=3 bias=0"},
    // Fills and seeds.
    {"input=1x3x8x8 weight=9x3x3x3 fill=statistical6 seed=18446744073709551615",
     "input=1x3x8x8 weight=9x3x3x3 fill=statistical6 seed=18446744073709551615"},
    {"input=1x3x8x8 weight=9x3x3x3 fill=special seed=0", "input=1x3x8x8 weight=9x3x3x3 fill=special seed=0"},
    // The channels form.
    {"in_channels=3 out_channels=9 kernel=3 size=8 groups=3", "input=1x3x8x8 weight=9x1x3x3 groups=3"},
    {"in_channels=3 out_channels=8 kernel=3 size=8 groups=3", "input=1x3x8x8 weight=8x1x3x3 groups=3"},
    {"in_channels=6 out_channels=16 kernel=5 size=32x16 batch=4 groups=2 bias=16 stride=2",
     "input=4x6x32x16 weight=16x3x5x5 groups=2 stride=2 bias=16"},
    {"in_channels=6 out_channels=16 kernel=5x3 size=32 channels_per_kernel=2",
     "input=1x6x32x32 weight=16x2x5x3 groups=3"},
    {"in_channels=6 out_channels=16 kernel=3x3x3 size=8", "input=1x6x8x8x8 weight=16x6x3x3x3"},
    {"in_channels=0 out_channels=16 kernel=3 size=8 channels_per_kernel=2", "input=1x0x8x8 weight=16x0x3x3"},
    {"in_channels=7 out_channels=16 kernel=3 size=8 groups=0", "input=1x7x8x8 weight=16x7x3x3 groups=0"},
    {"input=1x6x8x8 weight=9x2x3x3 channels_per_kernel=2", "input=1x6x8x8 weight=9x2x3x3 groups=3"},
};

TEST(CaseText, IsReadInEveryFormAndPrintedInOne) {
  for (const Reading& reading : kReadings) {
    SCOPED_TRACE(reading.text);
    const auto parsed = parse_case(reading.text);
    ASSERT_TRUE(parsed) << describe(parsed.error());
    EXPECT_EQ(print(*parsed), reading.canonical);
    EXPECT_EQ(*parsed, case_of(reading.canonical));
  }
}

TEST(CaseText, EveryKeySetsItsField) {
  const Case c = case_of(
      "input=1x6x32x33 weight=16x3x5x4 groups=2 stride=2x1 padding=1,0,2,3 dilation=1x3 bias=16 output=1x2x3x4 "
      "direction=backward_weight dtype=bf16 layout=nhwc input_strides=6336x1x198x6 weight_strides=60x20x4x1 "
      "output_strides=24x12x4x1 fill=weight_significand seed=9");
  const Problem& p = c.problem;
  EXPECT_EQ(p.input, (Shape{1, 6, 32, 33}));
  EXPECT_EQ(p.weight, (Shape{16, 3, 5, 4}));
  EXPECT_EQ(p.groups, 2);
  EXPECT_EQ(p.stride, (PerAxis{2, 1, 1}));
  EXPECT_EQ(p.pad_before, (PerAxis{1, 2, 0}));
  EXPECT_EQ(p.pad_after, (PerAxis{0, 3, 0}));
  EXPECT_EQ(p.dilation, (PerAxis{1, 3, 1}));
  EXPECT_EQ(p.bias, (Shape{16}));
  EXPECT_EQ(p.claimed_output, (Shape{1, 2, 3, 4}));
  EXPECT_EQ(p.direction, Direction::backward_weight);
  EXPECT_EQ(p.dtype, DataType::bf16);
  EXPECT_EQ(p.layout, Layout::nhwc);
  EXPECT_EQ(p.input_strides, (Shape{6336, 1, 198, 6}));
  EXPECT_EQ(p.weight_strides, (Shape{60, 20, 4, 1}));
  EXPECT_EQ(p.output_strides, (Shape{24, 12, 4, 1}));
  EXPECT_EQ(c.fill, Fill::weight_significand);
  EXPECT_EQ(c.seed, 9U);
}

TEST(CaseText, EveryFillDirectionAndTypeHasItsName) {
  const std::string start = "input=1x3x8x8 weight=9x3x3x3 ";
  for (size_t i = 0; i < kFillNames.size(); ++i) {
    EXPECT_EQ(case_of(start + "fill=" + std::string(kFillNames[i])).fill, static_cast<Fill>(i));
  }
  EXPECT_EQ(problem_of(start + "direction=forward").direction, Direction::forward);
  EXPECT_EQ(problem_of(start + "direction=backward_data").direction, Direction::backward_data);
  EXPECT_EQ(problem_of(start + "direction=backward_weight").direction, Direction::backward_weight);
  EXPECT_EQ(problem_of(start + "dtype=f32").dtype, DataType::f32);
  EXPECT_EQ(problem_of(start + "dtype=f64").dtype, DataType::f64);
  EXPECT_EQ(problem_of(start + "dtype=f16").dtype, DataType::f16);
  EXPECT_EQ(problem_of(start + "dtype=bf16").dtype, DataType::bf16);
}

struct Refusal {
  const char* text;
  const char* error;
};

// Where all else is right, `I` stands for this.
const std::string kInput = "input=1x3x8x8 weight=9x3x3x3 ";  // 29 characters: what follows starts at column 30

const std::vector<Refusal> kRefusedBehindInput = {
    {"hello", "column 30: 'hello' is not key=value, such as input=1x3x8x8"},
    {"weigth=9x3x3x3", "column 30: unknown key 'weigth'; did you mean 'weight'?"},
    {"=3",
     "column 30: unknown key ''; known: input, weight, groups, stride, padding, dilation, bias, output, direction, "
     "dtype, layout, input_strides, weight_strides, output_strides, fill, seed, in_channels, out_channels, "
     "kernel, size, batch, channels_per_kernel"},
    {"stride=2 stride=2", "column 39: stride is given twice"},
    {"stride=", "column 37: stride= has no value"},
    {"stride=2,1", "column 37: lists per axis are joined by x: write stride=2x1"},
    {"stride=(2,1)", "column 37: lists per axis are joined by x: write stride=2x1"},
    {"dilation=[2,1]", "column 39: lists per axis are joined by x: write dilation=2x1"},
    {"stride=2X1", "column 37: '2X1' is not a whole number"},
    {"stride=2x", "column 39: '' is not a whole number"},
    {"stride=1.5", "column 37: '1.5' is not a whole number"},
    {"stride=+1", "column 37: '+1' is not a whole number"},
    {"stride=1x2x3", "column 37: stride has 3 numbers; the problem has 2 spatial axes: give 1 or 2"},
    {"dilation=1,2", "column 39: lists per axis are joined by x: write dilation=1x2"},
    {"dilation=two", "column 39: 'two' is not a whole number"},
    {"dilation=1x9223372036854775808", "column 41: 9223372036854775808 is beyond a signed 64-bit integer"},
    {"groups=2x1", "column 37: '2x1' is not a whole number"},
    {"bias=true", "column 35: bias= takes its length, such as bias=16, not 'true'; leave the key out for no bias"},
    {"bias=", "column 35: bias= has no value"},
    {"bias=9,1", "column 35: bias is written with x between its numbers, such as bias=16"},
    {"bias=1x1x1x1x1x1", "column 35: bias has 6 numbers and takes 1 to 5, such as bias=16"},
    {"padding=some",
     "column 38: 'some' is not a padding: write 1, or 1x2 (height x width), or 1,0,2,1 (top, bottom, left, right), or "
     "same or valid"},
    {"padding=1,0",
     "column 38: padding has 2 sides; the problem has 4: top, bottom, left, right; for one number per axis write "
     "padding=1x0"},
    {"padding=1,0,2,y",
     "column 44: 'y' is not a padding: write 1, or 1x2 (height x width), or 1,0,2,1 (top, bottom, left, right), or "
     "same or valid"},
    {"padding=1x2x3", "column 38: padding has 3 numbers; the problem has 2 spatial axes: give 1 or 2"},
    {"padding=same stride=1x2",
     "column 38: padding=same has a meaning for stride 1 only (stride is 2); write the sides as numbers"},
    {"output=1,9,6,6", "column 37: output is written with x between its numbers, such as output=1x9x6x6"},
    {"direction=forwards", "column 40: unknown direction 'forwards'; did you mean 'forward'?"},
    {"dtype=float", "column 36: unknown dtype 'float'; known: f32, f64, f16, bf16"},
    {"layout=NHWC", "column 37: unknown layout 'NHWC'; known: nchw, nhwc"},
    {"fill=integer", "column 35: unknown fill 'integer'; did you mean 'integers'?"},
    {"seed=-1", "column 35: '-1' is not a whole number from 0 to 2^64 - 1"},
    {"seed=18446744073709551616", "column 35: '18446744073709551616' is not a whole number from 0 to 2^64 - 1"},
    {"input_strides=1x1", "column 30: input_strides has 2 numbers and the input 4 axes: give one per axis"},
    {"weight_strides=27x9x3x-1", "column 30: weight_strides must not be negative"},
    {"output_strides=0x36x6x1 input_strides=0x0x0x0 in_channels=3",
     "column 1: input= and the channels form (in_channels=, out_channels=, kernel=, size=, batch=) cannot be mixed; "
     "use one of them"},
    {"output_strides=324x36x5x1",
     "column 30: output_strides puts two output elements at one place: each stride must reach over the axes inside it"},
    {"groups=3 channels_per_kernel=1",
     "column 39: groups= and channels_per_kernel= say the same thing; give one of them"},
    {"channels_per_kernel=2", "column 50: channels_per_kernel (2) must divide in_channels (3); nearest: 1 or 3"},
    {"channels_per_kernel=0", "column 50: channels_per_kernel (0) must be at least 1"},
};

const std::vector<Refusal> kRefused = {
    {"", "column 1: input= is missing, such as input=1x3x8x8"},
    {"  \n", "column 4: input= is missing, such as input=1x3x8x8"},
    {"input=1x3x8x8", "column 14: weight= is missing, such as weight=9x1x3x3"},
    {"weight=9x3x3x3", "column 15: input= is missing, such as input=1x3x8x8"},
    {"input=1,3,8,8 weight=9x3x3x3", "column 7: input is written with x between its numbers, such as input=1x3x8x8"},
    {"input=3x8 weight=9x3x3x3", "column 7: input has 2 numbers and takes 3 to 5, such as input=1x3x8x8"},
    {"input=1x3x8x8x8x8 weight=9x3x3x3", "column 7: input has 6 numbers and takes 3 to 5, such as input=1x3x8x8"},
    {"input=1x3x8xw weight=9x3x3x3", "column 13: 'w' is not a whole number"},
    {"input=1x3x8x8 weight=9x3x3 padding=same", "column 36: padding=same needs a weight with the input's rank"},
    {"input=1x3x8 weight=9x3x3 padding=1,2,3", "column 34: padding has 3 sides; the problem has 2: left, right"},
    {"input=1x3x8 weight=9x3x3 stride=1x2",
     "column 33: stride has 2 numbers; the problem has 1 spatial axis: give 1 or 1"},
    {"input=1x1x1x1x1 weight=1x1x1x1x1 padding=1,2",
     "column 42: padding has 2 sides; the problem has 6: front, back, top, bottom, left, right"},
    {"input=1x1x1 weight=1x1x9223372036854775807 dilation=2 padding=same",
     "column 63: padding=same would exceed a signed 64-bit integer"},
    {"in_channels=3 kernel=3 size=8", "column 30: out_channels= is missing, such as out_channels=9"},
    {"out_channels=3 kernel=3 size=8", "column 31: in_channels= is missing, such as in_channels=3"},
    {"batch=3", "column 8: in_channels= is missing, such as in_channels=3"},
    {"in_channels=3 out_channels=9 size=8", "column 36: kernel= is missing, such as kernel=3x3"},
    {"in_channels=3 out_channels=9 kernel=3", "column 38: size= is missing, such as size=32x32"},
    {"in_channels=3 out_channels=9 kernel=3,3 size=8", "column 37: lists per axis are joined by x: write kernel=3x3"},
    {"in_channels=3 out_channels=9 kernel=3 size=8,9", "column 44: lists per axis are joined by x: write size=8x9"},
    {"in_channels=3 out_channels=9 kernel=3x3 size=8x8x8",
     "column 37: kernel has 2 numbers; the problem has 3 spatial axes: give 1 or 3"},
    {"in_channels=3 out_channels=9 kernel=1x1x1x1 size=8", "column 37: kernel= and size= have at most 3 axes"},
    {"in_channels=3 out_channels=9 kernel=3 size=8x8x8x8", "column 44: kernel= and size= have at most 3 axes"},
    {"in_channels=3 weight=9x3x3x3 out_channels=9 kernel=3 size=8",
     "column 15: weight= and the channels form (in_channels=, out_channels=, kernel=, size=, batch=) cannot be mixed; "
     "use one of them"},
    {"in_channels=3x3 out_channels=9 kernel=3 size=8", "column 13: '3x3' is not a whole number"},
    {"in_channels=6 out_channels=9 kernel=3 size=8 channels_per_kernel=4",
     "column 66: channels_per_kernel (4) must divide in_channels (6); nearest: 3 or 6"},
    {"input=\x01\xff weight=9", "column 7: '\\x01\\xff' is not a whole number"},
};

void expect_refused(const std::string& text, const std::string& error) {
  const auto parsed = parse_case(text);
  ASSERT_FALSE(parsed) << text << "\nwas read as\n" << print(*parsed);
  EXPECT_EQ(describe(parsed.error()), error) << text;
  EXPECT_LE(parsed.error().position, text.size());
}

TEST(CaseText, AWrongSpellingIsRefusedWithItsPlaceAndTheRightOne) {
  for (const Refusal& refusal : kRefused) expect_refused(refusal.text, refusal.error);
  for (const Refusal& refusal : kRefusedBehindInput) expect_refused(kInput + refusal.text, refusal.error);
}

TEST(CaseText, BytesThatAreNotTextAreRefusedInText) {
  expect_refused(std::string("input=1x\0x8x8 weight=9x3x3x3", 28), "column 9: '\\x00' is not a whole number");
  expect_refused(kInput + "\x1b[31m=1",
                 "column 30: unknown key '\\x1b[31m'; known: input, weight, groups, stride, "
                 "padding, dilation, bias, output, direction, dtype, layout, input_strides, "
                 "weight_strides, output_strides, fill, seed, in_channels, out_channels, "
                 "kernel, size, batch, channels_per_kernel");
  const auto parsed = parse_case(kInput + "stride=" + std::string(100000, '7'));
  ASSERT_FALSE(parsed);
  EXPECT_LT(parsed.error().message.size(), 200U);
}

TEST(CaseText, AClaimThatIsRightIsNoClaimAndAWrongOneStays) {
  EXPECT_FALSE(problem_of(kInput + "output=1x9x6x6").claimed_output);
  EXPECT_TRUE(problem_of(kInput + "output=1x9x6x7").claimed_output);
  // Where other rules are broken nothing says that it is right.
  EXPECT_TRUE(problem_of("input=1x3x8x8 weight=8x1x3x3 groups=3 output=1x8x0x0").claimed_output);
}

TEST(CaseText, AProblemIsPrintedWithoutFillAndSeed) {
  EXPECT_EQ(print(case_of(kInput + "fill=reals seed=5").problem), "input=1x3x8x8 weight=9x3x3x3");
  EXPECT_EQ(print(Shape{1, 6, 32, 32}), "1x6x32x32");
  EXPECT_EQ(print(Shape{}), "");
  EXPECT_EQ(print(Problem{}), "input= weight=");  // not a text that is read, but it must not crash
}

}  // namespace
}  // namespace convcheck
