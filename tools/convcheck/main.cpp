// The convcheck program: the command line, and nothing else.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdlib>

#include "reference/spelling.h"
#include "tools/convcheck/commands.h"

namespace convcheck {
namespace {

// "20s", "500ms", "2m" or plain seconds; nothing where it is none of these, or negative.
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

// Accepts whole numbers of a range and nothing else; CLI11's own complaint about the others is no help.
CLI::Validator whole_number(uint64_t least, uint64_t most) {
  return {[=](const std::string& text) {
            uint64_t value = 0;
            const char* const last = text.data() + text.size();
            const auto [end, error] = std::from_chars(text.data(), last, value);
            const bool is_good = error == std::errc() && end == last && value >= least && value <= most;
            if (is_good) return std::string();
            return fmt::format("'{}' is not a whole number from {} to {}", printable(text), least, most);
          },
          ""};
}

constexpr const char* kFooter = R"(Examples:
  convcheck run ./my_kernel.so                     judge the kernels of a library
  convcheck run --networks all                     judge the shipped ones, on every layer of the networks too
  convcheck explain input=1x3x8x8 weight=8x1x3x3 groups=3
  convcheck replay input=1x3x8x8 weight=9x1x3x3 groups=3 --kernel direct

Exit status: 0 all laws hold, 1 a violation (or an invalid problem, for explain), 2 wrong usage or input, 3 nothing
could be judged, 130 after Ctrl-C.)";

struct CommandLine {
  CLI::App app{
      "convcheck judges convolution kernels: are they right, and if not, on which smallest problem are they wrong?",
      "convcheck"};
  RunOptions run;
  ReplayOptions replay;
  std::vector<std::string> problem_words;
  ListOptions list;
  AuditOptions audit;
  BenchOptions bench;
  CorpusAddOptions corpus_add;
  std::string budget = "20s";
  std::string audit_budget = "3s";
  std::string bench_time = "10ms";
  std::string time_limit;
  CLI::Option* time_limit_option = nullptr;
  CLI::Option* budget_option = nullptr;
  CLI::Option* cases_option = nullptr;
  CLI::App* run_app = nullptr;
  CLI::App* replay_app = nullptr;
  CLI::App* explain_app = nullptr;
  CLI::App* list_app = nullptr;
  CLI::App* audit_app = nullptr;
  CLI::App* bench_app = nullptr;
  CLI::App* corpus_add_app = nullptr;

  CommandLine() {
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("convcheck ") + CONVCHECK_VERSION, "print the version and exit");
    app.set_help_flag("-h,--help", "print this and exit");
    app.footer(kFooter);
    add_run();
    replay_app = app.add_subcommand("replay", "judge one case, with all the detail");
    replay_app->add_option("CASE", replay.words, "words with = are the case; others are kernel libraries")
        ->type_name("");
    add_choice(*replay_app, replay.kernels, replay.laws);
    replay_app->add_flag("--in-process", replay.in_process,
                         "judge in this process, for debuggers and sanitizers: a kernel that crashes ends it");
    explain_app =
        app.add_subcommand("explain", "a problem's shapes and rules; for an invalid one why, and what is near");
    explain_app->add_option("PROBLEM", problem_words, "case text, such as input=1x3x8x8 weight=9x1x3x3 groups=3")
        ->type_name("");
    add_audit();
    add_bench();
    add_list();
    add_corpus();
  }

  void add_audit() {
    audit_app = app.add_subcommand("audit", "the suite on trial: seeded defects to be caught, sound kernels acquitted");
    add_choice(*audit_app, audit.kernels, audit.laws);
    audit_app
        ->add_option("--budget", audit_budget,
                     "time per kernel beside the corpus and the covering array: 3s unless given")
        ->type_name("TIME");
    add_seed(*audit_app, audit.seed);
    add_jobs(*audit_app, audit.jobs);
    audit_app->add_flag("--quick", audit.quick,
                        "judge mutants until they are caught by the laws that are meant to, and show no matrix");
    audit_app->add_option("--json", audit.json_file, "write the audit here as JSON")->type_name("FILE");
  }

  void add_bench() {
    bench_app =
        app.add_subcommand("bench", "speed beside oneDNN and the machine's peak; right results alone are timed");
    bench_app->add_option("KERNEL.so", bench.libraries, "libraries that export convcheck_kernels()")->type_name("");
    add_names(*bench_app, "--kernel", bench.kernels, "only the kernel of this name; may be repeated");
    bench_app
        ->add_option("--networks", bench.networks,
                     "the layers of these networks: all, or names joined by commas; resnet50 unless given")
        ->type_name("NAMES");
    add_names(*bench_app, "--layer", bench.layers, "only the layer of this name; may be repeated");
    bench_app->add_option("--rounds", bench.rounds, "rounds that time each kernel once: 15 unless given")
        ->type_name("N")
        ->check(whole_number(1, 1'000'000));
    bench_app->add_option("--time", bench_time, "of each kernel in a round, one run at least: 10ms unless given")
        ->type_name("TIME");
    bench_app
        ->add_option("--threads", bench.threads, "1 unless given; all, or numbers joined by commas, which are compared")
        ->type_name("N");
    bench_app->add_flag("--verbose", bench.verbose, "show median, spread and share of the peak of every layer");
    bench_app->add_option("--csv", bench.csv_file, "write a line for each layer and kernel here")->type_name("FILE");
    bench_app->add_option("--json", bench.json_file, "write all of it here, every round included")->type_name("FILE");
    bench_app->add_option("--svg", bench.svg_file, "draw the ratios to oneDNN here")->type_name("FILE");
  }

  void add_list() {
    list_app = app.add_subcommand("list", "what there is: kernels, laws, mutants, networks or corpus");
    list_app->add_option("WHAT", list.what, "kernels, laws, mutants, networks or corpus")->type_name("");
    list_app->add_option("KERNEL.so", list.libraries, "list the kernels of these libraries")->type_name("");
    list_app->add_flag("--markdown", list.markdown, "laws as the page docs/laws.md");
  }

  void add_corpus() {
    CLI::App* const corpus = app.add_subcommand("corpus", "cases that are kept and judged first ever after");
    corpus->require_subcommand(1);
    corpus_add_app = corpus->add_subcommand("add", "keep a case: it becomes a line of corpus/regressions");
    corpus_add_app->add_option("CASE", corpus_add.words, "case text, as a report shows it")->type_name("");
    corpus_add_app->add_option("--name", corpus_add.name, "which fault it hunts: last-column-lost")->type_name("NAME");
    corpus_add_app->add_option("--note", corpus_add.note, "where it comes from: a link, a law, a library, its version")
        ->type_name("NOTE");
    corpus_add_app->add_option("--file", corpus_add.file, "the *.cases file, in place of corpus/regressions'")
        ->type_name("FILE");
  }

  static void add_seed(CLI::App& command, uint64_t& seed) {
    command.add_option("--seed", seed, "of data, order and random cases: 1 unless given")
        ->type_name("N")
        ->check(whole_number(0, UINT64_MAX));
  }

  static void add_jobs(CLI::App& command, int& jobs) {
    command.add_option("--jobs", jobs, "threads: all cores unless given")->type_name("N")->check(whole_number(1, 4096));
  }

  static void add_names(CLI::App& command, const char* option, std::vector<std::string>& names, const char* help) {
    command.add_option(option, names, help)->type_name("NAME")->allow_extra_args(false);
  }

  static void add_choice(CLI::App& command, std::vector<std::string>& kernels, std::vector<std::string>& laws) {
    add_names(command, "--kernel", kernels, "only the kernel of this name; may be repeated");
    add_names(command, "--law", laws, "only this law; may be repeated");
  }

  void add_run() {
    run_app = app.add_subcommand("run", "judge kernels; without a library the shipped ones");
    run_app->add_option("KERNEL.so", run.libraries, "libraries that export convcheck_kernels()")->type_name("");
    add_choice(*run_app, run.kernels, run.laws);
    budget_option =
        run_app
            ->add_option("--budget", budget, "time per kernel for the small world and random cases: 20s unless given")
            ->type_name("TIME");
    cases_option = run_app->add_option("--cases", run.cases, "so many random cases instead of a budget")
                       ->type_name("N")
                       ->check(whole_number(0, 1'000'000'000));
    add_seed(*run_app, run.seed);
    add_jobs(*run_app, run.jobs);
    run_app
        ->add_option("--networks", run.networks, "also every layer of these networks: all, or names joined by commas")
        ->type_name("NAMES");
    run_app->add_flag("--huge", run.huge, "also problems beyond 2^31 bytes and elements, within 24 GiB of memory");
    run_app->add_flag("--in-process", run.in_process,
                      "judge in this process, for debuggers and sanitizers: a kernel that crashes ends it");
    time_limit_option = run_app
                            ->add_option("--time-limit", time_limit,
                                         "of a call: the larger of 2s and 100 times the reference's time unless given")
                            ->type_name("TIME");
    run_app
        ->add_option("--memory-limit", run.memory_limit,
                     "private memory of a kernel's process: 4 unless given, 0 for none")
        ->type_name("GIB")
        ->check(CLI::Range(0.0, 1e6));
    run_app
        ->add_option("--resume", run.resume_file,
                     "stream what is found to this file, and go on from it where it is there already")
        ->type_name("FILE");
    run_app->add_flag("--verbose", run.verbose, "show every violation at full length");
    run_app->add_option("--json", run.json_file, "write the report here as JSON")->type_name("FILE");
    run_app->add_option("--junit", run.junit_file, "write the verdicts here as JUnit XML")->type_name("FILE");
    run_app->footer(
        "Each kernel and law is a test KERNEL.LAW to GoogleTest: --gtest_filter=PATTERN chooses among them, and\n"
        "--gtest_list_tests lists them.");
  }

  [[nodiscard]] const CLI::App& current() const {
    const auto chosen = app.get_subcommands();
    if (chosen.empty()) return app;
    const auto below = chosen.front()->get_subcommands();
    return below.empty() ? *chosen.front() : *below.front();
  }
};

// GoogleTest's options that mean something here; it answers an unknown one with a page of its own help.
constexpr std::array<std::string_view, 5> kGtestOptions = {"--gtest_filter", "--gtest_list_tests", "--gtest_output",
                                                           "--gtest_also_run_disabled_tests", "--gtest_color"};

bool is_gtest_option(std::string_view argument) {
  const std::string_view name = argument.substr(0, argument.find('='));
  return std::find(kGtestOptions.begin(), kGtestOptions.end(), name) != kGtestOptions.end();
}

int complain(const CLI::App& app, const std::string& message) {
  fmt::print(stderr, "{}: {}\n", app.get_parent() == nullptr ? "convcheck" : "convcheck " + app.get_name(), message);
  return kUsage;
}

// An unknown option or command, with what was probably meant.
int complain_of_extra(const CommandLine& line, const std::string& word) {
  const CLI::App& app = line.current();
  std::vector<std::string> names;
  const bool is_option = word.starts_with('-');
  if (is_option) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    if (&app == line.run_app) names.insert(names.end(), kGtestOptions.begin(), kGtestOptions.end());
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
  if (argc > 1 && line.app.get_subcommands().empty()) return complain_of_extra(line, argv[1]);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const auto extras = line.app.remaining(true);
    if (!extras.empty()) return complain_of_extra(line, extras.front());
  }
  if (line.app.get_subcommands().empty()) {
    return complain(line.app,
                    "name a command: run, replay, explain, audit, bench, list or corpus; convcheck --help says more");
  }
  std::string text = error.what();
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string name = text.substr(0, text.find(':'));
    const CLI::Option* const option = line.current().get_option_no_throw(name);
    if (option != nullptr) text = fmt::format("{} needs a value: {} {}", name, name, option->get_type_name());
  }
  return complain(line.current(), fmt::format("{}; convcheck {} --help says more", text, line.current().get_name()));
}

// False, with the complaint made, where the option's text is no duration.
bool read_duration(const CLI::App& command, std::string_view option, const std::string& text, double& seconds) {
  const auto duration = parse_duration(text);
  if (!duration) {
    complain(command, fmt::format("{} '{}' is no duration; write 20s, 500ms or 2m", option, printable(text)));
    return false;
  }
  seconds = *duration;
  return true;
}

int dispatch_run(CommandLine& line) {
  if (*line.budget_option && *line.cases_option) {
    return complain(*line.run_app, "--budget and --cases both say when to stop; give one of them");
  }
  if (!read_duration(*line.run_app, "--budget", line.budget, line.run.budget_s)) return kUsage;
  if (*line.time_limit_option) {
    if (!read_duration(*line.run_app, "--time-limit", line.time_limit, line.run.time_limit_s)) return kUsage;
    if (line.run.time_limit_s == 0) return complain(*line.run_app, "--time-limit must be more than nothing");
  }
  return run_command(line.run);
}

int dispatch_audit(CommandLine& line) {
  const bool is_good = read_duration(*line.audit_app, "--budget", line.audit_budget, line.audit.budget_s);
  return is_good ? audit_command(line.audit) : kUsage;
}

int dispatch_bench(CommandLine& line) {
  const bool is_good = read_duration(*line.bench_app, "--time", line.bench_time, line.bench.seconds);
  return is_good ? bench_command(line.bench) : kUsage;
}

int dispatch(CommandLine& line) {
  for (const std::string& argument : line.run.gtest_arguments) {
    if (!line.run_app->parsed() || !is_gtest_option(argument)) return complain_of_extra(line, argument);
  }
  if (line.explain_app->parsed()) return explain_command(line.problem_words);
  if (line.list_app->parsed()) return list_command(line.list);
  if (line.replay_app->parsed()) return replay_command(line.replay);
  if (line.audit_app->parsed()) return dispatch_audit(line);
  if (line.bench_app->parsed()) return dispatch_bench(line);
  if (line.corpus_add_app->parsed()) return corpus_add_command(line.corpus_add);
  return dispatch_run(line);
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
  std::signal(SIGCHLD, SIG_DFL);  // children cannot be waited for where this was ignored, which is inherited
  try {
    return convcheck::run_program(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "convcheck: the harness failed: {}\n", error.what());
    return convcheck::kNotJudged;
  }
}
