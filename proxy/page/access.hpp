#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who may see the page, and that a change was meant by who sent it.
namespace kerbgate::page {

/// Takes as long whatever the first difference is.
bool same_in_constant_time(std::string_view given, std::string_view wanted);

/// The user of an Authorization header (`Basic ...`, RFC 7617) whose words are among `auth` (user:password); nothing
/// when there is none. Every entry is compared, whichever fits.
std::optional<std::string> user_of(std::string_view authorization, const std::vector<std::string>& auth);

/// Nothing when it is not base64 (RFC 4648, padding required).
std::optional<std::string> base64_decoded(std::string_view text);

/// `n` bytes of the kernel's random numbers in hexadecimal.
std::string random_word(std::size_t n);

/// The token that a user's forms carry: another for each user, and others in the next process. Users are those of the
/// configuration, so there are few.
class Tokens {
 public:
  const std::string& of(const std::string& user);
  [[nodiscard]] bool fits(const std::string& user, std::string_view token);

 private:
  std::map<std::string, std::string> tokens_;
};

}  // namespace kerbgate::page
