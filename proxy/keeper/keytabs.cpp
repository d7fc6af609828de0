#include "keeper/keytabs.hpp"

#include <algorithm>

#include "keeper/ports.hpp"
#include "kerbgate/acceptor.hpp"

namespace kerbgate::keeper {
namespace {

Result<SecretFile> read_keytab(const std::string& path) {
  Result<SecretFile> file = read_secret_file(path, "keytab", "keytab");
  if (!file) return file;
  const auto keys = AcceptorKeys::make(file->content.bytes());
  wipe_dead_stack();
  if (!keys) return Error(keys.error().code, path + ": " + keys.error().what);
  return file;
}

/// The first listener that lets nobody in without this keytab.
const config::Frontend* needed_by(const config::Config& config, const std::string& path) {
  for (const config::Frontend* frontend : served(config))
    if (frontend->kerberos.verifies() && frontend->kerberos.keytab == path) return frontend;
  return nullptr;
}

}  // namespace

std::set<std::string> keytabs_of(const config::Config& config) {
  std::set<std::string> out;
  for (const config::Frontend* frontend : served(config))
    if (frontend->kerberos.effective_login() != config::Login::pass && !frontend->kerberos.keytab.empty())
      out.insert(frontend->kerberos.keytab);
  return out;
}

KeytabsRead read_keytabs(const config::Config& config, const std::set<std::string>& known) {
  KeytabsRead out;
  for (const std::string& path : keytabs_of(config)) {
    Result<SecretFile> file = read_keytab(path);
    if (file) {
      if (file->for_all)
        out.notices.push_back(
            {log::Priority::warning, path + ": everyone on this host may read its keys: chmod 0400 " + path});
      out.files[path] = std::move(file->content);
      continue;
    }
    const config::Frontend* frontend = needed_by(config, path);
    if (known.contains(path)) {
      out.notices.push_back(
          {log::Priority::warning, "kerberos keytab is not taken, the old keys stay: " + file.error().what});
    } else if (frontend != nullptr) {
      out.errors.push_back("'" + frontend->name +
                           "' verifies logins (kerberos login) and has no keytab to do it with: " + file.error().what);
    } else {
      out.notices.push_back(
          {log::Priority::warning, "kerberos keytab: tickets are not held against it: " + file.error().what});
    }
  }
  return out;
}

}  // namespace kerbgate::keeper
