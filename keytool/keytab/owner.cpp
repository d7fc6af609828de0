#include <grp.h>
#include <pwd.h>

#include <charconv>
#include <cstring>
#include <vector>

#include "kerbgate/quoted.hpp"
#include "keytab/target.hpp"

namespace kerbgate::keytab {
namespace {

std::optional<std::uint32_t> number_of(const std::string& text) {
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value == UINT32_MAX) return std::nullopt;
  return value;
}

struct User {
  uid_t uid;
  std::optional<gid_t> login_group;
};

Result<User> find_user(const std::string& name) {
  std::vector<char> buffer(16384);
  passwd row{};
  passwd* found = nullptr;
  const auto number = number_of(name);
  const int code = number ? getpwuid_r(*number, &row, buffer.data(), buffer.size(), &found)
                          : getpwnam_r(name.c_str(), &row, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return User{row.pw_uid, row.pw_gid};
  if (number) return User{*number, std::nullopt};
  const std::string reason = code != 0 ? std::string(": ") + std::strerror(code) : "";
  return Error(Errc::not_found, "owner: there is no user " + quoted(name) + reason);
}

Result<gid_t> find_group(const std::string& name) {
  if (const auto number = number_of(name)) return *number;
  std::vector<char> buffer(65536);
  group row{};
  group* found = nullptr;
  getgrnam_r(name.c_str(), &row, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return row.gr_gid;
  return Error(Errc::not_found, "owner: there is no group " + quoted(name));
}

}  // namespace

Result<Owner> parse_owner(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string user = text.substr(0, colon);
  Owner owner;
  std::optional<gid_t> login_group;
  if (!user.empty()) {
    const auto found = find_user(user);
    if (!found) return found.error();
    owner.user = found->uid;
    login_group = found->login_group;
  }
  if (colon == std::string::npos && !user.empty()) return owner;
  const std::string group = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (group.empty() && login_group) {
    owner.group = login_group;
  } else if (group.empty()) {
    return Error(Errc::invalid, "owner " + quoted(text) + ": write USER, USER:GROUP, USER: or :GROUP");
  } else {
    const auto found = find_group(group);
    if (!found) return found.error();
    owner.group = *found;
  }
  return owner;
}

}  // namespace kerbgate::keytab
