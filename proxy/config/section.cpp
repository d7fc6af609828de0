#include "config/section.hpp"

#include <algorithm>
#include <array>

#include "config/bind.hpp"
#include "config/keyword.hpp"
#include "config/nearest.hpp"
#include "kerbgate/nearest.hpp"

namespace kerbgate::config {
namespace {

struct KnownSection {
  std::string_view word;
  SectionKind kind;
};
constexpr KnownSection kSections[] = {{"global", SectionKind::global},   {"defaults", SectionKind::defaults},
                                      {"listen", SectionKind::listen},   {"frontend", SectionKind::frontend},
                                      {"backend", SectionKind::backend}, {"resolvers", SectionKind::resolvers}};

/// HAProxy's other sections, and what is to be said of each.
constexpr struct {
  std::string_view word, what;
} kSkipped[] = {
    {"peers", "'peers' sections do nothing here (balance source needs no shared state): the section is skipped"},
    {"userlist", "'userlist' sections do nothing here (HTTP only): the section is skipped"},
    {"mailers", "'mailers' sections do nothing here (send mail from what reads the log): the section is skipped"},
    {"cache", "'cache' sections do nothing here (HTTP only): the section is skipped"},
    {"http-errors", "'http-errors' sections do nothing here (HTTP only): the section is skipped"},
    {"fcgi-app", "'fcgi-app' sections do nothing here (HTTP only): the section is skipped"},
    {"program", "'program' sections do nothing here (start programs by systemd): the section is skipped"},
    {"ring", "'ring' sections do nothing here: the section is skipped"},
    {"log-forward", "'log-forward' sections do nothing here: the section is skipped"},
    {"log-profile", "'log-profile' sections do nothing here: the section is skipped"},
    {"crt-store", "'crt-store' sections do nothing here: the section is skipped"},
    {"traces", "'traces' sections do nothing here: the section is skipped"},
};

std::vector<std::string_view> section_words(bool only_those_read) {
  std::vector<std::string_view> out;
  for (const auto& row : kSections) out.push_back(row.word);
  if (only_those_read) return out;
  for (const auto& row : kSkipped) out.push_back(row.word);
  return out;
}

class Header {
 public:
  Header(Draft& draft, Report& report, const Position& line, std::span<const Word> words)
      : draft_(draft), report_(report), line_(line), head_(words.front()), rest_(words.subspan(1)) {}

  void open(SectionKind kind) {
    draft_.section = kind;
    draft_.proxy = nullptr;
    if (kind == SectionKind::global) return refuse_rest();
    if (kind == SectionKind::resolvers) return open_resolvers();
    Proxy proxy;
    proxy.kind = kind;
    proxy.at = {line_.file, line_.line, head_.column};
    take_name(proxy);
    const Word* address = nullptr;
    if (proxy.has_front() && !rest_.empty() && rest_[0].text != "from") {
      address = &rest_[0];
      rest_ = rest_.subspan(1);
    }
    inherit(proxy);
    refuse_rest();
    auto& list = kind == SectionKind::defaults ? draft_.defaults : draft_.proxies;
    list.push_back(std::move(proxy));
    draft_.proxy = &list.back();
    if (address != nullptr) bind_old_form(*address);
  }

 private:
  void say(Level level, const Word& word, std::string message) {
    report_.say(level, {line_.file, line_.line, word.column}, std::move(message));
  }
  [[nodiscard]] std::string word() const { return section_word(draft_.section); }

  void open_resolvers() {
    Resolvers& section = draft_.resolvers.emplace_back();
    section.at = {line_.file, line_.line, head_.column};
    if (rest_.empty()) return say(Level::alert, head_, "missing name for resolvers section.");
    section.name = rest_[0].text;
    for (const Resolvers& other : draft_.resolvers)
      if (&other != &section && other.name == section.name)
        say(Level::alert, rest_[0],
            "there is a resolvers section " + quoted(section.name) + " already, in " + other.at.file + ':' +
                std::to_string(other.at.line));
    rest_ = rest_.subspan(1);
    refuse_rest();
  }

  void take_name(Proxy& proxy) {
    const bool named = !rest_.empty() && rest_[0].text != "from";
    if (!named) {
      if (proxy.kind != SectionKind::defaults) say(Level::alert, head_, "'" + word() + "' expects a name");
      return;
    }
    const Word& name = rest_[0];
    rest_ = rest_.subspan(1);
    proxy.name = name.text;
    constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:";
    const std::size_t bad = name.text.find_first_not_of(kAllowed);
    if (bad != std::string::npos)
      say(Level::alert, name,
          "character " + quoted(name.text.substr(bad, 1)) + " is not permitted in '" + word() + "' name " +
              quoted(name.text));
  }

  /// `from NAME`, else the last defaults section; a defaults section begins anew.
  void inherit(Proxy& proxy) {
    const Proxy* source = nullptr;
    if (!rest_.empty() && rest_[0].text == "from") {
      if (rest_.size() == 1)
        say(Level::alert, rest_[0], "'from' expects the name of a defaults section");
      else
        source = find_defaults(rest_[1]);
      rest_ = rest_.subspan(std::min<std::size_t>(rest_.size(), 2));
    } else if (proxy.kind != SectionKind::defaults && !draft_.defaults.empty()) {
      source = &draft_.defaults.back();
    }
    if (source == nullptr) return;
    proxy.settings = source->settings;
    proxy.settings.kerberos.principals_inherited = true;
    proxy.settings.check.tcp_inherited = proxy.settings.check.http_inherited = true;
  }

  const Proxy* find_defaults(const Word& name) {
    const auto found = std::find_if(draft_.defaults.rbegin(), draft_.defaults.rend(),
                                    [&](const Proxy& candidate) { return candidate.name == name.text; });
    if (found != draft_.defaults.rend()) return &*found;
    std::vector<std::string_view> known;
    for (const Proxy& candidate : draft_.defaults) known.push_back(candidate.name);
    say(Level::alert, name,
        "there is no defaults section " + quoted(name.text) + " above" + did_you_mean(name.text, known));
    return nullptr;
  }

  void bind_old_form(const Word& address) {
    const std::string header = word() + " " + draft_.proxy->name;
    say(Level::warning, address,
        "'" + header + " " + address.text.substr(0, 80) + "' is a dead form; write '" + header +
            "' and under it 'bind " + address.text.substr(0, 80) + "'");
    add_binds(draft_, {report_, line_, "'" + word() + "'"}, address, {});
  }

  void refuse_rest() {
    if (!rest_.empty())
      say(Level::alert, rest_[0], "'" + word() + "' cannot handle unexpected argument " + quoted(rest_[0].text));
  }

  Draft& draft_;
  Report& report_;
  const Position& line_;
  const Word& head_;
  std::span<const Word> rest_;
};

}  // namespace

bool open_section(Draft& draft, Report& report, const Position& line, std::span<const Word> words) {
  const std::string& word = words.front().text;
  for (const auto& row : kSections) {
    if (row.word != word) continue;
    Header(draft, report, line, words).open(row.kind);
    return true;
  }
  for (const auto& row : kSkipped) {
    if (row.word != word) continue;
    report.say(Level::warning, {line.file, line.line, words.front().column}, std::string(row.what));
    draft.section = SectionKind::skipped;
    draft.proxy = nullptr;
    return true;
  }
  return false;
}

bool skip_unknown_section(Draft& draft, Report& report, const Position& line, std::span<const Word> words,
                          bool keywords_are_indented) {
  const Word& word = words.front();
  const bool in_section = draft.section != SectionKind::none && draft.section != SectionKind::skipped;
  if (in_section && begins_with_keyword(draft.section, words)) return false;
  // In a section that is skipped anything may stand: only a word near one that is read ends it.
  const auto sections = section_words(!in_section);
  auto known = sections;
  if (in_section) {
    const auto keywords = first_words(draft.section);
    known.insert(known.end(), keywords.begin(), keywords.end());
  }
  const std::string_view near = nearest(word.text, known).value_or(std::string_view{});
  const bool near_section = std::find(sections.begin(), sections.end(), near) != sections.end();
  if (!near_section && !near.empty()) return false;
  if (!near_section && (word.column != 1 || !keywords_are_indented)) return false;
  report.say(Level::alert, {line.file, line.line, word.column},
             "unknown section " + quoted(word.text) + did_you_mean(word.text, sections) + "; its lines are skipped");
  draft.section = SectionKind::skipped;
  draft.proxy = nullptr;
  return true;
}

}  // namespace kerbgate::config
