#include "check/status.hpp"

#include <algorithm>
#include <iterator>

namespace kerbgate::check {
namespace {

constexpr StatusWords kWords[] = {
    {Status::hana, "HANA", "Health analyze", false},
    {Status::sockerr, "SOCKERR", "Socket error", false},
    {Status::l4ok, "L4OK", "Layer4 check passed", false},
    {Status::l4tout, "L4TOUT", "Layer4 timeout", false},
    {Status::l4con, "L4CON", "Layer4 connection problem", false},
    {Status::l6ok, "L6OK", "Layer6 check passed", false},
    {Status::l6tout, "L6TOUT", "Layer6 timeout", false},
    {Status::l6rsp, "L6RSP", "Layer6 invalid response", false},
    {Status::l7tout, "L7TOUT", "Layer7 timeout", false},
    {Status::l7rsp, "L7RSP", "Layer7 invalid response", false},
    {Status::l7ok, "L7OK", "Layer7 check passed", true},
    {Status::l7okc, "L7OKC", "Layer7 check conditionally passed", true},
    {Status::l7sts, "L7STS", "Layer7 wrong status", true},
};

constexpr std::size_t kLongestInfo = 127;

}  // namespace

const StatusWords& words(Status status) {
  return *std::find_if(std::begin(kWords), std::end(kWords), [&](const auto& row) { return row.status == status; });
}

std::optional<Status> status_named(std::string_view name) {
  for (const StatusWords& row : kWords)
    if (row.name == name) return row.status;
  return std::nullopt;
}

bool passed(Status status) {
  return status == Status::l4ok || status == Status::l6ok || status == Status::l7ok || status == Status::l7okc;
}

std::string reason(const Finding& verdict, long long milliseconds) {
  const StatusWords& row = words(verdict.status);
  std::string out = ", reason: " + std::string(row.words);
  if (row.has_code) out += ", code: " + std::to_string(verdict.code);
  if (!verdict.info.empty()) out += ", info: \"" + verdict.info + '"';
  if (milliseconds >= 0) out += ", check duration: " + std::to_string(milliseconds) + "ms";
  return out;
}

std::string printable(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text.substr(0, kLongestInfo)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet < 0x7f && c != '"')
      out += c;
    else
      out += {'<', kDigits[octet >> 4], kDigits[octet & 15], '>'};
  }
  return out;
}

}  // namespace kerbgate::check
