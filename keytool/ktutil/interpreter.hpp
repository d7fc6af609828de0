#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/keytab.hpp"
#include "krb5/string_to_key.hpp"

/// MIT ktutil's requests on a list of entries. docs/ktutil.md says what differs.
namespace kerbgate::ktutil {

/// What requests need of the world.
class Outside {
 public:
  Outside() = default;
  Outside(const Outside&) = delete;
  Outside& operator=(const Outside&) = delete;
  virtual ~Outside() = default;

  virtual Result<keytab::Scan> read(const std::string& path) = 0;
  /// What stands where wkt is going to write: nothing when there is no file, or an empty one.
  virtual Result<keytab::Scan> read_target(const std::string& path) = 0;
  /// Errc::conflict: the file is no longer as it was when `target` was read.
  virtual Result<void> write(const std::string& path, std::span<const keytab::Entry> entries,
                             const keytab::Scan& target) = 0;
  /// krb5.conf's default_realm.
  virtual Result<std::string> default_realm() = 0;
  virtual Result<PasswordKey> password_key(const PasswordKeyRequest& request, const Secret& password) = 0;
  /// A line that only this asks for, without its end and never shown; nullopt: there is none.
  virtual std::optional<Secret> ask(const std::string& prompt) = 0;
  virtual std::uint32_t now() = 0;
};

/// What one line led to.
struct Reply {
  std::string out;                ///< the answer, lines
  std::vector<std::string> said;  ///< refusals and warnings: safe to print, no newline
  bool failed = false;
  bool quit = false;
};

/// One request: its names (the first is its own, as in MIT's list) and what it does, in a line.
struct Request {
  std::vector<std::string_view> names;
  std::string_view summary;
};
std::span<const Request> requests();

class Interpreter {
 public:
  explicit Interpreter(Outside& outside) : outside_(outside) {}

  /// A line that fails leaves the list as it was.
  Reply run(std::string_view line);

  [[nodiscard]] std::span<const keytab::Entry> entries() const { return entries_; }

 private:
  using Words = std::span<const std::string>;
  Reply clear(Words words);
  Reply read(Words words);
  Reply write(Words words);
  Reply add(Words words);
  Reply remove(Words words);
  Reply list(Words words) const;

  Result<void> append_to(const std::string& path);

  Outside& outside_;
  std::vector<keytab::Entry> entries_;
};

}  // namespace kerbgate::ktutil
