#pragma once

#include <functional>
#include <string>
#include <vector>

#include "stats/history.hpp"

/// The last hour as inline SVG: no script draws it. Pure.
namespace kerbgate::page {

/// One line of a chart.
struct Line {
  const char* name;  ///< "in"
  int color;         ///< 1 to 4: a class of the style sheet
  std::function<double(const stats::Sample&)> value;
};

struct ChartText {
  const char* title;
  std::string now;                            ///< the value in large
  std::function<std::string(double)> number;  ///< of the scale
  bool binary = false;                        ///< the scale is a power of two
};

/// A card with title, present value, scale, lines and what each of them is. Without samples it says so.
std::string chart(const ChartText& text, const std::vector<stats::Sample>& samples, std::int64_t now,
                  const std::vector<Line>& lines);
/// A line without axes, for a table's cell; empty when nothing happened.
std::string sparkline(const std::vector<stats::Sample>& samples, std::int64_t now);

/// The least of 1, 2, 5 times a power of ten that is not below `most`; at least 1.
double round_scale(double most);
/// The least power of two that is not below `most`; at least 1.
double round_binary(double most);

}  // namespace kerbgate::page
