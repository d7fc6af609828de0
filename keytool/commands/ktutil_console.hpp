#pragma once

#include <functional>
#include <optional>
#include <string>

#include "kerbgate/secret.hpp"

namespace kerbgate::commands {

/// Where ktutil's lines come from.
class Console {
 public:
  Console() = default;
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  virtual ~Console() = default;

  /// The next request; nullopt at the end.
  virtual std::optional<std::string> line() = 0;
  /// The answer to a question that must not be shown or kept; nullopt: there is none.
  virtual std::optional<Secret> secret(const std::string& prompt) = 0;
};

/// A file, a pipe or a here-document: no prompts, and an answer is the next line.
class ScriptConsole : public Console {
 public:
  /// `next` gives one octet, or a negative number at the end. It must not read ahead: keys would stay in its buffer.
  explicit ScriptConsole(std::function<int()> next) : next_(std::move(next)) {}
  std::optional<std::string> line() override;
  std::optional<Secret> secret(const std::string& prompt) override;

 private:
  std::function<int()> next_;
};

/// The terminal on standard input: line editing, history, completion; answers without echo.
class TerminalConsole : public Console {
 public:
  TerminalConsole();
  std::optional<std::string> line() override;
  std::optional<Secret> secret(const std::string& prompt) override;
};

}  // namespace kerbgate::commands
