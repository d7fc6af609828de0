#include "krb5/context.hpp"

#include <profile.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace kerbgate {
namespace {

constexpr std::chrono::seconds kDefaultSkew{300};

struct ProfileRelease {
  void operator()(profile_t profile) const noexcept { profile_release(profile); }
};
using OwnedProfile = std::unique_ptr<std::remove_pointer_t<profile_t>, ProfileRelease>;

Result<Krb5Context> with_profile(profile_t profile) {
  krb5_context context = nullptr;
  if (const auto code = krb5_init_context_profile(profile, 0, &context))
    return krb5_failure(nullptr, code, "libkrb5: krb5_init_context_profile");
  return Krb5Context(context);
}

// What libkrb5's profile library calls: a profile whose values are a Krb5Conf.

using Shared = std::shared_ptr<const Krb5Conf>;

bool begins_with(const std::vector<std::string>& names, const char* const* wanted) {
  std::size_t i = 0;
  for (; wanted[i] != nullptr; ++i)
    if (i == names.size() || names[i] != wanted[i]) return false;
  return true;
}

bool is_named(const std::vector<std::string>& names, const char* const* wanted) {
  std::size_t count = 0;
  while (wanted[count] != nullptr) ++count;
  return names.size() == count && begins_with(names, wanted);
}

void free_values(void*, char** values) {
  for (char** value = values; value != nullptr && *value != nullptr; ++value) std::free(*value);
  std::free(values);
}

long get_values(void* self, const char* const* names, char*** values) {
  std::vector<const std::string*> found;
  for (const Krb5Conf::Value& value : (*static_cast<Shared*>(self))->values)
    if (is_named(value.names, names)) found.push_back(&value.value);
  if (found.empty()) return PROF_NO_RELATION;
  auto** list = static_cast<char**>(std::calloc(found.size() + 1, sizeof(char*)));
  if (list == nullptr) return ENOMEM;
  for (std::size_t i = 0; i < found.size(); ++i) {
    list[i] = strdup(found[i]->c_str());
    if (list[i] == nullptr) {
      free_values(nullptr, list);
      return ENOMEM;
    }
  }
  *values = list;
  return 0;
}

void cleanup(void* self) { delete static_cast<Shared*>(self); }

long copy(void* self, void** other) {
  *other = new Shared(*static_cast<Shared*>(self));
  return 0;
}

void collect(profile_t profile, std::vector<std::string>& names, std::vector<Krb5Conf::Value>& out) {
  constexpr std::size_t kDeepest = 8;  // krb5.conf has three
  std::vector<const char*> path;
  for (const std::string& name : names) path.push_back(name.c_str());
  path.push_back(nullptr);
  std::vector<std::string> sections;  // one that is written in two places is yielded twice
  void* iterator = nullptr;
  if (names.size() > kDeepest ||
      profile_iterator_create(profile, path.data(), PROFILE_ITER_LIST_SECTION, &iterator) != 0)
    return;
  for (;;) {
    char *name = nullptr, *value = nullptr;
    if (profile_iterator(&iterator, &name, &value) != 0 || name == nullptr) break;
    names.emplace_back(name);
    if (value != nullptr) {
      out.push_back({names, value});
    } else if (std::find(sections.begin(), sections.end(), name) == sections.end()) {
      sections.emplace_back(name);
      collect(profile, names, out);
    }
    names.pop_back();
    profile_release_string(name);
    profile_release_string(value);
  }
  profile_iterator_free(&iterator);
}

}  // namespace

Result<Krb5Context> configuration_free_context() {
  profile_t empty = nullptr;
  if (profile_init(nullptr, &empty) != 0) return Error(Errc::krb5, "libkrb5: profile_init failed");
  const OwnedProfile owned(empty);
  return with_profile(empty);
}

Result<Krb5Context> context_of(const Krb5Conf& conf) {
  profile_vtable calls{};
  calls.minor_ver = 1;
  calls.get_values = get_values;
  calls.free_values = free_values;
  calls.cleanup = cleanup;
  calls.copy = copy;
  auto self = std::make_unique<Shared>(std::make_shared<Krb5Conf>(conf));
  profile_t profile = nullptr;
  if (profile_init_vtable(&calls, self.get(), &profile) != 0)
    return Error(Errc::krb5, "libkrb5: profile_init_vtable failed");
  static_cast<void>(self.release());  // cleanup()'s from here
  const OwnedProfile owned(profile);
  return with_profile(profile);
}

std::chrono::seconds configured_skew(krb5_context context) {
  profile_t profile = nullptr;
  if (krb5_get_profile(context, &profile) != 0) return kDefaultSkew;
  const OwnedProfile owned(profile);
  int value = 0;
  if (profile_get_integer(profile, "libdefaults", "clockskew", nullptr, int(kDefaultSkew.count()), &value) != 0)
    value = int(kDefaultSkew.count());
  return value > 0 ? std::chrono::seconds(value) : kDefaultSkew;
}

Result<Krb5Conf> Krb5Conf::read() {
  krb5_context raw = nullptr;
  if (const auto code = krb5_init_context(&raw)) return krb5_failure(nullptr, code, "read krb5.conf");
  const Krb5Context context(raw);
  profile_t profile = nullptr;
  if (const auto code = krb5_get_profile(raw, &profile)) return krb5_failure(raw, code, "read krb5.conf");
  const OwnedProfile owned(profile);
  Krb5Conf out;
  for (const char* section : {"libdefaults", "capaths"}) {
    std::vector<std::string> names{section};
    collect(profile, names, out.values);
  }
  return out;
}

}  // namespace kerbgate
