#include "config/keyword.hpp"
#include "config/nearest.hpp"
#include "config/value.hpp"

namespace kerbgate::config {
namespace {

void note_template(const Statement& line) { line.proxy().takes_servers_elsewhere = true; }

constexpr Keyword kRows[] = {
    {kL | kB, "server-template", "PREFIX N HOST:PORT [options]", State::not_yet, 3, -1, note_template,
     "servers from DNS", "servers from DNS; none is made: write server lines"},
};

}  // namespace

std::span<const Keyword> later_keywords() { return kRows; }

}  // namespace kerbgate::config
