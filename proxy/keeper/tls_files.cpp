#include "keeper/tls_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>

#include "config/check_connection.hpp"
#include "keeper/ports.hpp"

namespace kerbgate::keeper {
namespace {

using net::tls::Context;
using net::tls::Files;

constexpr std::string_view kSystemCa = "@system-ca";

std::string place_of(const config::Position& at) {
  return at.line > 0 ? '[' + at.file + ':' + std::to_string(at.line) + "] : " : "";
}

/// `work(tls, who, frontend or null)` for every line with TLS; `who` begins what is said of it.
template <class Work>
void for_each_tls(const config::Config& config, Work work) {
  for (const config::Frontend* frontend : listening(config))
    for (const config::Bind& bind : frontend->binds)
      if (bind.tls.on)
        work(bind.tls, place_of(bind.at) + "'bind " + bind.key() + "' in '" + frontend->name + "' : ", frontend);
  for (const config::Backend& backend : config.backends)
    for (const config::Server& server : backend.servers)
      if (server.tls.on || server.check_tls == true || config::is_checked_by_tls(server, backend.check))
        work(server.tls, place_of(server.at) + "'server " + backend.name + '/' + server.name + "' : ", nullptr);
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

/// What HAProxy leaves out of a folder of certificates.
bool is_certificate_file(const std::filesystem::directory_entry& entry) {
  const std::string name = entry.path().filename().string(), kind = entry.path().extension().string();
  std::error_code ignored;
  return name.front() != '.' && kind != ".key" && kind != ".issuer" && kind != ".ocsp" && kind != ".sctl" &&
         entry.is_regular_file(ignored);
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
    if (is_certificate_file(entry))
      out.push_back((folder.ends_with('/') ? folder : folder + '/') + entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

Result<Secret> read_file(const std::string& path, bool& for_all) {
  Result<SecretFile> file = read_secret_file(path, "TLS file", "PEM file");
  if (!file) return std::move(file).error();
  for_all = file->for_all;
  return std::move(file->content);
}

class Reader {
 public:
  Result<void> take(const std::string& path) {
    if (path.empty() || read_.files.contains(path)) return {};
    if (path == kSystemCa) return take_system();
    if (!is_folder(path)) return take_file(path);
    const std::vector<std::string> files = files_in(path);
    if (files.empty()) return Error{Errc::not_found, path + ": holds no certificate file"};
    for (const std::string& file : files)
      if (Result<void> taken = take_file(file); !taken) return taken;
    return {};
  }
  TlsRead finish() { return std::move(read_); }
  TlsRead& read() { return read_; }

 private:
  Result<void> take_file(const std::string& path) {
    bool for_all = false;
    Result<Secret> content = read_file(path, for_all);
    if (!content) return std::move(content).error();
    warn_of_key(path, *content, for_all);
    read_.files[path] = std::move(*content);
    const std::string key = path + ".key";
    if (::access(key.c_str(), F_OK) != 0 || read_.files.contains(key)) return {};
    Result<Secret> more = read_file(key, for_all);
    if (!more) return std::move(more).error();
    warn_of_key(key, *more, for_all);
    read_.files[key] = std::move(*more);
    return {};
  }

  void warn_of_key(const std::string& path, const Secret& content, bool for_all) {
    const std::string_view text(reinterpret_cast<const char*>(content.bytes().data()), content.size());
    if (for_all && text.find("PRIVATE KEY-----") != std::string_view::npos)
      read_.notices.push_back(
          {log::Priority::warning, path + ": everyone on this host may read its private key: chmod 0400 " + path});
  }

  /// One file where there is one, else all of the folder: Debian has a bundle in it, which is enough.
  Result<void> take_system() {
    const net::tls::SystemCa where = net::tls::system_ca();
    const std::string bundle = where.folder + "/ca-certificates.crt";
    bool ignored = false;
    for (const std::string& path : {where.file, bundle})
      if (::access(path.c_str(), F_OK) == 0) {
        Result<Secret> content = read_file(path, ignored);
        if (!content) return std::move(content).error();
        read_.files[std::string(kSystemCa)] = std::move(*content);
        return {};
      }
    Secret all;
    for (const std::string& path : files_in(where.folder))
      if (Result<Secret> content = read_file(path, ignored)) all.append(content->bytes());
    if (all.empty())
      return Error{Errc::not_found, "@system-ca: this host has no CA certificates (" + where.file + ", " +
                                        where.folder + "): install the package ca-certificates"};
    read_.files[std::string(kSystemCa)] = std::move(all);
    return {};
  }

  TlsRead read_;
};

/// What an operator should know of a line's certificates. The name that clients connect to may be in any of them.
void add_doubts(const Context& context, const config::Frontend* frontend, const std::string& who,
                std::vector<Notice>& notices) {
  const auto& certificates = context.certificates();
  std::vector<std::string> wanted;
  if (frontend != nullptr && !frontend->kerberos.fqdn.empty()) wanted.push_back(frontend->kerberos.fqdn);
  const auto covered = [&](const auto& certificate) { return !wanted.empty() && certificate.covers(wanted[0]); };
  if (std::any_of(certificates.begin(), certificates.end(), covered)) wanted.clear();
  for (std::size_t i = 0; i < certificates.size(); ++i)
    for (const std::string& doubt : net::tls::doubts(certificates[i], i == 0 ? wanted : std::vector<std::string>{},
                                                     std::chrono::system_clock::now()))
      notices.push_back({log::Priority::warning, who + "certificate " + certificates[i].file + ' ' + doubt});
}

}  // namespace

std::vector<FileStamp> tls_stamps(const config::Config& config) {
  std::set<std::string> paths;
  for_each_tls(config, [&](const config::Tls& tls, const std::string&, const config::Frontend*) {
    for (const std::string& crt : tls.crt) {
      paths.insert(crt);
      paths.insert(crt + ".key");
      for (const std::string& file : files_in(crt)) {
        paths.insert(file);
        paths.insert(file + ".key");
      }
    }
    paths.insert(tls.ca_file);
    paths.insert(tls.crl_file);
  });
  paths.erase("");
  paths.erase(std::string(kSystemCa));
  return stamps_of(paths);
}

Error TlsRead::error() const {
  std::string all;
  for (const std::string& one : errors) all += (all.empty() ? "" : "; ") + one;
  return {Errc::invalid, all};
}

TlsRead read_tls(const config::Config& config) {
  Reader reader;
  TlsRead& read = reader.read();
  for_each_tls(config, [&](const config::Tls& tls, const std::string& who, const config::Frontend* frontend) {
    std::vector<std::string> paths = tls.crt;
    paths.insert(paths.end(), {tls.ca_file, tls.crl_file});
    for (const std::string& path : paths)
      if (Result<void> taken = reader.take(path); !taken) return read.errors.push_back(who + taken.error().what);
    Result<std::shared_ptr<Context>> context =
        frontend != nullptr ? Context::listening(tls, read.files, who) : Context::dialling(tls, read.files);
    if (!context) return read.errors.push_back(who + context.error().what);
    add_doubts(**context, frontend, who, read.notices);
  });
  return reader.finish();
}

}  // namespace kerbgate::keeper
