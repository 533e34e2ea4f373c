#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tools/convcheck/bench/writers.h"

namespace convcheck::bench {
namespace {

// Colours that people with any colour vision tell apart: M. Okabe and K. Ito, Color Universal Design, 2008.
constexpr std::array<const char*, 8> kColours = {"#000000", "#e69f00", "#56b4e9", "#009e73",
                                                 "#d55e00", "#0072b2", "#cc79a7", "#8c8c00"};

constexpr double kWidth = 860;
constexpr double kLeft = 160;
constexpr double kRight = 20;
constexpr double kTitle = 74;  // title and legend
constexpr double kLane = 9;    // of one contender
constexpr double kGap = 10;    // between networks
constexpr double kAxis = 34;

// A scale of powers of two that holds every ratio of all runs.
struct Scale {
  int lowest = -1, highest = 1;  // exponents

  void include(double ratio) {
    if (!(ratio > 0) || !std::isfinite(ratio)) return;
    lowest = std::min(lowest, static_cast<int>(std::floor(std::log2(ratio))));
    highest = std::max(highest, static_cast<int>(std::ceil(std::log2(ratio))));
  }
  [[nodiscard]] double x(double ratio) const {
    return kLeft + (std::log2(ratio) - lowest) / (highest - lowest) * (kWidth - kLeft - kRight);
  }
};

Scale scale_of(const BenchReport& report) {
  Scale scale;
  for (const Figures& run : report.runs) {
    for (const auto& network : run.networks) {
      for (const NetworkFigure& figure : network) {
        scale.include(figure.ratios.lowest);
        scale.include(figure.ratios.highest);
      }
    }
  }
  return scale;
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return result;
}

std::string label(double x, double y, const char* anchor, const std::string& text) {
  return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>)"
                     "\n",
                     x, y, anchor, escaped(text));
}

// oneDNN itself is the line at 1.
std::vector<size_t> drawn_contenders(const Figures& run) {
  std::vector<size_t> drawn;
  for (size_t c = 0; c < run.contenders.size(); ++c) {
    if (run.contenders[c] != kOnednn) drawn.push_back(c);
  }
  return drawn;
}

const char* colour(size_t lane) {
  return kColours[lane % kColours.size()];
}

std::string legend(const Figures& run, const std::vector<size_t>& drawn, double top) {
  std::string svg;
  double x = 12;
  for (size_t lane = 0; lane < drawn.size(); ++lane) {
    const std::string& name = run.contenders[drawn[lane]];
    svg += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="4" fill="{}"/>)"
                       "\n",
                       x, top - 4, colour(lane));
    svg += label(x + 8, top, "start", name);
    x += 26 + 7.2 * static_cast<double>(name.size());
  }
  return svg;
}

std::string grid(const Scale& scale, double top, double bottom) {
  std::string svg;
  for (int exponent = scale.lowest; exponent <= scale.highest; ++exponent) {
    const double x = scale.x(std::exp2(exponent));
    svg += fmt::format(R"(<line x1="{0:.1f}" y1="{1:.1f}" x2="{0:.1f}" y2="{2:.1f}" stroke="{3}"/>)"
                       "\n",
                       x, top, bottom, exponent == 0 ? "#333333" : "#dddddd");
    svg += label(x, bottom + 14, "middle",
                 exponent < 0 ? fmt::format("1/{}", 1 << -exponent) : std::to_string(1 << exponent));
  }
  return svg;
}

std::string mark(const Ratios& ratios, const Scale& scale, double y, const char* colour) {
  if (ratios.layers == 0) return {};
  return fmt::format(R"(<line x1="{0:.1f}" y1="{1:.1f}" x2="{2:.1f}" y2="{1:.1f}" stroke="{3}" stroke-opacity="0.45"/>)"
                     R"(<circle cx="{4:.1f}" cy="{1:.1f}" r="3.6" fill="{3}"/>)"
                     "\n",
                     scale.x(ratios.lowest), y, scale.x(ratios.highest), colour, scale.x(ratios.geometric_mean));
}

double panel_height(const BenchReport& report, const Figures& run) {
  const double row = kLane * static_cast<double>(drawn_contenders(run).size()) + kGap;
  return kTitle + row * static_cast<double>(report.workload.networks.size()) + kAxis;
}

std::string panel(const BenchReport& report, const Figures& run, const Scale& scale, double top) {
  const std::vector<size_t> drawn = drawn_contenders(run);
  std::string svg = label(12, top + 20, "start",
                          fmt::format("Speed as a ratio to oneDNN {} on plain NCHW, batch 1, {} thread{}",
                                      run.onednn_version, run.threads, run.threads == 1 ? "" : "s"));
  svg += label(12, top + 38, "start",
               "Right of 1 is faster. Dot: geometric mean over a network's layers; line: lowest to highest layer.");
  svg += legend(run, drawn, top + 60) + grid(scale, top + kTitle, top + panel_height(report, run) - kAxis);
  double y = top + kTitle + kGap / 2;
  for (size_t n = 0; n < report.workload.networks.size(); ++n) {
    const double middle = y + kLane * static_cast<double>(drawn.size()) / 2 + 4;
    svg += label(kLeft - 10, middle, "end", report.workload.networks[n].name);
    for (size_t lane = 0; lane < drawn.size(); ++lane) {
      svg +=
          mark(run.networks[n][drawn[lane]].ratios, scale, y + kLane * (static_cast<double>(lane) + 0.5), colour(lane));
    }
    y += kLane * static_cast<double>(drawn.size()) + kGap;
  }
  return svg;
}

}  // namespace

std::string to_svg(const BenchReport& report) {
  const Scale scale = scale_of(report);
  double height = 0;
  std::string panels;
  for (const Figures& run : report.runs) {
    panels += panel(report, run, scale, height);
    height += panel_height(report, run);
  }
  return fmt::format(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" )"
                     R"(viewBox="0 0 {0:.0f} {1:.0f}" font-family="sans-serif" font-size="12">)"
                     "\n"
                     R"(<rect width="100%" height="100%" fill="#ffffff"/>)"
                     "\n{2}</svg>\n",
                     kWidth, height, panels);
}

}  // namespace convcheck::bench
