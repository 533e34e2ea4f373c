// The choice of a target.
#include "impls/support/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "impls/support/simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace convcheck::impls::HWY_NAMESPACE {
namespace {

int64_t target() {
  return HWY_TARGET;
}

}  // namespace
}  // namespace convcheck::impls::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cctype>
#include <cstdlib>

namespace convcheck::impls {
namespace {

HWY_EXPORT(target);

std::string name_of(int64_t target) {
  if (target == HWY_EMU128 || target == HWY_SCALAR) return "scalar";
  std::string name = hwy::TargetName(target);
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

std::vector<int64_t> targets() {
  std::vector<int64_t> all;
  for (int64_t left = hwy::SupportedTargets() & HWY_TARGETS; left != 0; left &= left - 1) all.push_back(left & -left);
  return all;  // better ones are lower bits
}

void choose() {
  const char* const wanted = std::getenv("CONVCHECK_SIMD");
  if (wanted == nullptr) return;
  for (const int64_t one : targets()) {
    if (name_of(one) == wanted) hwy::DisableTargets(~one);
  }
}

}  // namespace

void choose_simd() {
  static const bool kIsChosen = (choose(), true);
  static_cast<void>(kIsChosen);
}

std::vector<std::string> simd_names() {
  std::vector<std::string> names;
  for (const int64_t one : targets()) names.push_back(name_of(one));
  return names;
}

std::string simd_in_use() {
  choose_simd();
  return name_of(HWY_DYNAMIC_DISPATCH(target)());
}

}  // namespace convcheck::impls
#endif
