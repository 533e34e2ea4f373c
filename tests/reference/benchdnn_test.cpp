// benchdnn's convolution descriptors: what they mean, by the documentation of its convolution driver.
#include "reference/benchdnn.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reference/rules.h"
#include "tests/reference/problems.h"

namespace convcheck {
namespace {

struct Meaning {
  const char* descriptor;
  const char* text;
};

const std::vector<Meaning> kMeanings = {
    // Everything spelled out, in the canonical order.
    {"g2mb3_ic4ih8iw9_oc6oh8ow5_kh3kw3_sh1sw2_ph1pw1_dh0dw0_n\"everything\"",
     "input=3x4x8x9 weight=6x2x3x3 groups=2 stride=1x2 padding=1"},
    // One group and a batch of 2 unless given.
    {"ic3ih8iw8oc9kh3kw3", "input=2x3x8x8 weight=9x3x3x3"},
    // Any order; underscores mean nothing, wherever they are.
    {"oc9_kw3kh3__iw8ih8_ic3_mb1_", "input=1x3x8x8 weight=9x3x3x3"},
    // A width that is not spoken of equals the height.
    {"mb1ic3ih8oc9kh3ph1sh2", "input=1x3x8x8 weight=9x3x3x3 stride=2 padding=1"},
    // A depth alone is a cube.
    {"mb1ic3id8oc9kd3pd1", "input=1x3x8x8x8 weight=9x3x3x3x3 padding=1"},
    // Depth and height, the width like the height.
    {"mb1ic3id4ih8oc9kd1kh3ph1", "input=1x3x4x8x8 weight=9x3x1x3x3 padding=0x1x1"},
    // A width alone is one axis.
    {"mb1ic3iw8oc9kw3pw1", "input=1x3x8 weight=9x3x3 padding=1"},
    // A missing output follows from the padding: nothing to claim.
    {"mb1ic3ih8oc9kh3ph1", "input=1x3x8x8 weight=9x3x3x3 padding=1"},
    // A missing padding follows from the output: 8 needs 7 + 3 - 8 = 2, one a side.
    {"mb1ic3ih8oc9oh8kh3", "input=1x3x8x8 weight=9x3x3x3 padding=1"},
    // An odd need is rounded down before, and the far side gets the rest: 7 + 4 - 8 = 3 is 1 and 2.
    {"mb1ic3ih8oc9oh8kh4", "input=1x3x8x8 weight=9x3x4x4 padding=1,2,1,2"},
    // The far side is what the output needs: (112 - 1) * 2 + 7 - 224 = 5, 3 of which are before.
    {"mb1ic3ih224oc64oh112kh7sh2ph3", "input=1x3x224x224 weight=64x3x7x7 stride=2 padding=3,2,3,2"},
    // A remainder of the stride is left over: (2 - 1) * 4 + 3 - 10 < 0, no padding.
    {"mb1ic1ih10oc1oh2kh3sh4ph0", "input=1x1x10x10 weight=1x1x3x3 stride=4"},
    // Dilation counts holes: 1 is every other; a dilated kernel of 5: 8 needs 7 + 5 - 8 = 4.
    {"mb1ic1ih8oc1oh8kh3dh1ph2", "input=1x1x8x8 weight=1x1x3x3 padding=2 dilation=2"},
    {"mb1ic1ih8iw9oc1kh3kw3dh1dw2", "input=1x1x8x9 weight=1x1x3x3 dilation=2x3"},
    // The first layer of AlexNet as the documentation writes it.
    {"ic3ih227iw227_oc96oh55ow55_kh11kw11_sh4sw4ph0pw0_n\"alexnet:conv1\"",
     "input=2x3x227x227 weight=96x3x11x11 stride=4"},
    // Depthwise.
    {"g32mb1ic32ih112oc32oh112kh3ph1n\"mobilenet:dw\"", "input=1x32x112x112 weight=32x1x3x3 groups=32 padding=1"},
    // A name may hold anything.
    {"mb1ic1ih1oc1kh1n12_ic3", "input=1x1x1x1 weight=1x1x1x1"},
    // Groups that do not divide the channels are for the rules to refuse.
    {"g3mb1ic3ih8oc8kh3", "input=1x3x8x8 weight=8x1x3x3 groups=3"},
    {"g0mb1ic3ih8oc8kh3", "input=1x3x8x8 weight=8x3x3x3 groups=0"},
    // An output that no padding explains is a claim: 3 rows with top padding 9 need (3 - 1) + 3 - 8 - 9 < 0 after, and
    // the padding before alone gives 8 + 9 - 3 + 1 = 15.
    {"mb1ic1ih8oc1oh3kh3ph9", "input=1x1x8x8 weight=1x1x3x3 padding=9,0,9,0 output=1x1x3x3"},
};

TEST(Benchdnn, DescriptorsMeanWhatTheirDocumentationSays) {
  for (const Meaning& meaning : kMeanings) {
    SCOPED_TRACE(meaning.descriptor);
    ASSERT_TRUE(looks_like_benchdnn(meaning.descriptor));
    const auto parsed = parse_case(meaning.descriptor);
    ASSERT_TRUE(parsed) << describe(parsed.error());
    EXPECT_EQ(print(*parsed), meaning.text);
    EXPECT_EQ(*parsed, case_of(meaning.text));
  }
}

struct Refusal {
  const char* descriptor;
  const char* error;
};

const std::vector<Refusal> kRefused = {
    {"mb1ih8oc9kh3", "column 13: the descriptor has no ic"},
    {"mb1ic3ih8kh3", "column 13: the descriptor has no oc"},
    {"mb1ic3oc9kh3", "column 13: the descriptor has no ih"},
    {"mb1ic3oc9", "column 10: the descriptor has no iw"},
    {"mb1ic3ih8oc9", "column 13: the descriptor has no kh"},
    {"mb1ic3ih8ih8oc9kh3", "column 10: ih is given twice"},
    {"mb1icih8oc9kh3", "column 6: ic needs a number"},
    {"mb1ic3ih8oc9kh", "column 15: kh needs a number"},
    {"mb1ic3ih8oc9kh3xh3", "column 16: 'xh' is no field of a benchdnn descriptor"},
    {"mb1ic3ih8oc9kh3 ", nullptr},  // not one word: read as keys
    {"mb1ic99999999999999999999ih8oc9kh3", "column 6: a number beyond a signed 64-bit integer"},
    {"mb1ic1iw1oc1kw1dw9223372036854775807",
     "column 37: the padding or dilation of axis w is beyond a signed 64-bit integer"},
};

TEST(Benchdnn, AWrongDescriptorIsRefusedWithItsPlace) {
  for (const Refusal& refusal : kRefused) {
    SCOPED_TRACE(refusal.descriptor);
    const auto parsed = parse_case(refusal.descriptor);
    ASSERT_FALSE(parsed) << print(*parsed);
    if (refusal.error != nullptr) {
      EXPECT_EQ(describe(parsed.error()), refusal.error);
    }
  }
}

TEST(Benchdnn, CaseTextIsNotTakenForADescriptor) {
  EXPECT_FALSE(looks_like_benchdnn("input=1x3x8x8"));
  EXPECT_FALSE(looks_like_benchdnn("g2 ic3"));
  EXPECT_FALSE(looks_like_benchdnn("groups"));
  EXPECT_FALSE(looks_like_benchdnn("resnet"));
  EXPECT_FALSE(looks_like_benchdnn("ic"));
  EXPECT_FALSE(looks_like_benchdnn(""));
  EXPECT_TRUE(looks_like_benchdnn("ic3"));
}

TEST(Benchdnn, DescriptorsOfPublishedNetworksAreValidProblems) {
  for (const char* descriptor : {
           "mb1ic64ih56oc64oh56kh3ph1n\"resnet_50:conv2\"",
           "mb1ic256ih56oc128oh28kh1sh2ph0n\"resnet_50:downsample\"",
           "mb1ic192ih27oc192oh27kh5ph2",
           "g2mb1ic96ih27oc256oh27kh5ph2",
           "mb1ic768ih17iw17oc192oh17ow17kh1kw7ph0pw3",
       }) {
    const Problem problem = problem_of(descriptor);
    const auto broken = broken_rule(problem);
    EXPECT_FALSE(broken) << descriptor << ": " << message(problem, *broken);
    EXPECT_FALSE(problem.claimed_output);
  }
}

}  // namespace
}  // namespace convcheck
