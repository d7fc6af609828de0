#include "config/bind.hpp"
#include "config/keyword.hpp"
#include "config/parse.hpp"
#include "config/runtime_socket.hpp"
#include "config/server.hpp"
#include "rules/fetch.hpp"

namespace kerbgate::config {
namespace {

std::string where(unsigned sections) {
  std::string out;
  for (const auto& [bit, letter] : {std::pair(kD, 'D'), std::pair(kL, 'L'), std::pair(kF, 'F'), std::pair(kB, 'B')}) {
    if ((sections & bit) != 0) out += letter;
  }
  return out;
}

template <class Target>
void append(std::vector<KeywordHelp>& out, const char* section, std::span<const Option<Target>> table) {
  for (const auto& row : table)
    out.push_back(
        {section, std::string(row.name), "", std::string(row.syntax), state_word(row.state), std::string(row.summary)});
}

}  // namespace

std::vector<KeywordHelp> keyword_help() {
  std::vector<KeywordHelp> out;
  for (const Keyword& row : all_keywords()) {
    out.push_back({(row.sections & kG) != 0   ? "global"
                   : (row.sections & kR) != 0 ? "resolvers"
                                              : "proxy",
                   std::string(row.name), where(row.sections), std::string(row.syntax), state_word(row.state),
                   std::string(row.summary)});
  }
  append(out, "stats socket", runtime_socket_options());
  append(out, "bind", bind_options());
  append(out, "server", server_options());
  for (const rules::FetchRow& row : rules::fetch_rows())
    out.push_back({"test", std::string(row.name), "", std::string(row.syntax), "working", std::string(row.summary)});
  return out;
}

}  // namespace kerbgate::config
