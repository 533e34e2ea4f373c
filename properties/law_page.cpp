#include "properties/law_page.h"

#include <fmt/format.h>

#include <array>

#include "properties/law.h"

namespace convcheck {
namespace {

struct Heading {
  Topic topic;
  std::string_view title;
  std::string_view text;
};

constexpr std::array kHeadings = {
    Heading{Topic::value, "Values",
            "The output equals what the reference computes, by the tier that the data were made for. "
            "[judging.md](judging.md) derives every bound."},
    Heading{
        Topic::structure, "Structure",
        "Two ways to say the same convolution give the same. These need no reference: the kernel is compared with "
        "itself, and they judge the reference as well. Two runs are compared for equality on integers that are exact "
        "in both (where one is judged as Winograd, after rounding to the nearest), and on reals within the sum of "
        "both bounds, each that of its own problem. A transformed problem that the kernel does not serve, or that has "
        "more than 20 million multiply-adds, makes the law not applicable to the case."},
    Heading{Topic::rules, "Rules",
            "What is valid runs, what is invalid is refused. [rules.md](rules.md) has the rules."},
    Heading{Topic::conduct, "Conduct", "What a call does beside computing."},
};

std::string_view data_of(Takes takes) {
  switch (takes) {
    case Takes::integers:
      return "integers";
    case Takes::significands:
      return "full significands (`input_significand`, `weight_significand`)";
    case Takes::reals:
      return "reals";
    case Takes::statistical:
      return "`statistical1` to `statistical6`";
    case Takes::special:
      return "special values";
    case Takes::invalid:
      break;
  }
  return "invalid problems";
}

std::string entry(const Law& law) {
  const bool takes_reals_too = law.takes == Takes::integers && law.topic != Topic::value;
  std::string text = fmt::format("### {}\n\n{}\n\n", law.name, law.statement);
  text += fmt::format("- *Why it holds*: {}\n- *Catches*: {}.\n- *Cost*: {}.\n", law.why, law.catches, law.cost);
  text += fmt::format("- *Data*: {}{}.\n", data_of(law.takes), takes_reals_too ? "; reals in `convcheck replay`" : "");
  if (law.needs_promise != 0) text += fmt::format("- *Promise needed*: `{}`.\n", promise_names(law.needs_promise));
  return text + "\n";
}

}  // namespace

std::string law_page() {
  std::string text = fmt::format(
      "# The laws\n\n"
      "A law is one sentence that every right kernel makes true, with a function that judges it. There are {}; this "
      "page "
      "is made from their table (`convcheck list laws --markdown`). Unless a law says otherwise, N is the batch, C and "
      "K "
      "are the input and output channels, G the groups.\n\n",
      laws().size());
  for (const Heading& heading : kHeadings) {
    text += fmt::format("## {}\n\n{}\n\n", heading.title, heading.text);
    for (const Law& law : laws()) {
      if (law.topic == heading.topic) text += entry(law);
    }
  }
  text.pop_back();  // one newline ends the page
  return text;
}

}  // namespace convcheck
