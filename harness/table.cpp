#include "harness/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "properties/law.h"
#include "properties/theory.h"

namespace convcheck {
namespace {

constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kGreen = "\033[32m";
constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kReset = "\033[0m";

std::string painted(std::string_view text, std::string_view colour, TableStyle style) {
  return style.colour ? fmt::format("{}{}{}", colour, text, kReset) : std::string(text);
}

// One cell, at most ten characters: how many cases held, or why there are none.
std::string cell(const LawReport& law) {
  switch (law.verdict) {
    case Verdict::holds:
      return law.cases < 100'000 ? fmt::format("{}", law.cases) : fmt::format("{}k", law.cases / 1000);
    case Verdict::violated:
      return "VIOLATED";
    case Verdict::not_claimed:
      return "-";
    case Verdict::not_applicable:
      return "n/a";
    case Verdict::harness_fault:
      break;
  }
  return "FAULT";
}

std::string painted_cell(const LawReport& law, size_t width, TableStyle style) {
  std::string text = fmt::format("{:>{}}", cell(law), width);
  if (law.verdict == Verdict::violated || law.verdict == Verdict::harness_fault) return painted(text, kRed, style);
  return text;
}

constexpr size_t kColumns = 100;
constexpr size_t kLawWidth = 42;
constexpr size_t kListIndent = 2;  // of a list's second line

size_t width_of(const KernelReport& kernel) {
  return std::max<size_t>(kernel.name.size(), 8) + 2;
}

// The end of the kernels from `first` on that fit side by side, at least one.
size_t last_that_fits(const Report& report, size_t first) {
  size_t last = first;
  for (size_t used = kLawWidth; last < report.kernels.size(); ++last) {
    used += width_of(report.kernels[last]);
    if (used > kColumns && last > first) break;
  }
  return last;
}

// Kernels side by side, a law a row.
void append_matrix(std::string& out, const Report& report, size_t first, size_t last, TableStyle style) {
  std::vector<size_t> widths;
  out += fmt::format("{:<{}}", "cases judged by law", kLawWidth);
  for (size_t k = first; k < last; ++k) {
    widths.push_back(width_of(report.kernels[k]));
    out += fmt::format("{:>{}}", report.kernels[k].name, widths.back());
  }
  out += '\n';
  for (const Law& law : laws()) {
    std::string row = fmt::format("{:<{}}", law.name, kLawWidth);
    bool any = false;
    for (size_t k = first; k < last; ++k) {
      const auto& entries = report.kernels[k].laws;
      const auto found =
          std::find_if(entries.begin(), entries.end(), [&](const LawReport& l) { return l.law == law.name; });
      any = any || found != entries.end();
      row +=
          found == entries.end() ? std::string(widths[k - first], ' ') : painted_cell(*found, widths[k - first], style);
    }
    if (any) out += row + '\n';
  }
}

// "not claimed", as a sentence has it.
std::string words(Verdict verdict) {
  std::string text(name(verdict));
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

// Why cells hold no number.
void append_reasons(std::string& out, const Report& report) {
  std::vector<std::string> lines;
  for (const KernelReport& kernel : report.kernels) {
    if (!kernel.cut_short.empty())
      lines.push_back(fmt::format("  {} was judged no further: {}", kernel.name, kernel.cut_short));
    for (const std::string& remark : kernel.remarks) lines.push_back(fmt::format("  {}: {}", kernel.name, remark));
  }
  for (const KernelReport& kernel : report.kernels) {
    for (const LawReport& law : kernel.laws) {
      if (law.reason.empty() || law.verdict == Verdict::violated) continue;
      lines.push_back(fmt::format("  {} {}: {}: {}", kernel.name, law.law, words(law.verdict), law.reason));
    }
  }
  constexpr size_t kMost = 12;
  for (size_t i = 0; i < std::min(lines.size(), kMost); ++i) out += wrapped(lines[i], kListIndent) + '\n';
  if (lines.size() > kMost) out += fmt::format("  and {} more such\n", lines.size() - kMost);
  if (!lines.empty()) out += '\n';
}

// "direct 12.5%" for each kernel that was not judged on all `size` problems.
std::string done_in_part(const Report& report, int64_t KernelReport::*done, int64_t size) {
  std::vector<std::string> partial;
  for (const KernelReport& kernel : report.kernels) {
    if (kernel.*done >= size) continue;
    partial.push_back(
        fmt::format("{} {:.1f}%", kernel.name, 100.0 * static_cast<double>(kernel.*done) / static_cast<double>(size)));
  }
  return partial.empty() ? "all done" : fmt::format("done in part: {}", fmt::join(partial, ", "));
}

void append_ran(std::string& out, const Report& report) {
  // Where no kernel came to it the array was not made.
  const std::string covering =
      report.covering_size == 0
          ? fmt::format("corpus: {} cases; covering arrays: not begun", report.corpus_entries)
          : fmt::format("corpus: {} cases; covering arrays: {} problems for all {} triples of classes, {}",
                        report.corpus_entries, report.covering_size, report.covering_triples,
                        done_in_part(report, &KernelReport::covering_done, report.covering_size));
  const std::string world = fmt::format("small world: {} problems, {}", report.small_world_size,
                                        done_in_part(report, &KernelReport::small_world_done, report.small_world_size));
  std::vector<std::string> random;
  for (const KernelReport& kernel : report.kernels) {
    random.push_back(fmt::format("{} {}", kernel.name, kernel.random_cases));
  }
  out += wrapped(covering, kListIndent) + '\n' + wrapped(world, kListIndent) + '\n';
  out += wrapped(fmt::format("random cases: {}", fmt::join(random, ", ")), kListIndent) + '\n';
  if (report.networks.empty()) return;
  int64_t layers = 0;
  for (const NetworkReport& network : report.networks) layers += network.layers;
  out += fmt::format("networks: {}, {} layers, {} of them different\n", report.networks.size(), layers,
                     report.network_problems);
}

void append_huge(std::string& out, const Report& report) {
  if (report.huge_cases == 0) return;
  std::vector<std::string> judged;
  for (const KernelReport& kernel : report.kernels) {
    judged.push_back(fmt::format("{} {}", kernel.name, kernel.huge_cases));
  }
  out += wrapped(fmt::format("huge: {} cases; judged: {}", report.huge_cases, fmt::join(judged, ", ")), kListIndent);
  out += '\n';
  for (const HugeOmission& one : report.huge_omissions) {
    out += wrapped(fmt::format("  {} not judged on {}: {}", one.kernel, one.source, one.reason), kListIndent) + '\n';
  }
}

constexpr size_t kParameterWidth = 30;

// The classes of one parameter from `at` on, with their counts, side by side; gives the end of them.
size_t append_parameter(std::string& out, const Coverage& coverage, size_t at) {
  const auto all = case_classes();
  const std::string_view parameter = all[at].parameter;
  std::string line = fmt::format("  {:<{}}", parameter, kParameterWidth);
  for (bool is_first = true; at < all.size() && all[at].parameter == parameter; ++at, is_first = false) {
    const std::string one = fmt::format("{}{}: {}", is_first ? "" : "  ", all[at].value, coverage.counts()[at]);
    if (line.size() + one.size() > kColumns) {
      out += line + '\n';
      line = std::string(kParameterWidth, ' ');
    }
    line += one;
  }
  out += line + '\n';
  return at;
}

void append_never_seen(std::string& out, const Coverage& coverage, TableStyle style) {
  constexpr size_t kMost = 8;
  const std::vector<CaseClass> missing = coverage.never_seen();
  std::string line = fmt::format("cases by class: {} classes, all seen", kCaseClassCount);
  if (!missing.empty()) {
    line =
        fmt::format("cases by class: {} of {} classes seen, never", kCaseClassCount - missing.size(), kCaseClassCount);
    for (size_t i = 0; i < std::min(missing.size(), kMost); ++i) {
      line += fmt::format("{} {} {}", i == 0 ? "" : ";", missing[i].parameter, missing[i].value);
    }
    if (missing.size() > kMost) line += fmt::format("; and {} more", missing.size() - kMost);
    if (missing.size() > kMost && !style.verbose) line += " (--verbose shows all)";
  }
  out += wrapped(line, kListIndent) + '\n';
}

// What was tried: in a line what was not, and at length how much of what.
void append_coverage(std::string& out, const Coverage& coverage, TableStyle style) {
  if (coverage.cases() == 0) return;
  append_never_seen(out, coverage, style);
  if (!style.verbose) return;
  for (size_t at = 0; at < kCaseClassCount;) at = append_parameter(out, coverage, at);
}

void append_cost(std::string& out, const Report& report) {
  int64_t cases = 0;
  for (const KernelReport& kernel : report.kernels) cases += kernel.cases();
  out += fmt::format("{} judgements in {:.1f} s, seed {}\n", cases, report.seconds, report.seed);
}

void append_worst(std::string& out, const Report& report) {
  std::vector<std::string> parts;
  for (const KernelReport& kernel : report.kernels) {
    for (const LawReport& law : kernel.laws) {
      // Of a violated law it is that of the cases that held, and says nothing.
      if (law.worst_error_over_bound && law.verdict == Verdict::holds && law.law == "matches_reference_within_bound") {
        parts.push_back(fmt::format("{} {:.3f}", kernel.name, *law.worst_error_over_bound));
      }
    }
  }
  if (parts.empty()) return;
  out += wrapped(fmt::format("worst error / bound on reals: {}", fmt::join(parts, ", ")), kListIndent) + '\n';
}

constexpr size_t kLabelWidth = 12;

void append_field(std::string& out, std::string_view label, std::string_view text) {
  out += fmt::format("  {:<{}}{}\n", label, kLabelWidth - 2, text);
}

std::string wrapped_field(std::string_view text) {
  return wrapped(text, kLabelWidth);
}

const char* how_small(const Violation& v) {
  if (v.is_minimal) return "nothing smaller fails";
  return v.the_case == v.shrunk_from ? "it was not made smaller"
                                     : "shrinking ended before this was shown to be minimal";
}

}  // namespace

std::string to_text(const Violation& v, std::string_view kernel, std::string_view law, TableStyle style) {
  std::string out = painted(fmt::format("{} violates {}", kernel, law), kRed, style) + '\n';
  if (const Law* entry = find_law(law)) append_field(out, "law", wrapped_field(entry->statement));
  append_field(out, "case", painted(v.the_case, kBold, style));
  append_field(out, "", how_small(v));
  append_field(out, "found on", v.shrunk_from);
  append_field(out, "", "from " + v.source);
  if (!v.index.empty()) append_field(out, "at", v.index);
  append_field(out, "expected", v.expected);
  append_field(out, "got", v.got);
  append_field(out, "what", wrapped_field(v.explanation));
  if (const Theory* theory = find_theory(v.behaves_as)) {
    append_field(out, "behaves", wrapped_field(fmt::format("as if {} ({})", theory->behaves, theory->name)));
  }
  append_field(out, "replay", v.replay);
  if (!v.keep.empty()) append_field(out, "keep", v.keep);
  return out;
}

namespace {

// The first violation of a kernel at full length and the others by name: mostly they are one fault seen by several
// laws.
void append_violations(std::string& out, const KernelReport& kernel, TableStyle style) {
  std::vector<std::string_view> folded;
  for (const LawReport& law : kernel.laws) {
    if (!law.violation) continue;
    if (style.verbose || kernel.violated() == &law) {
      out += to_text(*law.violation, kernel.name, law.law, style) + '\n';
    } else {
      folded.push_back(law.law);
    }
  }
  if (folded.empty()) return;
  out += wrapped(fmt::format("{} also violates {}; --verbose shows all.", kernel.name, fmt::join(folded, ", ")), 0) +
         "\n\n";
}

}  // namespace

std::string to_table(const Report& report, TableStyle style) {
  std::string out;
  for (const KernelReport& kernel : report.kernels) append_violations(out, kernel, style);
  for (size_t first = 0; first < report.kernels.size();) {
    const size_t last = last_that_fits(report, first);
    append_matrix(out, report, first, last, style);
    out += '\n';
    first = last;
  }
  append_reasons(out, report);
  append_ran(out, report);
  append_huge(out, report);
  append_coverage(out, report.coverage, style);
  append_worst(out, report);
  append_cost(out, report);
  const auto names = [&](Verdict verdict) {
    std::vector<std::string_view> found;
    for (const KernelReport& kernel : report.kernels) {
      if (kernel.verdict() == verdict) found.push_back(kernel.name);
    }
    return found;
  };
  std::string verdict = fmt::format("{} of {} kernels hold all laws that they claim", names(Verdict::holds).size(),
                                    report.kernels.size());
  if (!names(Verdict::violated).empty()) {
    verdict += fmt::format("; violations in {}", fmt::join(names(Verdict::violated), ", "));
  }
  if (!names(Verdict::harness_fault).empty()) {
    verdict += fmt::format("; could not be judged: {}", fmt::join(names(Verdict::harness_fault), ", "));
  }
  out += painted(verdict, report.verdict() == Verdict::holds ? kGreen : kRed, style);
  out += '\n';
  return out;
}

std::string wrapped(std::string_view text, size_t indent) {
  const size_t room = kColumns - indent;
  std::string result;
  while (text.size() > room) {
    size_t end = text.rfind(' ', room);
    if (end == std::string_view::npos) end = text.find(' ');
    if (end == std::string_view::npos) break;
    result += fmt::format("{}\n{:{}}", text.substr(0, end), "", indent);
    text.remove_prefix(end + 1);
  }
  return result.append(text);
}

}  // namespace convcheck
