#include "probe/web_answers.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <limits>

namespace kerbgate::probe {
namespace {

namespace json = boost::json;

constexpr std::string_view kJsonName = "impala-server.num-queries-registered";
constexpr std::string_view kPrometheusName = "impala_server_num_queries_registered";

std::optional<std::uint32_t> count_of(double value) {
  if (!std::isfinite(value) || value < 0) return std::nullopt;
  return static_cast<std::uint32_t>(std::min(value, double(std::numeric_limits<std::uint32_t>::max())));
}

std::optional<json::value> parsed(std::string_view text) {
  boost::system::error_code failed;
  json::parse_options options;
  options.max_depth = 32;
  json::value out = json::parse(text, failed, {}, options);
  if (failed || !out.is_object()) return std::nullopt;
  return out;
}

std::optional<std::uint32_t> from_json(std::string_view text) {
  const auto root = parsed(text);
  if (!root) return std::nullopt;
  const json::value* found = root->get_object().if_contains(kJsonName);
  if (found == nullptr) return std::nullopt;
  boost::system::error_code failed;
  const auto value = found->to_number<double>(failed);
  return failed ? std::nullopt : count_of(value);
}

/// `NAME VALUE` or `NAME{labels} VALUE`, a line each; `#` begins a comment.
std::optional<std::uint32_t> from_prometheus(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(kPrometheusName)) continue;
    line.remove_prefix(kPrometheusName.size());
    if (line.starts_with('{')) line.remove_prefix(std::min(line.find('}'), line.size() - 1) + 1);
    if (!line.starts_with(' ')) continue;
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    double value = 0;
    if (std::from_chars(line.data(), line.data() + line.size(), value).ec == std::errc{}) return count_of(value);
  }
  return std::nullopt;
}

}  // namespace

std::optional<bool> is_quiescing(std::string_view text) {
  const auto root = parsed(text);
  if (!root) return std::nullopt;
  const json::value* found = root->get_object().if_contains("is_quiescing");
  if (found == nullptr || !found->is_bool()) return std::nullopt;
  return found->get_bool();
}

std::optional<std::uint32_t> registered_queries(std::string_view metrics) {
  const std::size_t first = metrics.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return std::nullopt;
  return metrics[first] == '{' ? from_json(metrics) : from_prometheus(metrics);
}

}  // namespace kerbgate::probe
