#pragma once

#include <string>

namespace kerbgate {

/// ASCII letters in lower case, the rest as it is: how Kerberos folds a host's name, whatever the locale.
inline std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace kerbgate
