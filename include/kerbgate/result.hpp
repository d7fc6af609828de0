#pragma once

#include <string>
#include <system_error>
#include <utility>
#include <variant>

namespace kerbgate {

/// What kind of failure it is. The code decides (exit status, retry, log level); the text beside it is for people.
enum class Errc {
  invalid = 1,      ///< a value that a person typed is not of its form: a name, a port, a time, a principal
  not_found,        ///< the file, principal, user or name does not exist
  permission,       ///< the operating system refused
  io,               ///< any other failure of a file, a socket or the disk
  not_a_keytab,     ///< the bytes do not begin as a keytab does
  damaged,          ///< a keytab whose records cannot all be trusted
  conflict,         ///< one principal, kvno and enctype with two different keys
  unrepresentable,  ///< an entry that the keytab format cannot hold
  dns_mismatch,     ///< names and addresses do not agree
  dns_no_answer,    ///< DNS did not answer (time-out, SERVFAIL): nothing is known
  krb5,             ///< any other failure that libkrb5 reports
  unsupported,      ///< known, and not done here
};

const std::error_category& kerbgate_category() noexcept;
std::error_code make_error_code(Errc) noexcept;

/// An expected failure. `what` names what was being done, to which object, what happened and what to do;
/// one line, no trailing full stop, no newline.
struct Error {
  std::error_code code;
  std::string what;

  Error(Errc c, std::string text) : code(make_error_code(c)), what(std::move(text)) {}
  Error(std::error_code c, std::string text) : code(c), what(std::move(text)) {}
  [[nodiscard]] bool is(Errc c) const noexcept { return code == make_error_code(c); }
};

/// The errno value as an Error: ENOENT is not_found, EACCES and EPERM are permission, the rest io.
/// `doing` comes first ("open /etc/impala.keytab"), then the system's words.
Error system_error(int errno_value, const std::string& doing);

/// A value or the Error that stood in its way. Dropping one is a compiler warning.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : v_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const noexcept { return v_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  T& value() & { return std::get<0>(v_); }
  const T& value() const& { return std::get<0>(v_); }
  T&& value() && { return std::get<0>(std::move(v_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const& { return std::get<1>(v_); }
  Error&& error() && { return std::get<1>(std::move(v_)); }

 private:
  std::variant<T, Error> v_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : v_(std::move(error)) {}

  [[nodiscard]] bool ok() const noexcept { return v_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  const Error& error() const& { return std::get<1>(v_); }
  Error&& error() && { return std::get<1>(std::move(v_)); }

 private:
  std::variant<std::monostate, Error> v_;
};

}  // namespace kerbgate

template <>
struct std::is_error_code_enum<kerbgate::Errc> : std::true_type {};
