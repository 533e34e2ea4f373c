#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "impls/shipped.h"
#include "reference/random.h"
#include "tests/judging/evidence.h"
#include "tests/properties/faulty_kernels.h"

namespace convcheck::judging {
namespace {

/// What a wrong kernel is asked: shapes on which its wrongness can show.
using Shapes = Problem (*)(Random& random);

struct Wrongness {
  std::string what;
  convcheck_kernel kernel;
  Shapes shapes;
  bool is_sound = false;
};

int64_t between(Random& random, int64_t least, int64_t most) {
  return least + static_cast<int64_t>(random.below(static_cast<uint64_t>(most - least + 1)));
}

// Groups, batch, bias, padding and a kernel of 3x3: whatever is wrong can show.
Problem ordinary(Random& random) {
  const int64_t groups = between(random, 2, 3);
  const int64_t channels = between(random, 2, 12);
  const int64_t filters = between(random, 2, 5);
  Problem problem;
  problem.input = {2, groups * channels, between(random, 5, 7), between(random, 5, 7)};
  problem.weight = {groups * filters, channels, 3, 3};
  problem.groups = groups;
  problem.bias = {groups * filters};
  problem.pad_before = problem.pad_after = {1, 1, 0};
  return problem;
}

// As ordinary(), with every residue of output channels modulo 8.
Problem of_many_channels(Random& random) {
  Problem problem = ordinary(random);
  problem.weight[0] = problem.groups * 8;
  problem.bias = {problem.weight[0]};
  return problem;
}

Problem of_a_million_outputs(Random& random) {
  Problem problem;
  problem.input = {1, 1, 500, 500};
  problem.weight = {4, 1, 1, 1};
  problem.bias = {4};
  problem.input[2] += static_cast<int64_t>(random.below(10));
  return problem;
}

Problem of_a_million_outputs_3x3(Random& random) {
  Problem problem = of_a_million_outputs(random);
  problem.weight = {4, 1, 3, 3};
  problem.pad_before = problem.pad_after = {1, 1, 0};
  return problem;
}

const convcheck_kernel& shipped(std::string_view name) {
  size_t count = 0;
  const convcheck_kernel* const* const kernels = convcheck_shipped_kernels(CONVCHECK_ABI_VERSION, &count);
  for (size_t i = 0; i < count; ++i) {
    if (kernels[i]->name == name) return *kernels[i];
  }
  throw std::logic_error("no such kernel is shipped");
}

float next_up(float value) {
  return std::nextafter(value, std::numeric_limits<float>::infinity());
}

float negated(float value) {
  return -value;
}

// The shipped direct kernel, and then one output in 10^6 is changed; where there are fewer none may be.
template <float (*Change)(float)>
int32_t run_with_one_wrong(const convcheck_problem* problem, const convcheck_buffers* buffers) {
  const int32_t status = shipped("direct").run(problem, buffers);
  constexpr int64_t kOneIn = 1'000'000;
  int64_t elements = 1;
  for (int axis = 0; axis < problem->output.rank; ++axis) elements *= problem->output.shape[axis];
  auto* const output = static_cast<float*>(buffers->output);
  const float seen = elements > 0 ? static_cast<const float*>(buffers->input)[0] : 0;  // differs from case to case
  const auto at = static_cast<int64_t>(Random(std::bit_cast<uint32_t>(seen)).below(kOneIn));
  for (int64_t i = at; status == CONVCHECK_OK && i < elements; i += kOneIn) output[i] = Change(output[i]);
  return status;
}

template <float (*Change)(float)>
const convcheck_kernel& with_one_wrong() {
  static const convcheck_kernel kernel = [] {
    convcheck_kernel result = shipped("direct");
    result.name = "one_wrong_in_a_million";
    result.run = run_with_one_wrong<Change>;
    return result;
  }();
  return kernel;
}

// The same kernel under another declaration.
convcheck_kernel declared(convcheck_kernel kernel, int32_t algorithm, int32_t tile) {
  kernel.algorithm = algorithm;
  kernel.winograd_tile = tile;
  return kernel;
}

// The first is sound, and shows that what is caught is caught for what is wrong with it.
std::vector<Wrongness> wrongnesses(int tile) {
  std::vector<Wrongness> all;
  const auto add = [&](std::string what, const convcheck_kernel& kernel, Shapes shapes = ordinary) {
    all.push_back({std::move(what), tile == 0 ? kernel : declared(kernel, CONVCHECK_WINOGRAD, tile), shapes});
  };
  add("nothing", kernel_with(Oddity::none));
  all.back().is_sound = true;
  const auto bent = [&](std::string what, Defect defect, Shapes shapes = ordinary) {
    add(std::move(what), kernel_with(defect), shapes);
  };
  bent("groups ignored", Defect::group_ignored);
  bent("kernel flipped", Defect::kernel_flipped);
  bent("one wrong index in one filter", Defect::one_index_wrong);
  bent("every eighth channel off by 1", Defect::channel_residue, of_many_channels);
  bent("inputs rounded to 8 bits (bf16)", Defect::inputs_cut_to_bf16);
  bent("inputs rounded to 11 bits (TF32, half)", Defect::inputs_cut_to_tf32);
  bent("weights rounded to 11 bits", Defect::weights_cut_to_half);
  bent("outputs rounded to 11 bits", Defect::outputs_cut_to_tf32);
  bent("accumulator of 8 bits (bf16)", Defect::accumulates_in_bf16);
  bent("accumulator of 11 bits", Defect::accumulates_in_half);
  bent("terms below 2^-11 of the sum dropped", Defect::small_terms_dropped);
  if (tile == 0) add("Winograd F(4, 3) posing as summation", declared(shipped("winograd4x4"), CONVCHECK_SUMMATION, 0));
  const Shapes many = tile == 0 ? of_a_million_outputs : of_a_million_outputs_3x3;
  add("one output in 10^6 of the wrong sign", with_one_wrong<negated>(), many);
  add("one output in 10^6 off by its last bit", with_one_wrong<next_up>(), many);
  bent("one output NaN", Defect::nan_in_one);
  bent("NaN skipped", Defect::nan_lost);
  bent("zeros skipped", Defect::zeros_skipped);
  bent("padding multiplied", Defect::padding_multiplied);
  bent("subnormals flushed", Defect::subnormals_flushed);
  bent("sums that overflow early", Defect::overflows_early);
  return all;
}

struct Row {
  std::array<std::atomic<int64_t>, kTiers> caught{}, judged{};
  std::atomic<int64_t> by_any = 0;
};

// What a Winograd bound applies to has a kernel of 3x3 or 5x5 and stride 1: no statistical set is among it.
bool is_asked(Tier tier, const std::vector<Tier>& tiers, int tile) {
  return (tile == 0 || tier != Tier::statistical) && std::find(tiers.begin(), tiers.end(), tier) != tiers.end();
}

struct Table {
  int tile;
  std::vector<Tier> tiers;
  int64_t tries;
  int jobs;
};

void try_once(const Wrongness& wrongness, const Table& table, int64_t number, Row& row) {
  const Subject subject = {&wrongness.kernel, nullptr};
  Random random(static_cast<uint64_t>(number), 0x7AB1E);
  const Problem problem = wrongness.shapes(random);
  bool any = false;
  for (size_t tier = 0; tier < kTiers; ++tier) {
    const uint64_t seed = random.bits() >> 16;
    if (!is_asked(static_cast<Tier>(tier), table.tiers, table.tile)) continue;
    int64_t judged = 0;
    const bool caught = is_caught(static_cast<Tier>(tier), subject, problem, seed, judged);
    row.judged[tier] += judged;
    row.caught[tier] += caught ? 1 : 0;
    any = any || caught;
  }
  row.by_any += any ? 1 : 0;
}

void measure(const Wrongness& wrongness, const Table& table, Row& row) {
  std::atomic<int64_t> next = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < table.jobs; ++i) {
    threads.emplace_back([&] {
      for (int64_t number = next++; number < table.tries; number = next++) try_once(wrongness, table, number, row);
    });
  }
}

void print_head(int tile) {
  fmt::print("\n| declared {} |", tile == 0 ? "summation" : fmt::format("Winograd({})", tile));
  for (int tier = 0; tier < kTiers; ++tier) fmt::print(" {} |", name(static_cast<Tier>(tier)));
  fmt::print(" any |\n|---|");
  for (int column = 0; column <= kTiers; ++column) fmt::print("--:|");
  fmt::print("\n");
}

void print_row(const Wrongness& wrongness, const Row& row) {
  fmt::print("| {} |", wrongness.what);
  for (size_t tier = 0; tier < kTiers; ++tier) {
    fmt::print(" {} |", row.judged[tier] == 0 ? "n/a" : std::to_string(row.caught[tier]));
  }
  fmt::print(" {} |\n", row.by_any.load());
  std::fflush(stdout);
}

// A sound kernel is never caught; every other one is caught by some tier every time, where it is declared a summation.
bool is_as_it_must_be(const Wrongness& wrongness, const Table& table, const Row& row) {
  if (wrongness.is_sound) return row.by_any == 0;
  const bool every_time = std::any_of(row.caught.begin(), row.caught.end(),
                                      [&](const std::atomic<int64_t>& caught) { return caught == table.tries; });
  return every_time || table.tile != 0;
}

bool print_table_of(const Table& table) {
  print_head(table.tile);
  bool good = true;
  for (const Wrongness& wrongness : wrongnesses(table.tile)) {
    Row row;
    measure(wrongness, table, row);
    print_row(wrongness, row);
    good = is_as_it_must_be(wrongness, table, row) && good;
  }
  return good;
}

}  // namespace

bool print_table(int64_t tries, const std::vector<int>& tiles, const std::vector<Tier>& tiers, int jobs) {
  fmt::print("Caught in how many of {} tries\n", tries);
  bool good = tries > 0;
  for (const int tile : tiles) good = print_table_of({tile, tiers, tries, jobs}) && good;
  return good;
}

}  // namespace convcheck::judging
