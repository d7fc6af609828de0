#include "settings/client_text.hpp"

#include <algorithm>

namespace kerbgate {
namespace {

std::string assigned(const Setting& setting) { return setting.name + "=" + setting.value; }

/// A word of a command line: "-k", "-i host", "--protocol=hs2".
std::string option(const Setting& setting) {
  if (setting.value.empty()) return setting.name;
  return setting.name + (setting.name.starts_with("--") ? "=" : " ") + setting.value;
}

std::string note_lines(const ClientSettings& settings) {
  std::string text;
  for (const std::string& note : settings.notes) text += "# " + note + "\n";
  return text;
}

/// For what has no room for comments in itself: one comment line a setting, in columns.
template <class Write>
std::string reason_lines(const ClientSettings& settings, Write write) {
  std::size_t width = 0;
  for (const Setting& setting : settings.settings) width = std::max(width, write(setting).size());
  std::string text;
  for (const Setting& setting : settings.settings) {
    const std::string written = write(setting);
    text += "#   " + written + std::string(width - written.size() + 2, ' ') + setting.why + "\n";
  }
  return text;
}

std::string impala_shell(const ClientSettings& settings) {
  std::string line = "impala-shell";
  for (const Setting& setting : settings.settings) line += " " + option(setting);
  return note_lines(settings) + reason_lines(settings, option) + line + "\n";
}

std::string impyla(const ClientSettings& settings) {
  std::string text = note_lines(settings) + "from impala.dbapi import connect\n\nconnection = connect(\n";
  for (const Setting& setting : settings.settings) {
    const std::string quote = setting.literal ? "" : "\"";
    text += "    " + setting.name + "=" + quote + setting.value + quote + ",  # " + setting.why + "\n";
  }
  return text + ")\n";
}

/// `head`, then each setting under its reason, subsections in their own brackets.
std::string ini(const std::string& head, const ClientSettings& settings) {
  std::string text = note_lines(settings) + head + "\n", section;
  for (const Setting& setting : settings.settings) {
    if (setting.section != section) text += "  [[" + setting.section + "]]\n";
    section = setting.section;
    const std::string indent = section.empty() ? "" : "    ";
    text += indent + "# " + setting.why + "\n" + indent + assigned(setting) + "\n";
  }
  return text;
}

std::string url(const std::string& head, const ClientSettings& settings) {
  std::string text = head;
  for (const Setting& setting : settings.settings) text += ";" + assigned(setting);
  return text;
}

std::string hive_url(const ClientSetup& setup, const ClientSettings& settings) {
  return url("jdbc:hive2://" + setup.address() + "/", settings);
}

}  // namespace

std::string client_text(Client client, const ClientSetup& setup, const ClientSettings& settings) {
  switch (client) {
    case Client::impala_shell:
      return impala_shell(settings);
    case Client::impyla:
      return impyla(settings);
    case Client::hue:
      return ini("[impala]", settings);
    case Client::hive_jdbc:
      return hive_url(setup, settings) + "\n";
    case Client::simba_jdbc:
      return url("jdbc:impala://" + setup.address(), settings) + "\n";
    case Client::odbc:
      return ini("[Impala]", settings);
    case Client::beeline:
      // The semicolons would end the shell's command.
      return note_lines(settings) + reason_lines(settings, assigned) + "beeline -u '" + hive_url(setup, settings) +
             "'\n";
  }
  return {};
}

bool has_comments(Client client) { return client != Client::hive_jdbc && client != Client::simba_jdbc; }

}  // namespace kerbgate
