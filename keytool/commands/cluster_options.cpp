#include "commands/cluster_options.hpp"

#include <istream>
#include <iterator>

#include "diagnosis/cause.hpp"
#include "diagnosis/name_checks.hpp"
#include "kerbgate/daemon_flags.hpp"
#include "kerbgate/realm.hpp"
#include "text_file.hpp"

namespace kerbgate::commands {

std::string text_or(const Values& values, const char* option, const std::string& otherwise) {
  return values.count(option) > 0 ? text(values, option) : otherwise;
}

Result<Endpoint> endpoint(const Values& values, const char* option) {
  const auto refuse = [&](const Error& error) {
    return Error(Errc::invalid, "--" + std::string(option) + ": " + error.what);
  };
  const std::string written = text(values, option);
  const auto with_port = HostPort::parse(written, kHs2Port);
  // The name's own reasons are better ones when there is no port to be wrong.
  const bool has_port = written.find(':') != std::string::npos && !is_ip_address(written);
  if (!with_port && has_port) return refuse(with_port.error());
  auto name = literal_host(has_port ? written.substr(0, written.rfind(':')) : written);
  if (!name) return refuse(name.error());
  return Endpoint{std::move(*name), with_port ? with_port->port : kHs2Port};
}

Result<void> check_spelling(const Values& values, const char* option) {
  if (values.count(option) == 0) return {};
  const auto row = diagnosis::spelling_check(text(values, option));
  if (row.cause != diagnosis::row_of(diagnosis::Cause::name_malformed).id) return {};
  return usage("--" + std::string(option) + ": " + row.found);
}

Result<Inventory> read_inventory(const std::string& file, Environment& environment) {
  const bool piped = file == "-";
  const auto content =
      piped ? Result<std::string>(std::string(std::istreambuf_iterator<char>(environment.in), {})) : read_text(file);
  if (!content) return content.error();
  auto inventory = parse_inventory(*content, piped ? "(standard input)" : file);
  if (!inventory) return inventory;
  for (const std::string& note : inventory->notes) complain(environment, "warning: " + note);
  return inventory;
}

Result<std::string> realm(const Values& values) {
  if (values.count("realm") > 0) return text(values, "realm");
  auto found = default_realm();
  if (!found) return Error(found.error().code, "no --realm was given; " + found.error().what);
  return found;
}

}  // namespace kerbgate::commands
