#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/find.hpp"
#include "admin/site.hpp"
#include "config/config.hpp"

/// The runtime socket's language: HAProxy's commands, and three of kerbgate's own. Scripts read the answers, so they
/// are HAProxy 2.6's to the byte where it has them.
namespace kerbgate::admin {

using config::RuntimeLevel;

/// What one user of the socket has set for himself.
struct UserState {
  RuntimeLevel level = RuntimeLevel::operator_;
  bool interactive = false;
  net::Millis timeout{10'000};
  bool left = false;  ///< `quit`
};

/// One command to be answered, on the site's home loop.
struct Call {
  Site& site;
  UserState& user;
  std::vector<std::string> args;  ///< the words behind the command's own
  std::function<void(std::string)>
      reply;  ///< once, now or later, on the home loop; the text ends with a newline or is empty
  /// More of an answer that goes on. False: nobody listens any more.
  std::function<bool(std::string)> say;

  [[nodiscard]] const std::string& arg(std::size_t i) const {
    static const std::string kNone;
    return i < args.size() ? args[i] : kNone;
  }
};

/// A row of the table that dispatch, help and the documentation are made from.
struct Command {
  std::string_view words;  ///< "show stat"
  std::string_view usage;  ///< as help shows it
  std::string_view help;
  RuntimeLevel level;
  void (*run)(Call call);
};

std::span<const Command> show_commands();
std::span<const Command> change_commands();
std::span<const Command> kerberos_commands();
std::span<const Command> user_commands();
std::span<const Command> dns_commands();

/// `set server <b>/<s> fqdn <name>`: the answer, in HAProxy's words.
std::string change_name(const Call& call, const ServerPlace& place);

/// All of them, by name.
const std::vector<Command>& all_commands();

/// Runs the command of one line without its end; an unknown one is answered by those that come near.
void run_command(Site& site, UserState& user, const std::string& line, std::function<void(std::string)> reply,
                 std::function<bool(std::string)> say);

/// The text of `help`: what matches `words` at this level (all when empty).
std::string help_text(const std::vector<std::string>& words, RuntimeLevel level, std::string_view head);

/// HAProxy's cutting: blanks divide, a backslash takes the next character as it is.
std::vector<std::string> words_of(std::string_view line);

}  // namespace kerbgate::admin
