#pragma once

#include <string>

#include "config/config.hpp"

namespace kerbgate::page {

/// What one answer is made for: the page's settings, and who looks.
struct View {
  config::StatsSettings settings;
  std::string section;     ///< the page's own
  std::string path = "/";  ///< where the page stands: what forms and links lead to
  bool may_change = false;
  std::string token;   ///< goes with every change
  std::string nonce;   ///< of this answer's style and script
  std::string notice;  ///< what an action came to: a word of form.hpp's
};

}  // namespace kerbgate::page
