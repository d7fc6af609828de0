#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "histogram.hpp"
#include "loop.hpp"
#include "options.hpp"
#include "prepared_logins.hpp"
#include "stream.hpp"

namespace kerbgate::bench {

/// What was counted since counting began.
struct Counts {
  std::uint64_t answers = 0, received = 0, errors = 0;
  int first_error = 0;  ///< errno
  std::string refusal;  ///< the first one's text
  Histogram latency;    ///< from asking (or connecting, or when it was due) to the last octet
};

/// The clients of one run, each behaving as the mode says.
class Clients {
 public:
  /// `logins`: what the clients log in with, in mode login; nullptr: they ask. Outlives the clients.
  Clients(Loop& loop, const Options& options, PreparedLogins* logins);
  ~Clients();

  /// Connects those who are not connected yet, a few at a time, and asks what is due.
  void go_on(std::uint64_t now);
  /// How many have been answered at least once.
  [[nodiscard]] unsigned established() const { return established_; }
  [[nodiscard]] unsigned connected() const { return connected_; }
  [[nodiscard]] bool all_connected() const { return connected_ == options_.connections; }
  /// Counts begin at 0 now, but those of errors: one is one.
  void count_anew() { counts_ = {0, 0, counts_.errors, counts_.first_error, counts_.refusal, {}}; }
  [[nodiscard]] const Counts& counts() const { return counts_; }
  /// Nobody connects again.
  void stop() { stopping_ = true; }
  /// Whether anybody would connect again.
  [[nodiscard]] bool goes_on() const;

 private:
  class Client;
  class Asking;
  class LoggingIn;
  void failed(int error);
  void refused(std::string text) {
    if (counts_.refusal.empty()) counts_.refusal = std::move(text);
  }
  sockaddr_in next_destination();
  void release(std::uint64_t now);

  Loop& loop_;
  const Options& options_;
  PreparedLogins* logins_;
  TlsContext context_;
  std::vector<std::unique_ptr<Client>> clients_;
  Counts counts_;
  unsigned started_ = 0, connected_ = 0, established_ = 0, source_ = 0, destination_ = 0;
  bool stopping_ = false;
  /// Mode ask: who has been answered rests until all have been, so that thousands come in without waiting for the rest.
  std::vector<Client*> resting_;
  bool released_ = false;
  std::uint64_t first_due_ = 0, asked_ = 0;  ///< of those with a rate
};

}  // namespace kerbgate::bench
