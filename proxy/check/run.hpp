#pragma once

#include <string>
#include <string_view>

#include "check/http_answer.hpp"
#include "check/script.hpp"

namespace kerbgate::check {

/// One run of a script: it says what is to be done next, and is told what came of it. Pure. Of an answer 16 KiB are
/// kept, the rest is as if it had not come.
class Run {
 public:
  static constexpr std::size_t kMost = 16 * 1024;
  /// How far a connection had come when it failed: TCP, TLS, what is spoken in it.
  enum class Layer { tcp, tls, talk };
  enum class Next {
    connect,  ///< as step().connect says; a connection that is there ends first
    send,     ///< step().bytes
    receive,  ///< as much as there is, at most room()
    done      ///< verdict()
  };

  /// `script` outlives it.
  explicit Run(const Script& script) : script_(script) {}

  [[nodiscard]] Next next() const noexcept { return next_; }
  [[nodiscard]] const Step& step() const noexcept { return script_.steps[at_]; }
  [[nodiscard]] std::size_t index() const noexcept { return at_; }
  [[nodiscard]] bool last() const noexcept { return at_ + 1 == script_.steps.size(); }
  [[nodiscard]] std::size_t room() const noexcept { return kMost - answer_.size(); }
  [[nodiscard]] const Finding& verdict() const noexcept { return verdict_; }

  /// After `connect`; `tls`: its handshake is done too.
  void connected(bool tls);
  void sent();
  void received(std::string_view bytes);  ///< not empty
  void ended();                           ///< the server sends no more
  /// `why`: "Connection refused".
  void failed(Layer layer, const std::string& why);
  void timed_out(Layer layer);

 private:
  void advance();
  void look();
  void conclude(Status status, std::string info = "");
  void pass();
  /// What an expectation comes to: more is needed, it is met, or it is not (concluded).
  enum class Outcome { wait, met, over };
  Outcome look_at(const Expect& expect);
  Outcome look_at_octets(const Expect& expect);
  Outcome look_at_http(const Expect& expect);
  Outcome look_at_status(const Expect& expect, const HttpAnswer& answer);
  Outcome look_at_body(const Expect& expect, const HttpAnswer& answer);
  Outcome wrong(Status status, std::string info);
  [[nodiscard]] std::optional<bool> holds(const Expect& expect, std::string_view text) const;
  [[nodiscard]] bool no_more() const noexcept { return ended_ || room() == 0; }
  [[nodiscard]] std::string where() const;

  const Script& script_;
  std::size_t at_ = 0;
  Next next_ = Next::connect;
  bool tls_ = false, ended_ = false;
  std::string answer_;
  Finding verdict_;
};

}  // namespace kerbgate::check
