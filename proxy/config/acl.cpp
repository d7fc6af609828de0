#include "config/acl.hpp"

#include <charconv>
#include <limits>

#include "config/nearest.hpp"

namespace kerbgate::config {
namespace {

using rules::FetchRow;
using rules::Kind;
using rules::Test;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// Takes a test's flags and values one by one.
class TestReader {
 public:
  TestReader(const Statement& line, const Place& place) : line_(line), place_(place) {}

  std::shared_ptr<const Test> read(std::span<const Word> words) {
    const FetchRow* row = read_fetch(words[0]);
    if (row == nullptr) return nullptr;
    test_.fetch = row->fetch;
    test_.kind = row->kind;
    test_.reads = row->reads;
    test_.name = row->name;
    words = read_flags(words.subspan(1));
    if (failed_) return nullptr;
    test_.texts = rules::Texts(method_, ignore_case_);
    for (const Word& file : files_) read_file(file);
    for (const Word& word : words) add_from(word, word.text, "");
    if (found_) match_anything();
    if (values_ == 0 && files_.empty() && !found_ && !ended_ && test_.kind != Kind::boolean)
      place_.report.say(Level::warning, place_.at(words_of_),
                        quoted(test_.name) + " has no value to match against: this ACL never matches");
    test_.networks.finish();
    return failed_ ? nullptr : std::make_shared<const Test>(std::move(test_));
  }

 private:
  void fail(const Word& word, const std::string& what) {
    place_.alert(word, what);
    failed_ = true;
  }

  const FetchRow* read_fetch(const Word& word) {
    words_of_ = word;
    const std::string& text = word.text;
    const std::size_t open = text.find('(');
    const FetchRow* row = rules::find_fetch(text);
    if (row == nullptr && open != std::string::npos && text.back() == ')') {
      row = rules::find_fetch(text.substr(0, open));
      if (row != nullptr && row->argument == FetchRow::Argument::none) {
        fail(word, quoted(std::string(row->name)) + " takes no argument here");
        return nullptr;
      }
      test_.argument = text.substr(open + 1, text.size() - open - 2);
    }
    if (row == nullptr) {
      std::vector<std::string_view> known;
      for (const FetchRow& one : rules::fetch_rows()) known.push_back(one.name);
      const std::string name = text.substr(0, open);
      fail(word,
           "unknown fetch method " + quoted(name) + " in ACL expression " + quoted(text) + did_you_mean(name, known));
      return nullptr;
    }
    mention(*row, word);
    return row;
  }

  void mention(const FetchRow& row, const Word& word) {
    Proxy& proxy = line_.proxy();
    const Mention mention{test_.argument.empty() ? proxy.name : test_.argument, std::string(row.name), place_.at(word)};
    if (row.argument == FetchRow::Argument::table) proxy.tables_used.push_back(mention);
    if (row.argument == FetchRow::Argument::backend) proxy.backends_used.push_back(mention);
    if (row.argument != FetchRow::Argument::none) test_.argument = mention.name;
  }

  std::span<const Word> read_flags(std::span<const Word> words) {
    while (!words.empty() && !failed_ && words[0].text.starts_with('-') && words[0].text.size() > 1) {
      const Word& flag = words[0];
      words = words.subspan(1);
      if (flag.text == "--") {
        ended_ = true;
        break;
      }
      if (flag.text == "-i") {
        ignore_case_ = true;
      } else if (flag.text == "-n") {
        // No name is ever looked up here.
      } else if (flag.text == "-f" || flag.text == "-m" || flag.text == "-u") {
        if (words.empty()) {
          fail(flag, quoted(flag.text) + " expects a value");
          break;
        }
        if (flag.text == "-f") files_.push_back(words[0]);
        if (flag.text == "-m") read_method(words[0]);
        words = words.subspan(1);
      } else {
        fail(flag, "unknown flag " + quoted(flag.text) + ": -i, -n, -m METHOD, -f FILE and -- are known");
      }
    }
    return words;
  }

  void read_method(const Word& word) {
    static constexpr std::string_view kKnown[] = {"str", "beg", "end", "sub", "dom", "reg", "found"};
    if (word.text == "found") {
      found_ = true;
      method_ = rules::Method::found;
      return;
    }
    const bool own = (test_.kind == Kind::address && word.text == "ip") ||
                     (test_.kind == Kind::number && word.text == "int") ||
                     (test_.kind == Kind::boolean && word.text == "bool");
    if (own) return;
    const auto method = rules::parse_method(word.text);
    if (!method)
      return fail(word, "unknown matching method " + quoted(word.text) + " when parsing ACL expression" +
                            did_you_mean(word.text, kKnown));
    if (test_.kind != Kind::text)
      return fail(word,
                  "matching method " + quoted(word.text) + " is for texts, and " + quoted(test_.name) + " is none");
    method_ = *method;
  }

  void match_anything() {
    if (test_.kind == Kind::address) (void)test_.networks.add("::/0");
    if (test_.kind == Kind::number) test_.numbers.push_back({0, kMost});
  }

  void read_file(const Word& file) {
    const Result<std::string> text = line_.draft.read_list(file.text);
    if (!text) return fail(file, text.error().what);
    std::string_view rest = *text;
    for (int number = 1; !rest.empty(); ++number) {
      const std::size_t end = rest.find('\n');
      std::string_view one = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      constexpr std::string_view kBlanks = " \t\r";
      one.remove_prefix(std::min(one.find_first_not_of(kBlanks), one.size()));
      one.remove_suffix(one.size() - std::min(one.find_last_not_of(kBlanks) + 1, one.size()));
      if (one.empty() || one.front() == '#') continue;
      add_from(file, one, file.text + ":" + std::to_string(number) + ": ");
      if (failed_) return;
    }
  }

  void add_from(const Word& word, std::string_view value, const std::string& where) {
    if (failed_) return;
    ++values_;
    Result<void> added;
    switch (test_.kind) {
      case Kind::boolean:
        return fail(word, quoted(test_.name) + " takes no value");
      case Kind::address:
        added = test_.networks.add(value);
        break;
      case Kind::text:
        added = test_.texts.add(value);
        break;
      case Kind::number:
        return add_number(word, value, where);
    }
    if (!added) fail(word, where + added.error().what);
  }

  void add_number(const Word& word, std::string_view value, const std::string& where) {
    for (const std::string_view comparison : {"eq", "ge", "gt", "le", "lt"})
      if (value == comparison) {
        comparison_ = comparison;
        --values_;  // it is none
        return;
      }
    const std::size_t colon = value.find(':');
    const std::string_view first = value.substr(0, colon);
    const auto least = first.empty() && colon != std::string_view::npos ? 0 : parse_integer(first);
    std::optional<std::int64_t> most = least;
    if (colon != std::string_view::npos) {
      const std::string_view last = value.substr(colon + 1);
      most = last.empty() ? kMost : parse_integer(last);
    }
    if (!least || !most) return fail(word, where + "'" + std::string(value) + "' is not a number");
    if (*least > *most) return fail(word, where + "'" + std::string(value) + "' is no range: it ends before it begins");
    if (colon != std::string_view::npos && comparison_ != "eq")
      return fail(word, where + "a range goes with 'eq' alone, not with '" + std::string(comparison_) + "'");
    test_.numbers.push_back(compared(*least, *most));
  }

  [[nodiscard]] rules::NumberRange compared(std::int64_t least, std::int64_t most) const {
    if (comparison_ == "ge") return {least, kMost};
    if (comparison_ == "gt") return {least == kMost ? kMost : least + 1, kMost};
    if (comparison_ == "le") return {0, most};
    if (comparison_ == "lt") return {0, most - 1};
    return {least, most};
  }

  const Statement& line_;
  const Place& place_;
  Test test_;
  Word words_of_;
  std::vector<Word> files_;
  rules::Method method_ = rules::Method::exact;
  std::string_view comparison_ = "eq";
  std::size_t values_ = 0;
  bool ignore_case_ = false, found_ = false, ended_ = false, failed_ = false;
};

/// `A !B || { src 10.0.0.1 }`.
class ConditionReader {
 public:
  ConditionReader(const Statement& line, const Place& place, bool reads) : line_(line), place_(place), reads_(reads) {}

  std::optional<rules::Condition> read(std::span<const Word> words) {
    out_.any_of.emplace_back();
    for (std::size_t at = 0; at < words.size() && !failed_; ++at) {
      Word word = words[at];
      while (word.text.starts_with('!')) {
        negated_ = !negated_;
        word.text.erase(0, 1);
        ++word.column;
      }
      if (word.text.empty()) continue;
      if (word.text == "||" || word.text == "or") {
        if (out_.any_of.back().empty() || negated_)
          return refuse(word, "expects a condition before " + quoted(word.text));
        out_.any_of.emplace_back();
      } else if (word.text == "{") {
        at = read_anonymous(words, at);
      } else {
        add_named(word);
      }
    }
    if (failed_) return std::nullopt;
    if (out_.any_of.back().empty() || negated_)
      return refuse(words.back(), "expects a condition after " + quoted(words.back().text));
    return std::move(out_);
  }

 private:
  using Tests = std::vector<std::shared_ptr<const Test>>;

  std::optional<rules::Condition> refuse(const Word& word, const std::string& what) {
    place_.alert(word, what);
    return std::nullopt;
  }

  std::size_t read_anonymous(std::span<const Word> words, std::size_t open) {
    std::size_t close = open + 1;
    while (close < words.size() && words[close].text != "}") ++close;
    failed_ = true;
    if (close == words.size()) {
      place_.alert(words[open], "missing closing '}' in condition");
    } else if (close == open + 1) {
      place_.alert(words[open], "nothing stands between '{' and '}'");
    } else if (auto test = parse_test(line_, place_, words.subspan(open + 1, close - open - 1))) {
      failed_ = false;
      add(words[open], "anonymous acl", {std::move(test)});
    }
    return close;
  }

  void add_named(const Word& word) {
    const auto& acls = line_.proxy().acls;
    if (const auto found = acls.find(word.text); found != acls.end())
      return add(word, "acl '" + word.text + "'", found->second);
    for (const rules::Predefined& row : rules::predefined_acls()) {
      if (row.name != word.text) continue;
      std::vector<Word> parts;
      for (const Word& part : lex(row.words, [](const std::string&) { return std::nullopt; }).words)
        parts.push_back({part.text, word.column});
      if (auto test = parse_test(line_, place_, parts)) add(word, "acl '" + word.text + "'", {std::move(test)});
      return;
    }
    std::vector<std::string_view> known;
    for (const auto& [name, tests] : acls) known.emplace_back(name);
    for (const rules::Predefined& row : rules::predefined_acls()) known.push_back(row.name);
    place_.alert(word, "no such ACL : " + quoted(word.text) + did_you_mean(word.text, known));
    failed_ = true;
  }

  void add(const Word& word, const std::string& what, Tests tests) {
    for (const auto& test : tests)
      if (test->reads && !reads_)
        place_.report.say(
            Level::warning, place_.at(word),
            what + " never matches here: its test '" + test->name + "' looks at bytes, and no byte is read by then");
    out_.any_of.back().push_back({std::exchange(negated_, false), std::move(tests)});
  }

  const Statement& line_;
  const Place& place_;
  bool reads_, negated_ = false, failed_ = false;
  rules::Condition out_;
};

}  // namespace

std::shared_ptr<const Test> parse_test(const Statement& line, const Place& place, std::span<const Word> words) {
  return TestReader(line, place).read(words);
}

std::size_t find_condition(std::span<const Word> args) {
  std::size_t at = 0;
  while (at < args.size() && args[at].text != "if" && args[at].text != "unless") ++at;
  return at;
}

std::optional<rules::Condition> parse_condition(const Statement& line, std::span<const Word> words,
                                                const std::string& where, bool reads) {
  if (words.empty()) return rules::Condition{};
  const Word& head = words[0];
  if (words.size() == 1) {
    line.place.alert(head, "expects a condition after '" + head.text + "'");
    return std::nullopt;
  }
  const Place place{line.place.report, line.place.line, "error detected while parsing " + where};
  auto out = ConditionReader(line, place, reads).read(words.subspan(1));
  if (out) out->unless = head.text == "unless";
  return out;
}

}  // namespace kerbgate::config
