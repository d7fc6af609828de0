#include "config/keyword.hpp"
#include "config/nearest.hpp"
#include "config/value.hpp"

namespace kerbgate::config {
namespace {

constexpr std::string_view kConnectCheck = "servers are checked by a TCP connection that leaves at once";

constexpr Keyword kRows[] = {
    {kBack, "tcp-check connect", "[port N] [ssl] ...", State::not_yet, 0, -1, nullptr, "a step of option tcp-check",
     kConnectCheck},
    {kBack, "tcp-check send", "TEXT", State::not_yet, 1, -1, nullptr, "a step of option tcp-check", kConnectCheck},
    {kBack, "tcp-check send-binary", "HEX", State::not_yet, 1, -1, nullptr, "a step of option tcp-check",
     kConnectCheck},
    {kBack, "tcp-check expect", "[!] MATCH PATTERN", State::not_yet, 1, -1, nullptr, "a step of option tcp-check",
     kConnectCheck},
    {kBack, "http-check send", "[meth M] [uri URI] ...", State::not_yet, 0, -1, nullptr, "a step of option httpchk",
     kConnectCheck},
    {kBack, "http-check expect", "[!] MATCH PATTERN", State::not_yet, 1, -1, nullptr, "a step of option httpchk",
     kConnectCheck},
};

}  // namespace

std::span<const Keyword> later_keywords() { return kRows; }

}  // namespace kerbgate::config
