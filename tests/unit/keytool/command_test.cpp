#include "commands/command.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "commands/help.hpp"
#include "commands/output.hpp"
#include "unit/keytool/support/fake_resolver.hpp"

namespace kerbgate::commands {
namespace {

po::options_description copy_options() {
  po::options_description options;
  options.add_options()("output,o", po::value<std::string>()->value_name("OUT"), "where to");
  options.add_options()("principal", po::value<std::vector<std::string>>()->value_name("GLOB"), "which; may repeat");
  options.add_options()("json", po::bool_switch(), "for machines");
  return options;
}

/// Prints what it was given; the operand names what it ends with.
Result<Exit> copy_run(const Values& values, Environment& environment) {
  for (const auto& word : operands(values)) environment.out << word << '\n';
  for (const auto& glob : repeated(values, "principal")) environment.out << "principal " << glob << '\n';
  environment.out << "output " << text(values, "output") << '\n';
  if (operands(values)[0] == "damaged") return Error(Errc::damaged, "a.keytab: offset 7: record needs 72 bytes");
  if (operands(values)[0] == "absent") return Error(Errc::not_found, "open a.keytab: no such file");
  return Exit::ok;
}

const Command kCopy{"Keytabs",          "copy",       "write one again",
                    "KEYTAB... -o OUT", "Copies.",    "keytool copy a -o b",
                    {"KEYTAB", 1, 2},   copy_options, copy_run};
const Command* const kRows[] = {&kCopy};

struct Ran {
  int status;
  std::string out, err;
};

Ran run(std::vector<std::string> arguments) {
  std::istringstream in;
  std::ostringstream out, err;
  test::FakeResolver resolver;
  Environment environment{in, out, err, resolver};
  const Exit status = dispatch(arguments, kRows, environment);
  return {static_cast<int>(status), out.str(), err.str()};
}

TEST(Command, StatusAndMessageFollowFromTheLine) {
  const struct {
    const char* name;
    std::vector<std::string> arguments;
    int status;
    const char* said;  // the whole first line on standard error
  } table[] = {
      {"no command", {}, 2, "usage: keytool COMMAND [ARGUMENT...]"},
      {"unknown command", {"cpoy"}, 2, "keytool: unknown command 'cpoy'; did you mean 'copy'?"},
      {"unknown command, nothing near", {"zzzzzz"}, 2, "keytool: unknown command 'zzzzzz'"},
      {"unknown option before a command", {"--frob"}, 2, "keytool: unknown option '--frob'"},
      {"help on an unknown command", {"help", "cop"}, 2, "keytool: unknown command 'cop'; did you mean 'copy'?"},
      {"unknown option", {"copy", "a", "--ouput", "b"}, 2, "keytool: unknown option --ouput; did you mean '--output'?"},
      {"unknown option with a value",
       {"copy", "a", "--jsn=1"},
       2,
       "keytool: unknown option --jsn; did you mean '--json'?"},
      {"unknown short option", {"copy", "a", "-q"}, 2, "keytool: unknown option -q"},
      {"abbreviation", {"copy", "a", "--princ", "b"}, 2, "keytool: unknown option --princ"},
      {"value missing", {"copy", "a", "-o"}, 2, "keytool: option --output needs a value: OUT"},
      {"value too much", {"copy", "a", "--json=yes"}, 2, "keytool: option --json takes no value"},
      {"given twice", {"copy", "a", "-o", "b", "-o", "c"}, 2, "keytool: option --output is given more than once"},
      {"no operand", {"copy", "--output=b"}, 2, "keytool: copy was given no KEYTAB"},
      {"operand taken by an option",
       {"copy", "-o", "b"},
       2,
       "keytool: copy was given no KEYTAB; -o took 'b' as its value"},
      {"too many operands", {"copy", "a", "b", "c"}, 2, "keytool: 'c' is one argument too many for copy"},
      {"damage", {"copy", "damaged"}, 1, "keytool: a.keytab: offset 7: record needs 72 bytes"},
      {"no file", {"copy", "absent"}, 3, "keytool: open a.keytab: no such file"},
      {"control characters in a word", {"copy", "a", "--x\033[2J\n"}, 2, "keytool: unknown option --x\\x1b[2J\\x0a"},
      {"right", {"copy", "a"}, 0, ""},
      {"operand that looks like an option", {"copy", "--", "-q"}, 0, ""},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.name);
    const Ran ran = run(row.arguments);
    EXPECT_EQ(ran.status, row.status);
    EXPECT_EQ(ran.err.substr(0, ran.err.find('\n')), row.said);
  }
}

TEST(Command, UsageErrorsNameTheHelpToAskFor) {
  EXPECT_TRUE(run({"copy", "-q", "a"}).err.ends_with("\nTry 'keytool copy --help'.\n"));
  EXPECT_TRUE(run({"cpoy"}).err.ends_with("\nTry 'keytool --help'.\n"));
}

TEST(Command, OperandsAndRepeatedOptionsArriveInOrder) {
  const Ran ran = run({"copy", "b", "--principal", "x", "a", "--principal=y", "-o", "-"});
  EXPECT_EQ(ran.out, "b\na\nprincipal x\nprincipal y\noutput -\n");
}

TEST(Command, HelpIsAnAnswerWhereverItIsAsked) {
  const std::string general = run({"--help"}).out;
  EXPECT_NE(general.find("\nKeytabs:\n  copy   write one again\n"), std::string::npos) << general;
  EXPECT_EQ(run({"help"}).out, general);
  const Ran one = run({"copy", "--help"});
  EXPECT_EQ(one.status, 0);
  EXPECT_NE(one.out.find("usage: keytool copy KEYTAB... -o OUT\n"), std::string::npos) << one.out;
  EXPECT_NE(one.out.find("  -o, --output OUT            where to\n"), std::string::npos) << one.out;
  EXPECT_NE(one.out.find("      --json                  for machines\n"), std::string::npos) << one.out;
  EXPECT_EQ(run({"help", "copy"}).out, one.out);
  EXPECT_EQ(run({"copy", "-h", "--output"}).status, 2);
}

TEST(Command, ALongNameOfTwoLettersIsNoShortOne) {
  const auto options = [] {
    po::options_description all;
    all.add_options()("ca", po::value<std::string>()->value_name("FILE"), "which");
    return all;
  };
  const Command command{"Keytabs", "copy", "write one again", "--ca FILE", "Copies.", "", {}, options, copy_run};
  std::ostringstream out;
  print_command_help(out, command);
  EXPECT_NE(out.str().find("\n      --ca FILE               which\n"), std::string::npos) << out.str();
  EXPECT_EQ(spellings(options()), std::vector<std::string>{"--ca"});
}

TEST(Command, VersionIsOneLine) { EXPECT_EQ(run({"--version"}).out, "keytool (kerbgate) " KERBGATE_VERSION "\n"); }

TEST(Command, AnAnswerThatCannotBeWrittenIsAFailure) {
  class Full : public std::stringbuf {
    int sync() override { return -1; }
  } full;
  std::istringstream in;
  std::ostream out(&full);
  std::ostringstream err;
  test::FakeResolver resolver;
  Environment environment{in, out, err, resolver};
  const std::vector<std::string> arguments{"copy", "a"};
  EXPECT_EQ(dispatch(arguments, kRows, environment), Exit::failed);
  EXPECT_TRUE(err.str().starts_with("keytool: write standard output: ")) << err.str();
}

TEST(Command, EveryErrorCodeHasAStatus) {
  const std::pair<Errc, Exit> table[] = {
      {Errc::invalid, Exit::usage},
      {Errc::not_found, Exit::failed},
      {Errc::permission, Exit::failed},
      {Errc::io, Exit::failed},
      {Errc::not_a_keytab, Exit::failed},
      {Errc::damaged, Exit::check_failed},
      {Errc::conflict, Exit::check_failed},
      {Errc::unrepresentable, Exit::failed},
      {Errc::dns_mismatch, Exit::check_failed},
      {Errc::dns_no_answer, Exit::failed},
      {Errc::krb5, Exit::failed},
      {Errc::unsupported, Exit::failed},
  };
  for (const auto& [code, status] : table) EXPECT_EQ(exit_for(Error(code, "x")), status) << make_error_code(code);
}

TEST(Output, TableEndsNoLineInBlanks) {
  TextTable table({{"slot", TextTable::Align::right}, {"principal"}, {"kvno"}});
  table.add({"1", "impala/a@R", "2"});
  table.add({"10", "x", ""});
  std::ostringstream out;
  table.print(out);
  EXPECT_EQ(out.str(),
            "slot  principal   kvno\n"
            "   1  impala/a@R  2\n"
            "  10  x\n");
}

TEST(Output, JsonIsIndentedInTheOrderGiven) {
  std::ostringstream out;
  print_json(out, {{"z", {1, "a\"b"}}, {"a", boost::json::object()}, {"n", nullptr}});
  EXPECT_EQ(out.str(),
            "{\n"
            "  \"z\": [\n"
            "    1,\n"
            "    \"a\\\"b\"\n"
            "  ],\n"
            "  \"a\": {},\n"
            "  \"n\": null\n"
            "}\n");
}

TEST(Output, PaintNeedsColours) {
  std::istringstream in;
  std::ostringstream out;
  test::FakeResolver resolver;
  Environment plain{in, out, out, resolver, true, false};
  EXPECT_EQ(painted(plain, Paint::red, "x"), "x");
  Environment coloured{in, out, out, resolver, true, true};
  EXPECT_EQ(painted(coloured, Paint::red, "x"), "\033[31mx\033[0m");
}

}  // namespace
}  // namespace kerbgate::commands
