#include "inventory/inventory_file.hpp"

#include <algorithm>

#include "kerbgate/quoted.hpp"

namespace kerbgate {
namespace {

constexpr std::size_t kMostHosts = 100000;

Error invalid(std::string what) { return {Errc::invalid, std::move(what)}; }

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

/// As much of a line as a message needs to point at it: what was given may not be an inventory at all but a file of
/// secrets.
std::string glimpse(std::string_view text) { return quoted(text, 32); }

/// Where the first byte stands that no text file holds; npos when there is none.
std::size_t binary_byte(std::string_view text) {
  const auto odd = [](char c) { return static_cast<unsigned char>(c) < 0x20 && !is_blank(c) && c != '\n'; };
  const auto at = std::find_if(text.begin(), text.end(), odd);
  return at == text.end() ? std::string_view::npos : static_cast<std::size_t>(at - text.begin());
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// A host line's words, as a shell would see them: quotes, backslashes, a comment from an unquoted '#' on.
Result<std::vector<std::string>> words(std::string_view line) {
  std::vector<std::string> all;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && c == '#') break;
    if (quote == 0 && is_blank(c)) {
      if (in_word) all.push_back(std::move(word));
      word.clear();
      in_word = false;
      continue;
    }
    in_word = true;
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
    } else {
      word += c;
    }
  }
  if (quote != 0) return invalid(std::string("a ") + quote + " is not closed");
  if (in_word) all.push_back(std::move(word));
  return all;
}

/// Without one pair of quotes around it.
std::string unquoted(std::string_view value) {
  const bool quoted =
      value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
  return std::string(quoted ? value.substr(1, value.size() - 2) : value);
}

/// "---", "- host", "hosts:": what begins files for Ansible in its other language, and stands in no INI file.
bool is_yaml(std::string_view line) {
  return line == "---" || line.starts_with("- ") ||
         (line.ends_with(':') &&
          std::none_of(line.begin(), line.end(), [](char c) { return is_blank(c) || c == '='; }));
}

class Reader {
 public:
  Result<void> line(std::string_view text, std::size_t number) {
    number_ = number;
    text = trimmed(text);
    if (text.empty() || text.front() == '#' || text.front() == ';') return {};
    if (text.front() == '[') return header(text);
    if (is_yaml(text)) {
      return invalid(glimpse(text) +
                     " looks like YAML; an inventory is read as INI: [coordinators], then a host a line");
    }
    switch (section_) {
      case Section::hosts:
        return hosts(text);
      case Section::children:
        return child(text);
      case Section::variables:
        return variable(text);
    }
    return {};
  }

  Result<InventoryFile> finish() && {
    for (const auto& [name, group] : file_.groups) {
      if (!group.declared && name != "all" && name != "ungrouped") {
        number_ = group.line;
        return invalid("[" + name + ":vars] is about a group that does not exist");
      }
      for (const auto& [child, line] : group.children) {
        const auto found = file_.groups.find(child);
        if (found != file_.groups.end() && found->second.declared) continue;
        number_ = line;
        return invalid("[" + name + ":children] names " + child + ", a group that does not exist");
      }
    }
    return std::move(file_);
  }

  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  enum class Section { hosts, children, variables };

  Result<void> header(std::string_view text) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return invalid(glimpse(text) + " has no closing bracket");
    const std::string_view rest = trimmed(text.substr(close + 1));
    if (!rest.empty() && rest.front() != '#') {
      return invalid(glimpse(rest) + " stands behind a group's header; a host goes on a line of its own");
    }
    const std::string_view inside = text.substr(1, close - 1);
    const std::size_t colon = std::min(inside.find(':'), inside.size());
    const std::string name(inside.substr(0, colon));
    const std::string_view kind = colon < inside.size() ? inside.substr(colon + 1) : std::string_view("hosts");
    if (name.empty() || std::any_of(name.begin(), name.end(), is_blank)) {
      return invalid(glimpse("[" + std::string(inside) + "]") + " names no group");
    }
    return enter(name, kind);
  }

  Result<void> enter(const std::string& name, std::string_view kind) {
    if (kind == "hosts") {
      section_ = Section::hosts;
    } else if (kind == "children") {
      section_ = Section::children;
    } else if (kind == "vars") {
      section_ = Section::variables;
    } else {
      return invalid("[" + name + ":" + std::string(kind) + "]: only :children and :vars can follow a group's name");
    }
    group_ = &file_.groups[name];
    if (group_->line == 0) group_->line = number_;
    group_->declared = group_->declared || section_ != Section::variables;
    return {};
  }

  Result<void> hosts(std::string_view text) {
    const auto parts = words(text);
    if (!parts) return parts.error();
    if (parts->empty()) return {};
    InventoryVariables variables;
    for (std::size_t i = 1; i < parts->size(); ++i) {
      const std::string& part = (*parts)[i];
      const std::size_t equals = part.find('=');
      if (equals == 0 || equals == std::string::npos) {
        return invalid(glimpse(part) + " is no variable; write one host a line, and NAME=VALUE after it");
      }
      variables[part.substr(0, equals)] = {part.substr(equals + 1), number_};
    }
    const auto names = expand_hosts(parts->front(), kMostHosts - std::min(kMostHosts - 1, mentions_));
    if (!names) return names.error();
    mentions_ += names->size();
    for (const std::string& name : *names) {
      if (auto added = host(name, variables); !added) return added;
    }
    return {};
  }

  Result<void> host(const std::string& name, const InventoryVariables& variables) {
    if (name.find(':') != std::string::npos) {
      return invalid(glimpse(name) + ": Ansible takes what follows a colon for the SSH port; write " +
                     name.substr(0, name.find(':')) + " port=21050 for Impala's");
    }
    const auto [at, added] = index_.try_emplace(name, file_.hosts.size());
    if (added) file_.hosts.push_back({name, number_, {}});
    for (const auto& [key, value] : variables) file_.hosts[at->second].variables[key] = value;
    if (group_ == nullptr) group_ = &file_.groups["ungrouped"];
    group_->hosts.push_back(at->second);
    return {};
  }

  Result<void> child(std::string_view text) {
    const std::string_view name = trimmed(text.substr(0, text.find('#')));
    if (std::any_of(name.begin(), name.end(), is_blank)) {
      return invalid(glimpse(name) + " is no group's name; a :children section holds one a line");
    }
    group_->children.emplace_back(name, number_);
    return {};
  }

  Result<void> variable(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || trimmed(text.substr(0, equals)).empty()) {
      return invalid(glimpse(text) + " is no variable; write NAME=VALUE");
    }
    group_->variables[std::string(trimmed(text.substr(0, equals)))] = {unquoted(trimmed(text.substr(equals + 1))),
                                                                       number_};
    return {};
  }

  InventoryFile file_;
  std::map<std::string, std::size_t> index_;
  InventoryGroup* group_ = nullptr;
  Section section_ = Section::hosts;
  std::size_t number_ = 0;
  std::size_t mentions_ = 0;
};

}  // namespace

Result<InventoryFile> read_inventory_file(std::string_view text, const std::string& file) {
  const auto located = [&](std::size_t line, const Error& error) {
    return Error(error.code, file + ":" + std::to_string(line) + ": " + error.what);
  };
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (const std::size_t at = binary_byte(text); at != std::string_view::npos) {
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
    return located(static_cast<std::size_t>(line), invalid("no text but binary: an inventory is meant, not a keytab"));
  }
  Reader reader;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto read = reader.line(text.substr(0, end), ++number); !read) return located(number, read.error());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  auto done = std::move(reader).finish();
  if (!done) return located(reader.number(), done.error());
  return done;
}

}  // namespace kerbgate
