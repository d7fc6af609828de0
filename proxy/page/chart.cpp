#include "page/chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "page/text.hpp"

namespace kerbgate::page {
namespace {

constexpr std::int64_t kHour = 3600, kLeastSpan = 600;

struct Canvas {
  double width, height, scale;
  std::int64_t now, span;

  [[nodiscard]] double x(std::int64_t time) const {
    return width * std::clamp(1 - double(now - time) / double(span), 0.0, 1.0);
  }
  [[nodiscard]] double y(double value) const { return height - height * std::min(value / scale, 1.0); }
};

std::string number(double value) {
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.1f", value);
  std::string text = out.data();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string points(const Canvas& canvas, const std::vector<stats::Sample>& samples,
                   const std::function<double(const stats::Sample&)>& value) {
  std::string out;
  for (const stats::Sample& sample : samples) {
    if (canvas.now - sample.time > kHour) continue;
    if (!out.empty()) out += ' ';
    out += number(canvas.x(sample.time)) + ',' + number(canvas.y(value(sample)));
  }
  return out;
}

/// The x of the first sample within the hour.
double first_x(const Canvas& canvas, const std::vector<stats::Sample>& samples) {
  for (const stats::Sample& sample : samples)
    if (canvas.now - sample.time <= kHour) return canvas.x(sample.time);
  return canvas.width;
}

std::string grid(const Canvas& canvas) {
  std::string out;
  for (int i = 1; i < 4; ++i)
    out += "<path class=g d=\"M" + number(canvas.width * i / 4) + " 0V" + number(canvas.height) + "\"/>";
  for (int i = 0; i <= 2; ++i)
    out += "<path class=g d=\"M0 " + number(canvas.height * i / 2) + 'H' + number(canvas.width) + "\"/>";
  return out;
}

/// An hour, or less while there is less to show.
std::int64_t span_of(const std::vector<stats::Sample>& samples, std::int64_t now) {
  return samples.empty() ? kHour : std::clamp(now - samples.front().time, kLeastSpan, kHour);
}

double highest(const std::vector<stats::Sample>& samples, std::int64_t now, const std::vector<Line>& lines) {
  double most = 0;
  for (const stats::Sample& sample : samples)
    if (now - sample.time <= kHour)
      for (const Line& line : lines) most = std::max(most, line.value(sample));
  return most;
}

}  // namespace

double round_scale(double most) {
  if (!(most > 1)) return 1;
  const double power = std::pow(10, std::floor(std::log10(most)));
  for (const double step : {1.0, 2.0, 5.0})
    if (most <= step * power) return step * power;
  return 10 * power;
}

double round_binary(double most) {
  double scale = 1;
  while (scale < most) scale *= 2;
  return scale;
}

std::string chart(const ChartText& text, const std::vector<stats::Sample>& samples, std::int64_t now,
                  const std::vector<Line>& lines) {
  std::string out = "<figure class=chart><figcaption><span class=what>" + std::string(text.title) + "</span><b>" +
                    escaped(text.now) + "</b></figcaption>";
  const double most = highest(samples, now, lines);
  const std::int64_t span = span_of(samples, now);
  const Canvas canvas{320, 80, text.binary ? round_binary(most) : round_scale(most), now, span};
  if (first_x(canvas, samples) >= canvas.width && samples.size() < 2)
    return out + "<p class=none>The first samples come within seconds.</p></figure>";
  out += "<div class=plot><span class=top>" + escaped(text.number(canvas.scale)) +
         "</span><svg viewBox=\"0 0 320 80\" preserveAspectRatio=none role=img aria-label=\"" +
         std::string(text.title) + ", the last " + std::to_string(span / 60) + " minutes\">" + grid(canvas);
  for (const Line& line : lines) {
    const std::string at = points(canvas, samples, line.value);
    const std::string color = std::to_string(line.color);
    out += "<polygon class=a" + color + " points=\"" + number(first_x(canvas, samples)) + ",80 " + at + ' ' +
           number(canvas.x(samples.back().time)) + ",80\"/><polyline class=l" + color + " points=\"" + at + "\"/>";
  }
  out += "</svg></div><div class=axis><span>" + std::to_string(span / 60) + " min ago</span>";
  if (lines.size() > 1) {
    out += "<span class=key>";
    for (const Line& line : lines) out += "<i class=k" + std::to_string(line.color) + "></i>" + line.name + ' ';
    out += "</span>";
  }
  return out + "<span>now</span></div></figure>";
}

std::string sparkline(const std::vector<stats::Sample>& samples, std::int64_t now) {
  const std::vector<Line> sessions{{"sessions", 1, [](const stats::Sample& s) { return double(s.sessions); }}};
  const double most = highest(samples, now, sessions);
  if (most <= 0) return {};
  const Canvas canvas{72, 18, most, now, span_of(samples, now)};
  return "<svg class=spark viewBox=\"0 -1 72 20\" role=img aria-label=\"sessions lately, at most " +
         count(std::uint64_t(most)) + "\"><polyline class=l1 points=\"" + points(canvas, samples, sessions[0].value) +
         "\"/></svg>";
}

}  // namespace kerbgate::page
