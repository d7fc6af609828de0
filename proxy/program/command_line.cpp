#include "program/command_line.hpp"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <span>
#include <sstream>

#include "completion/shell.hpp"
#include "kerbgate/quoted.hpp"

namespace kerbgate::program {
namespace {

namespace po = boost::program_options;

/// HAProxy writes several letters after one dash; the option parser reads those as a bundle.
struct Letters {
  std::string_view typed, option;
};
std::span<const Letters> letters() {
  static constexpr std::array<Letters, 3> kAll{
      {{"-db", "--foreground"}, {"-vv", "--build-info"}, {"-Ws", "--master-notify"}}};
  return kAll;
}

std::string spelled_out(const std::string& word) {
  const auto found = std::ranges::find(letters(), word, &Letters::typed);
  return found == letters().end() ? word : std::string(found->option);
}

/// The option parser calls every option by two dashes; one letter has one.
std::string as_typed(std::string message) {
  for (std::size_t at = message.find("'--"); at != std::string::npos; at = message.find("'--", at + 1))
    if (message.size() > at + 4 && message[at + 4] == '\'') message.erase(at + 1, 1);
  return message;
}

po::options_description haproxy_options() {
  po::options_description options("HAProxy's options");
  options.add_options()(",f", po::value<std::vector<std::string>>()->value_name("FILE|DIR"),
                        "configuration; may be repeated; a folder's *.cfg; - is standard input")(
      ",c", "check the configuration and exit: 0 when it is right, 1 when not")(",D", "go to the background")(
      "foreground", "(-db) stay in the foreground, whatever the file says")(
      ",d", "stay in the foreground and be verbose")(",V", "be verbose")(",q", "be quiet: alerts only")(
      ",p", po::value<std::string>()->value_name("PIDFILE"), "write the process number there")(
      ",C", po::value<std::string>()->value_name("DIR"), "change to this folder first")(
      ",m", po::value<unsigned>()->value_name("MB"), "limit of memory")(
      ",n", po::value<std::uint32_t>()->value_name("MAXCONN"), "limit of connections, over the file's")(
      ",L", po::value<std::string>()->value_name("NAME"), "accepted; there are no peers here")(
      ",W", "accepted: with user, group or chroot a keeper process stays outside anyway")(
      "master-notify", "(-Ws) accepted, as -W; systemd is told of start, reload and end whenever it asks for that")(
      ",S", po::value<std::string>()->value_name("SOCKET"), "accepted; there is no master socket here")(
      ",v", "version")("build-info", "(-vv) version and what it was built with");
  return options;
}

po::options_description own_options() {
  po::options_description options("Without a file");
  options.add_options()("fqdn", po::value<std::string>()->value_name("FQDN"),
                        "the name that clients connect to and ask tickets for")(
      "listen", po::value<std::vector<std::string>>()->value_name("[ADDR:]PORT[,balance=ALG]"),
      "a listener; may be repeated")("server", po::value<std::vector<std::string>>()->value_name("HOST:PORT"),
                                     "a coordinator; may be repeated")(
      "keytab", po::value<std::string>()->value_name("FILE"), "the keytab that holds the proxy's principal")(
      "principal", po::value<std::string>()->value_name("P"), "the proxy's principal; impala/FQDN when not given");
  return options;
}

po::options_description task_options() {
  po::options_description options("More");
  options.add_options()("explain", "say what the configuration does and what is unwise in it; 1 when it is not right")(
      "check-names", "check the names alone: what clients will ask the KDC for, and what stands in the way")(
      "completion", po::value<std::string>()->value_name("SHELL"),
      "a script that makes bash, zsh or fish complete these options")("help,h", "this text")("version", "version");
  return options;
}

/// An option with the letters that stand for it in HAProxy: `(-db) stay in the foreground`.
completion::Option completed(const po::option_description& option) {
  completion::Option row =
      completion::completed(option, [](std::string_view) { return std::vector<std::string_view>{}; });
  const auto known = std::ranges::find(letters(), row.spellings.front(), &Letters::option);
  if (known == letters().end()) return row;
  row.spellings.emplace_back(known->typed);
  row.about.erase(0, row.about.find(") ") + 2);
  return row;
}

Result<CommandLine> interpret(const po::variables_map& given) {
  const auto text = [&](const char* name) {
    return given.count(name) != 0 ? given[name].as<std::string>() : std::string{};
  };
  const auto list = [&](const char* name) {
    return given.count(name) != 0 ? given[name].as<std::vector<std::string>>() : std::vector<std::string>{};
  };
  CommandLine out;
  using Task = CommandLine::Task;
  if (given.count("help") != 0)
    out.task = Task::help;
  else if (given.count("build-info") != 0)
    out.task = Task::build_info;
  else if (given.count("version") != 0 || given.count("-v") != 0)
    out.task = Task::version;
  else if (given.count("completion") != 0)
    out.task = Task::completion;
  else if (given.count("check-names") != 0)
    out.task = Task::check_names;
  else if (given.count("explain") != 0)
    out.task = Task::explain;
  else if (given.count("-c") != 0)
    out.task = Task::check;
  out.shell = text("completion");
  const auto shells = completion::shell_names();
  if (out.task == Task::completion && std::ranges::find(shells, out.shell) == shells.end())
    return Error{Errc::invalid, "unknown shell " + quoted(out.shell) + ": --completion is for bash, zsh or fish"};
  out.sources.paths = list("-f");
  out.pidfile = text("-p");
  out.folder = text("-C");
  if (given.count("-n") != 0) out.maxconn = given["-n"].as<std::uint32_t>();
  if (given.count("-m") != 0) out.memory_mb = given["-m"].as<unsigned>();
  out.daemon = given.count("-D") != 0;
  out.foreground = given.count("foreground") != 0 || given.count("-d") != 0;
  out.verbose = given.count("-V") != 0 || given.count("-d") != 0;
  out.quiet = given.count("-q") != 0;

  config::Inline words{text("fqdn"), text("keytab"), text("principal"), list("listen"), list("server")};
  const bool has_words = !words.fqdn.empty() || !words.listens.empty() || !words.servers.empty() ||
                         !words.keytab.empty() || !words.principal.empty();
  if (has_words && !out.sources.paths.empty())
    return Error{
        Errc::invalid,
        "--fqdn, --listen, --server, --keytab and --principal stand in place of -f FILE: give one or the other"};
  if (has_words && (words.listens.empty() || words.servers.empty()))
    return Error{Errc::invalid, "without -f FILE at least one --listen PORT and one --server HOST:PORT are needed"};
  if (has_words) out.sources.words = std::move(words);
  const bool needs_source = out.task != Task::help && out.task != Task::version && out.task != Task::build_info &&
                            out.task != Task::completion;
  if (needs_source && !has_words && out.sources.paths.empty())
    return Error{Errc::invalid, "no configuration: give -f FILE, or --fqdn NAME --listen PORT --server HOST:PORT"};
  return out;
}

}  // namespace

Result<CommandLine> parse_command_line(int argc, const char* const* argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) words.push_back(spelled_out(argv[i]));
  po::options_description all;
  all.add(haproxy_options()).add(own_options()).add(task_options());
  po::options_description words_options;
  words_options.add_options()("words", po::value<std::vector<std::string>>());
  all.add(words_options);
  po::positional_options_description anywhere;
  anywhere.add("words", -1);
  po::variables_map given;
  try {
    using namespace po::command_line_style;
    po::store(
        po::command_line_parser(words).options(all).style(unix_style & ~allow_guessing).positional(anywhere).run(),
        given);
    po::notify(given);
  } catch (const po::error& wrong) {
    return Error{Errc::invalid, as_typed(wrong.what())};
  }
  if (given.count("words") != 0) {
    const std::string word = given["words"].as<std::vector<std::string>>().front();
    return Error{Errc::invalid, "unexpected word '" + word + "'; a configuration file is given as -f " + word};
  }
  return interpret(given);
}

std::string completion_script(const std::string& shell) {
  completion::Program program{"kerbgate-proxy", "kerbgate-proxy --completion " + shell, {}};
  for (const po::options_description& options : {haproxy_options(), own_options(), task_options()})
    for (const auto& option : options.options()) program.options.push_back(completed(*option));
  return completion::script(shell, program);
}

std::string usage() {
  std::ostringstream out;
  out << "usage: proxy -f FILE [-c] [-D] [-p PIDFILE] ...\n"
         "       proxy --explain -f FILE\n"
         "       proxy --fqdn FQDN --listen [ADDR:]PORT[,balance=ALG] --server HOST:PORT ... [--keytab F]\n\n"
         "Forwards Kerberized Impala traffic: one name in front of many coordinators. Reads HAProxy's configuration\n"
         "language (docs/configuration.md).\n\n"
      << haproxy_options() << '\n'
      << own_options() << '\n'
      << task_options()
      << "\nSignals: SIGHUP, SIGUSR2 reload; SIGUSR1 finish what runs and end; SIGTERM, SIGINT end.\n";
  return out.str();
}

}  // namespace kerbgate::program
