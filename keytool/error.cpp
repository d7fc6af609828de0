#include <cerrno>
#include <cstring>

#include "kerbgate/result.hpp"

namespace kerbgate {
namespace {

class Category : public std::error_category {
  const char* name() const noexcept override { return "kerbgate"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::invalid:
        return "not of the right form";
      case Errc::not_found:
        return "not found";
      case Errc::permission:
        return "permission denied";
      case Errc::io:
        return "input/output failure";
      case Errc::not_a_keytab:
        return "not a keytab";
      case Errc::damaged:
        return "damaged keytab";
      case Errc::conflict:
        return "conflicting keys";
      case Errc::unrepresentable:
        return "not representable in a keytab";
      case Errc::dns_mismatch:
        return "names and addresses disagree";
      case Errc::dns_no_answer:
        return "no answer from DNS";
      case Errc::krb5:
        return "Kerberos library failure";
      case Errc::unsupported:
        return "not supported";
    }
    return "unknown error";
  }
};

}  // namespace

const std::error_category& kerbgate_category() noexcept {
  // Never destroyed: a thread whose look-up comes late may compare codes while the process ends.
  static const Category& category = *new Category;
  return category;
}

std::error_code make_error_code(Errc code) noexcept { return {static_cast<int>(code), kerbgate_category()}; }

Error system_error(int errno_value, const std::string& doing) {
  const Errc code = errno_value == ENOENT                           ? Errc::not_found
                    : errno_value == EACCES || errno_value == EPERM ? Errc::permission
                                                                    : Errc::io;
  return {code, doing + ": " + std::generic_category().message(errno_value)};
}

}  // namespace kerbgate
