#include "diagnosis/flagfile_form.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "counted.hpp"
#include "diagnosis/cause.hpp"
#include "diagnosis/written_flags.hpp"
#include "kerbgate/nearest.hpp"
#include "kerbgate/printable.hpp"

namespace kerbgate::diagnosis {
namespace {

/// Without these as they are meant no login works.
constexpr std::array<std::string_view, 3> kVital{"principal", "be_principal", "keytab_file"};
/// Flags of Impala whose names are near those, and no slips.
constexpr std::array<std::string_view, 4> kNeighbours{"spnego_keytab_file", "krb5_ccname", "krb5_conf", "hostname"};
/// What people write instead.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kOtherNames{
    {{"keytab", "keytab_file"},
     {"kerberos_principal", "principal"},
     {"backend_principal", "be_principal"},
     {"keytab_path", "keytab_file"}}};
constexpr std::array<std::string_view, 4> kPrograms{"impalad", "statestored", "catalogd", "admissiond"};
constexpr std::size_t kMostSlips = 2;
constexpr std::size_t kShown = 60;

bool contains(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string brief(std::string_view text) {
  return printable(text.substr(0, kShown)) + (text.size() > kShown ? "..." : "");
}

/// One surprise at one place.
struct Slip {
  std::size_t line = 0;
  std::string flag;   ///< the vital one that it concerns, or the one that stands there
  std::string found;  ///< what stands there
  std::string wanted;
};

class Form {
 public:
  Form(const std::string& text, const FormNeeds& needs)
      : needs_(needs),
        text_(text),
        program_(daemon_name(needs.wanted.role)),
        lines_(flagfile_lines(text_, program_)),
        written_(written_flags(text)),
        form_{EffectiveFlags(read_flagfile(text, program_)), {}, {}},
        lost_(lost_flags()) {}

  FlagfileForm look() {
    line_ends();
    nul();
    program_lines();
    equals();
    names();
    blanks();
    quotes();
    repeated();
    nested();
    if (form_.results.empty()) {
      form_.results.push_back(
          passed(needs_.file, "flagfile", counted(form_.flags.size(), "flag") + ", read as written"));
    }
    return std::move(form_);
  }

 private:
  /// The value that a person would say the flag has; nullptr when it does not stand there.
  [[nodiscard]] const WrittenFlag* meant(std::string_view name) const {
    const auto last = std::find_if(written_.rbegin(), written_.rend(), [&](const auto& w) { return w.name == name; });
    return last != written_.rend() ? &*last : nullptr;
  }

  /// A vital flag that the daemon does not have as it is meant.
  [[nodiscard]] bool lost(std::string_view name) const { return contains(lost_, name); }

  [[nodiscard]] std::vector<std::string_view> lost_flags() const {
    std::vector<std::string_view> names;
    for (const std::string_view name : kVital) {
      const WrittenFlag* there = meant(name);
      if (there != nullptr && form_.flags.value(name) != there->value) names.push_back(name);
    }
    return names;
  }

  /// The vital flags that the daemon needs and that are not set.
  [[nodiscard]] std::vector<std::string_view> absent_flags() const {
    std::vector<std::string_view> names;
    for (const std::string_view name : kVital) {
      if (!needs_.wanted.value(name).empty() && form_.flags.find(name) == nullptr) names.push_back(name);
    }
    return names;
  }

  void report(const char* check, Cause cause, const std::vector<Slip>& slips) {
    if (slips.empty()) return;
    const auto grave = std::find_if(slips.begin(), slips.end(), [&](const Slip& s) { return lost(s.flag); });
    const Slip& shown = grave != slips.end() ? *grave : slips.front();
    report(check, cause, slips, shown, grave != slips.end() ? Verdict::fail : Verdict::warn);
    for (const Slip& slip : slips) {
      if (lost(slip.flag)) form_.blamed.emplace(slip.flag, check);
    }
  }

  void report(const char* check, Cause cause, const std::vector<Slip>& slips, const Slip& shown, Verdict verdict) {
    std::string found = "line " + std::to_string(shown.line) + ": " + brief(shown.found);
    if (slips.size() > 1) found += "; and " + counted(slips.size() - 1, "more line");
    form_.results.push_back(problem(verdict, needs_.file, check, found, cause,
                                    {{"flagfile", needs_.file},
                                     {"line", std::to_string(shown.line)},
                                     {"flag", shown.flag},
                                     {"found", shown.found},
                                     {"wanted", shown.wanted},
                                     {"keytab", needs_.keytab},
                                     {"proxy", needs_.proxy},
                                     {"host", needs_.host}}));
  }

  [[nodiscard]] Slip slip_of(const WrittenFlag& flag) const {
    const std::string wanted = needs_.wanted.value(flag.name);
    return {flag.line, flag.name, "--" + flag.name, wanted.empty() ? flag.value : wanted};
  }

  void line_ends() {
    const std::size_t first = text_.find('\r');
    if (first == std::string::npos) return;
    std::vector<Slip> swallowed;
    for (const FlagfileLine& line : lines_) {
      if (line.text.find('\n') == std::string_view::npos) continue;
      for (const WrittenFlag& flag : written_flags(line.text)) {
        swallowed.push_back({line.line, flag.name, std::string(line.text), ""});
      }
    }
    if (!swallowed.empty()) return report("line ends", Cause::flagfile_crlf, swallowed);
    const auto line =
        static_cast<std::size_t>(std::count(text_.begin(), text_.begin() + static_cast<long>(first), '\n'));
    report("line ends", Cause::flagfile_crlf, {{line + 1, "", "CR LF; read rightly as long as every line has it", ""}});
  }

  void nul() {
    const std::size_t at = text_.find('\0');
    if (at == std::string::npos) return;
    const auto line =
        static_cast<std::size_t>(std::count(text_.begin(), text_.begin() + static_cast<long>(at), '\n')) + 1;
    std::vector<Slip> hidden{{line, "", "NUL byte; the file ends there for gflags", ""}};
    for (const WrittenFlag& flag : written_) {
      if (flag.line >= line) hidden.push_back({line, flag.name, hidden.front().found, ""});
    }
    report("NUL", Cause::flagfile_nul, hidden);
  }

  /// Flags that are switched off by a line which was not meant to name programs.
  void program_lines() {
    std::vector<Slip> off;
    const FlagfileLine* names = nullptr;
    for (const FlagfileLine& line : lines_) {
      if (line.kind == FlagfileLine::Kind::programs) {
        names = names_programs(line.text) ? nullptr : &line;
      } else if (names != nullptr && !line.counts) {
        off.push_back({names->line, flag_of(line).name, std::string(names->text), ""});
      }
    }
    report("program names", Cause::flagfile_program_line, off);
  }

  static bool names_programs(std::string_view line) {
    const std::string_view word = line.substr(0, line.find(' '));
    return contains(kPrograms, word.substr(word.rfind('/') + 1)) || word.find_first_of("*?[") != std::string_view::npos;
  }

  void equals() {
    std::vector<Slip> slips;
    for (const WrittenFlag& flag : written_) {
      // Alone it may be a boolean.
      if (!flag.joined && (!flag.value.empty() || contains(kVital, flag.name))) {
        Slip slip = slip_of(flag);
        slip.found += ' ' + flag.value;
        slips.push_back(std::move(slip));
      }
    }
    report("equals signs", Cause::flagfile_without_equals, slips);
  }

  void names() {
    const std::vector<std::string_view> absent = absent_flags();
    std::vector<Slip> harmless, grave;
    for (const WrittenFlag& flag : written_) {
      const std::string_view vital = vital_for(flag.name);
      if (vital.empty()) continue;
      (contains(absent, vital) ? grave : harmless)
          .push_back({flag.line, std::string(vital), "--" + flag.name,
                      needs_.wanted.value(vital).empty() ? flag.value : needs_.wanted.value(vital)});
    }
    if (grave.empty()) return report("flag names", Cause::flagfile_unknown_flag, harmless);
    report("flag names", Cause::flagfile_unknown_flag, grave, grave.front(), Verdict::fail);
    for (const Slip& slip : grave) form_.blamed.emplace(slip.flag, "flag names");
  }

  /// The vital flag that a name which is no flag's was meant to be; empty: none.
  static std::string_view vital_for(const std::string& name) {
    if (contains(kVital, name) || contains(kNeighbours, name) || name.size() > kShown) return {};
    for (const auto& [other, vital] : kOtherNames) {
      if (name == other) return vital;
    }
    const auto near = [&](std::string_view vital) { return slips(name, vital) <= kMostSlips; };
    const auto* found = std::find_if(kVital.begin(), kVital.end(), near);
    return found != kVital.end() ? *found : std::string_view();
  }

  void blanks() {
    report("blanks", Cause::flagfile_trailing_blank, slips_where([](const WrittenFlag& f) { return f.blanks; }));
  }

  void quotes() {
    report("quotes", Cause::flagfile_quotes, slips_where([](const WrittenFlag& f) { return f.quotes; }));
  }

  template <class Holds>
  std::vector<Slip> slips_where(Holds holds) {
    std::vector<Slip> slips;
    for (const WrittenFlag& flag : written_) {
      if (!holds(flag)) continue;
      slips.push_back(slip_of(flag));
      slips.back().found +=
          "=" + (flag.quotes ? "\"" + flag.value + "\"" : flag.value) + (flag.blanks ? " (blank)" : "");
    }
    return slips;
  }

  /// A later line wins over an earlier one that says otherwise.
  void repeated() {
    std::vector<Slip> slips;
    std::map<std::string, const FileFlag*> seen;
    const std::vector<FileFlag> flags = read_flagfile(text_, program_);
    for (const FileFlag& flag : flags) {
      const auto [earlier, fresh] = seen.try_emplace(flag.name, &flag);
      if (fresh || flag.name == "flagfile") continue;
      if (earlier->second->value != flag.value) {
        slips.push_back({flag.line, flag.name,
                         "--" + flag.name + "=" + flag.value.value_or("") + " wins over line " +
                             std::to_string(earlier->second->line),
                         ""});
      }
      earlier->second = &flag;
    }
    report("repeated flags", Cause::flagfile_repeated, slips);
  }

  void nested() {
    std::vector<Slip> slips;
    const FileFlag* other = form_.flags.find("flagfile");
    if (other != nullptr) slips.push_back({other->line, "flagfile", other->value.value_or(""), ""});
    report("nested flagfile", Cause::flagfile_nested, slips);
  }

  const FormNeeds& needs_;
  std::string text_;
  std::string program_;
  std::vector<FlagfileLine> lines_;
  std::vector<WrittenFlag> written_;
  FlagfileForm form_;
  std::vector<std::string_view> lost_;
};

}  // namespace

const FileFlag* EffectiveFlags::find(std::string_view name) const {
  const auto last = std::find_if(flags_.rbegin(), flags_.rend(),
                                 [&](const FileFlag& flag) { return flag.name == name && flag.value; });
  return last != flags_.rend() ? &*last : nullptr;
}

std::string EffectiveFlags::value(std::string_view name) const {
  const FileFlag* flag = find(name);
  return flag != nullptr ? *flag->value : std::string();
}

bool EffectiveFlags::on(std::string_view name) const {
  constexpr std::array<std::string_view, 5> kTrue{"true", "t", "1", "yes", "y"};
  const std::string negated = "no" + std::string(name);
  bool set = false;
  for (const FileFlag& flag : flags_) {
    if (flag.name == negated && !flag.value) set = false;
    if (flag.name == name) set = !flag.value || contains(kTrue, *flag.value);
  }
  return set;
}

FlagfileForm flagfile_form(const std::string& text, const FormNeeds& needs) { return Form(text, needs).look(); }

}  // namespace kerbgate::diagnosis
