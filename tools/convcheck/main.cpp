// The convcheck program: the command line, and nothing else.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "reference/spelling.h"
#include "tools/convcheck/commands.h"

namespace convcheck {
namespace {

// "20s", "500ms", "2m" or plain seconds; nothing where it is none of these, or not positive.
std::optional<double> parse_duration(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !(value >= 0) || value > 1e9) return std::nullopt;
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  if (unit.empty() || unit == "s") return value;
  if (unit == "ms") return value / 1000;
  if (unit == "m" || unit == "min") return value * 60;
  if (unit == "h") return value * 3600;
  return std::nullopt;
}

struct CommandLine {
  CLI::App app{
      "convcheck judges convolution kernels: are they right, and if not, on which smallest problem are they wrong?"};
  RunOptions run;
  ReplayOptions replay;
  std::vector<std::string> problem_words;
  ListOptions list;
  std::string budget = "20s";
  CLI::App* run_app = nullptr;
  CLI::App* replay_app = nullptr;
  CLI::App* explain_app = nullptr;
  CLI::App* list_app = nullptr;

  CommandLine() {
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("convcheck ") + CONVCHECK_VERSION);
    add_run();
    replay_app = app.add_subcommand("replay", "judge one case, with all the detail");
    replay_app->add_option("CASE", replay.words, "words with = are the case; others are kernel libraries")->required();
    replay_app->add_option("--kernel", replay.kernels, "only the kernels of these names")->allow_extra_args(false);
    replay_app->add_option("--law", replay.laws, "only these laws")->allow_extra_args(false);
    explain_app =
        app.add_subcommand("explain", "a problem's shapes and rules; for an invalid one why, and what is near");
    explain_app->add_option("PROBLEM", problem_words, "case text, such as input=1x3x8x8 weight=9x1x3x3 groups=3")
        ->required();
    list_app = app.add_subcommand("list", "what there is: kernels, laws, networks or corpus");
    list_app->add_option("WHAT", list.what, "kernels, laws, networks or corpus")
        ->required()
        ->check(CLI::IsMember({"kernels", "laws", "networks", "corpus"}));
    list_app->add_option("KERNEL.so", list.libraries, "list the kernels of these libraries");
  }

  void add_run() {
    run_app = app.add_subcommand("run", "judge kernels; without a library the shipped ones");
    run_app->add_option("KERNEL.so", run.libraries, "libraries that export convcheck_kernels()");
    run_app->add_option("--kernel", run.kernels, "only the kernels of these names")->allow_extra_args(false);
    run_app->add_option("--law", run.laws, "only these laws")->allow_extra_args(false);
    auto* budget_option =
        run_app->add_option("--budget", budget, "time per kernel for the small world and random cases, such as 20s");
    run_app->add_option("--cases", run.cases, "so many random cases instead of a budget")
        ->check(CLI::NonNegativeNumber)
        ->excludes(budget_option);
    run_app->add_option("--seed", run.seed, "of data, order and random cases")->capture_default_str();
    run_app->add_option("--jobs", run.jobs, "threads; all cores unless given")->check(CLI::PositiveNumber);
    run_app->add_option("--networks", run.networks,
                        "also every layer of these networks: all, or names joined by commas");
    run_app->add_option("--json", run.json_file, "write the report here as JSON");
    run_app->add_option("--junit", run.junit_file, "write the verdicts here as JUnit XML");
  }

  [[nodiscard]] const CLI::App& current() const {
    const auto chosen = app.get_subcommands();
    return chosen.empty() ? app : *chosen.front();
  }
};

int complain(const CLI::App& app, const std::string& message) {
  fmt::print(stderr, "{}: {}\n", app.get_parent() == nullptr ? "convcheck" : "convcheck " + app.get_name(), message);
  return kUsage;
}

// An unknown option or command, with what was probably meant.
int complain_of_extra(const CommandLine& line, const std::string& word) {
  const CLI::App& app = line.current();
  std::vector<std::string> names;
  const bool is_option = word.rfind("-", 0) == 0;
  if (is_option) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  } else {
    for (const CLI::App* command : line.app.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(command->get_name());
    }
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string given = word.substr(0, word.find('='));
  return complain(app, fmt::format("unknown {} '{}'; {}", is_option ? "option" : "command", printable(given),
                                   suggestion(given, known)));
}

int parse_error(const CommandLine& line, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == 0) return line.app.exit(error);  // --help, --version
  if (argc > 1 && argv[1][0] != '-' && line.app.get_subcommands().empty()) return complain_of_extra(line, argv[1]);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const auto extras = line.app.remaining(true);
    if (!extras.empty()) return complain_of_extra(line, extras.front());
  }
  if (line.app.get_subcommands().empty()) {
    return complain(line.app, "name a command: run, replay, explain or list; convcheck --help says more");
  }
  std::string text = error.what();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return complain(line.current(), fmt::format("{}; convcheck {} --help says more", text, line.current().get_name()));
}

int dispatch(CommandLine& line) {
  if (line.explain_app->parsed()) return explain_command(line.problem_words);
  if (line.list_app->parsed()) return list_command(line.list);
  if (line.replay_app->parsed()) return replay_command(line.replay);
  const auto budget = parse_duration(line.budget);
  if (!budget)
    return complain(*line.run_app,
                    fmt::format("--budget '{}' is no duration; write 20s, 500ms or 2m", printable(line.budget)));
  line.run.budget_s = *budget;
  return run_command(line.run);
}

int run_program(int argc, char** argv) {
  CommandLine line;
  const char* const invoked_as = std::getenv("CONVCHECK_INVOKED_AS");
  line.run.program = invoked_as != nullptr ? invoked_as : argv[0];
  std::vector<std::string> arguments;
  for (int i = argc - 1; i > 0; --i) {  // CLI11 takes them backwards
    const std::string argument = argv[i];
    if (argument.rfind("--gtest_", 0) == 0) {
      line.run.gtest_arguments.insert(line.run.gtest_arguments.begin(), argument);
    } else {
      arguments.push_back(argument);
    }
  }
  try {
    line.app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return parse_error(line, error, argc, argv);
  }
  return dispatch(line);
}

}  // namespace
}  // namespace convcheck

int main(int argc, char** argv) {
  try {
    return convcheck::run_program(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "convcheck: the harness failed: {}\n", error.what());
    return convcheck::kNotJudged;
  }
}
