#include "rules/regex.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace kerbgate::rules {
namespace {

struct Free {
  void operator()(pcre2_code* code) const noexcept { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const noexcept { pcre2_match_data_free(data); }
  void operator()(pcre2_match_context* context) const noexcept { pcre2_match_context_free(context); }
};

/// Some milliseconds of work, and a mebibyte: enough for any sane pattern on 16 KiB.
constexpr std::uint32_t kMostSteps = 200'000, kMostKibibytes = 1024;

}  // namespace

struct Regex::Compiled {
  std::unique_ptr<pcre2_code, Free> code;
  std::unique_ptr<pcre2_match_context, Free> limits;
};

Result<Regex> Regex::compile(const std::string& pattern, bool ignore_case) {
  int failed = 0;
  PCRE2_SIZE offset = 0;
  auto compiled = std::make_shared<Compiled>();
  compiled->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                     ignore_case ? PCRE2_CASELESS : 0, &failed, &offset, nullptr));
  if (!compiled->code) {
    PCRE2_UCHAR why[256] = {};
    pcre2_get_error_message(failed, why, sizeof why);
    return Error{Errc::invalid, "regex '" + pattern + "' is invalid: " + reinterpret_cast<const char*>(why) +
                                    " at character " + std::to_string(offset + 1)};
  }
  compiled->limits.reset(pcre2_match_context_create(nullptr));
  if (!compiled->limits) return Error{Errc::io, "no memory for regex '" + pattern + "'"};
  pcre2_set_match_limit(compiled->limits.get(), kMostSteps);
  pcre2_set_heap_limit(compiled->limits.get(), kMostKibibytes);
  return Regex(std::move(compiled));
}

std::optional<bool> Regex::find_in(std::string_view text) const {
  const std::unique_ptr<pcre2_match_data, Free> data(pcre2_match_data_create(1, nullptr));
  if (!data) return std::nullopt;
  const int found = pcre2_match(compiled_->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0,
                                data.get(), compiled_->limits.get());
  if (found >= 0) return true;
  if (found == PCRE2_ERROR_NOMATCH) return false;
  return std::nullopt;
}

}  // namespace kerbgate::rules
