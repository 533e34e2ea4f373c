// judging_evidence table|soak|winograd: the measurements of docs/judging.md.
#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "tests/judging/evidence.h"

namespace {

using convcheck::judging::Tier;

std::vector<Tier> all_tiers() {
  std::vector<Tier> all;
  for (int tier = 0; tier < convcheck::judging::kTiers; ++tier) all.push_back(static_cast<Tier>(tier));
  return all;
}

std::map<std::string, Tier> tiers_by_name() {
  std::map<std::string, Tier> by_name;
  for (const Tier tier : all_tiers()) by_name.emplace(name(tier), tier);
  return by_name;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures what docs/judging.md claims of the tiers.");
  app.require_subcommand(1);
  int64_t tries = 1000;
  int64_t judgements = 10'000'000;
  int64_t tiles = 100'000;
  std::vector<int> declared = {0, 2, 4, 6};
  std::vector<Tier> tiers = all_tiers();
  int jobs = 2;
  uint64_t seed = 1;
  bool with_a_wrong_one = false;
  CLI::App* const table = app.add_subcommand("table", "kinds of wrongness x tiers: caught in how many tries");
  table->add_option("--tries", tries, "tries for each entry")->capture_default_str();
  table->add_option("--declared", declared, "Winograd tiles that kernels declare, 0 for summation")
      ->check(CLI::IsMember({0, 2, 4, 6}))
      ->capture_default_str();
  table->add_option("--tiers", tiers, "tiers that judge")
      ->transform(CLI::CheckedTransformer(tiers_by_name(), CLI::ignore_case))
      ->default_str("all");
  table->add_option("--jobs", jobs, "threads")->capture_default_str();
  CLI::App* const soak = app.add_subcommand("soak", "sound kernels, judged until none is left to doubt");
  soak->add_option("--judgements", judgements, "how many")->capture_default_str();
  soak->add_option("--jobs", jobs, "threads")->capture_default_str();
  soak->add_option("--seed", seed)->capture_default_str();
  soak->add_flag("--with-a-wrong-one", with_a_wrong_one, "a kernel that is not sound among them: must fail");
  CLI::App* const winograd = app.add_subcommand("winograd", "how near sound Winograd tiles come to their bound");
  winograd->add_option("--tiles", tiles, "tiles for each F(m, r)")->capture_default_str();
  winograd->add_option("--seed", seed)->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  bool good = true;
  if (table->parsed()) good = convcheck::judging::print_table(tries, declared, tiers, jobs);
  if (soak->parsed()) good = convcheck::judging::print_soak(judgements, jobs, seed, with_a_wrong_one);
  if (winograd->parsed()) good = convcheck::judging::print_winograd(tiles, seed);
  return good ? 0 : 1;
}
