#include "config/keyword.hpp"

#include <map>

#include "config/nearest.hpp"

namespace kerbgate::config {
namespace {

using Index = std::map<std::string_view, const Keyword*, std::less<>>;

/// The rows of one kind of section: kG, kR, or all the others.
const Index& index(unsigned kind) {
  const auto build = [](unsigned wanted) {
    Index out;
    for (const Keyword& row : all_keywords()) {
      if ((row.sections & wanted) != 0) out.emplace(row.name, &row);
    }
    return out;
  };
  static const Index kGlobal = build(kG), kResolvers = build(kR), kProxies = build(kProxy);
  return kind == kG ? kGlobal : kind == kR ? kResolvers : kProxies;
}

const Index& index(SectionKind section) {
  return index(section == SectionKind::global ? kG : section == SectionKind::resolvers ? kR : kProxy);
}

struct Found {
  const Keyword* row = nullptr;
  std::size_t words = 0;  ///< how many the keyword takes
};

Found find(const Index& rows, std::span<const Word> words) {
  if (words.size() > 1) {
    if (const auto row = rows.find(words[0].text + " " + words[1].text); row != rows.end()) return {row->second, 2};
  }
  if (const auto row = rows.find(words[0].text); row != rows.end()) return {row->second, 1};
  const std::size_t dot = words[0].text.find('.');
  if (dot == std::string::npos) return {};
  const auto row = rows.find(words[0].text.substr(0, dot + 1) + "*");
  return row == rows.end() ? Found{} : Found{row->second, 1};
}

/// The second words of a family: those of "timeout" are "client", "server"...
std::vector<std::string_view> members(const Index& rows, std::string_view family) {
  std::vector<std::string_view> out;
  for (const auto& [name, row] : rows) {
    if (name.size() > family.size() + 1 && name.substr(0, family.size()) == family && name[family.size()] == ' ')
      out.push_back(name.substr(family.size() + 1));
  }
  return out;
}

std::string listed(const std::vector<std::string_view>& words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "'" : ", '") + std::string(word) + "'";
  return out;
}

struct Line {
  Draft& draft;
  Report& report;
  const Position& at;
  std::span<const Word> words;  ///< without `no`

  void say(Level level, const Word& word, std::string message) const {
    report.say(level, {at.file, at.line, word.column}, std::move(message));
  }
  [[nodiscard]] std::string section() const { return std::string("'") + section_word(draft.section) + "' section"; }
};

/// False when the first word is no family.
bool say_unknown_member(const Line& line, const Index& rows) {
  const auto known = members(rows, line.words[0].text);
  if (known.empty()) return false;
  const std::string& family = line.words[0].text;
  if (line.words.size() == 1) {
    line.say(Level::alert, line.words[0],
             "'" + family + "' expects " + (family == "option" ? "an option's name" : "one of " + listed(known)));
    return true;
  }
  const Word& member = line.words[1];
  const std::string near = did_you_mean(member.text, known);
  if (family == "option") {
    line.say(Level::alert, member, "unknown option " + quoted(member.text) + near);
  } else {
    line.say(Level::alert, member,
             "'" + family + "' supports " + listed(known) + " (got " + quoted(member.text) + ")" + near);
  }
  return true;
}

void say_unknown(const Line& line, const Index& rows, const Index& elsewhere) {
  if (say_unknown_member(line, rows)) return;
  const Word& word = line.words[0];
  std::string message = "unknown keyword " + quoted(word.text) + " in " + line.section();
  if (line.draft.section != SectionKind::resolvers && find(elsewhere, line.words).row != nullptr) {
    message += line.draft.section == SectionKind::global
                   ? "; it belongs in a defaults, listen, frontend or backend section"
                   : "; it belongs in the 'global' section";
  } else {
    message += did_you_mean(word.text, first_words(line.draft.section));
  }
  line.say(Level::alert, word, message);
}

/// A keyword that the section cannot use: HAProxy ignores most of them with a warning.
void say_misplaced(const Line& line, const Keyword& row, const Word& head) {
  const std::string name = "'" + std::string(row.name) + "'";
  if (line.draft.section == SectionKind::defaults)
    return line.say(Level::alert, head, name + " not allowed in 'defaults' section");
  const Proxy& proxy = *line.draft.proxy;
  const std::string owner = std::string(section_word(proxy.kind)) + " " + quoted(proxy.name);
  const char* lacks = proxy.kind == SectionKind::backend ? "frontend" : "backend";
  // A login or client that was to be checked must not pass unchecked.
  const bool gate = row.name.starts_with("kerberos ") || row.name.starts_with("tcp-request ");
  const bool dangerous = row.name == "server" || row.name == "server-template" || gate || row.state == State::refused;
  line.say(
      dangerous ? Level::alert : Level::warning, head,
      name + (dangerous ? " not allowed because " : " ignored because ") + owner + " has no " + lacks + " capability");
}

bool arguments_fit(const Statement& statement) {
  const Keyword& row = statement.keyword;
  const auto count = static_cast<int>(statement.args.size());
  if (count < row.least) {
    statement.place.alert(statement.head, "expects " + std::string(row.syntax));
    return false;
  }
  if (row.most < 0 || count <= row.most) return true;
  const Word& extra = statement.args[static_cast<std::size_t>(row.most)];
  statement.place.alert(extra, "cannot handle unexpected argument " + quoted(extra.text));
  return false;
}

void say_state(const Statement& statement) {
  const Keyword& row = statement.keyword;
  Report& report = statement.place.report;
  if (row.state == State::note && report.first("note " + std::string(row.name)))
    statement.place.say(Level::note, statement.head, "does nothing here: " + std::string(row.summary));
  if (row.instead.empty()) return;
  const bool dangerous = row.state == State::refused;
  const std::string section = statement.draft.proxy != nullptr ? statement.draft.proxy->name : "";
  if (dangerous || report.first("not yet " + std::string(row.instead) + " in " + section))
    statement.not_yet(dangerous ? Level::alert : Level::warning, statement.head, std::string(row.instead));
}

bool may_be_negated(const Keyword& row) {
  return row.name == "log" || row.name == "busy-polling" || row.name.substr(0, 7) == "option ";
}

}  // namespace

const char* section_word(SectionKind kind) {
  switch (kind) {
    case SectionKind::global:
      return "global";
    case SectionKind::defaults:
      return "defaults";
    case SectionKind::listen:
      return "listen";
    case SectionKind::frontend:
      return "frontend";
    case SectionKind::backend:
      return "backend";
    case SectionKind::resolvers:
      return "resolvers";
    case SectionKind::none:
    case SectionKind::skipped:
      break;
  }
  return "";
}

const char* state_word(State state) {
  switch (state) {
    case State::working:
      return "working";
    case State::note:
      return "note";
    case State::not_yet:
      return "not yet";
    case State::refused:
      return "refused";
    case State::dead:
      break;
  }
  return "dead form";
}

std::string Statement::joined_args() const {
  std::string out;
  for (const Word& word : args) out += (out.empty() ? "" : " ") + word.text;
  return out;
}

void Statement::not_yet(Level level, const Word& word, const std::string& instead) const {
  place.say(level, word, "not yet: " + instead);
}

const std::vector<Keyword>& all_keywords() {
  static const std::vector<Keyword> kAll = [] {
    std::vector<Keyword> all;
    for (const auto& part :
         {global_keywords(), listening_keywords(), timeout_keywords(), option_keywords(), check_keywords(),
          kerberos_keywords(), coordinator_check_keywords(), rule_keywords(), stick_keywords(), socket_keywords(),
          stats_keywords(), log_keywords(), http_keywords(), resolvers_keywords()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return kAll;
}

bool begins_with_keyword(SectionKind section, std::span<const Word> words) {
  const Index& rows = index(section);
  if (words.size() > 1 && words[0].text == "no") return true;
  return find(rows, words).row != nullptr || !members(rows, words[0].text).empty();
}

std::vector<std::string_view> first_words(SectionKind section) {
  std::vector<std::string_view> out;
  for (const auto& [name, row] : index(section)) {
    const std::string_view first = name.substr(0, name.find(' '));
    if (out.empty() || out.back() != first) out.push_back(first);
  }
  return out;
}

void apply_line(Draft& draft, Report& report, const Position& at, std::span<const Word> words) {
  const bool negated = words.size() > 1 && words[0].text == "no";
  const Line line{draft, report, at, negated ? words.subspan(1) : words};
  const Index& rows = index(draft.section);
  const Found found = find(rows, line.words);
  if (found.row == nullptr) return say_unknown(line, rows, index(draft.section == SectionKind::global ? kProxy : kG));
  const Word& head = line.words[found.words - 1];
  const Keyword& row = *found.row;
  if (negated && !may_be_negated(row))
    return line.say(Level::alert, words[0],
                    "'no' goes with options, log and busy-polling alone, not with '" + std::string(row.name) + "'");
  if ((row.sections & static_cast<unsigned>(draft.section)) == 0) return say_misplaced(line, row, head);
  const Statement statement{
      draft, row, {report, at, "'" + std::string(row.name) + "'"}, head, line.words.subspan(found.words), negated};
  if (!negated && !arguments_fit(statement)) return;
  if (row.apply != nullptr) row.apply(statement);
  (draft.proxy != nullptr ? statement.settings().said : statement.global().said)[std::string(row.name)] =
      statement.place.at(head);
  if (!negated) say_state(statement);
}

}  // namespace kerbgate::config
