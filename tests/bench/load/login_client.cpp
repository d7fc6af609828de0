#include "login_client.hpp"

#include <array>
#include <cerrno>

#include "kerbgate/sasl_frame.hpp"
#include "messages.hpp"

namespace kerbgate::bench {

bool Clients::LoggingIn::say(const std::vector<std::uint8_t>& bytes) {
  // All that a login says fits into a socket's buffer: what does not is an error.
  const ssize_t sent = stream_.write(bytes);
  if (sent == ssize_t(bytes.size())) return true;
  leave(sent < 0 ? errno : EMSGSIZE);
  return false;
}

void Clients::LoggingIn::begin() {
  // As many may have begun to connect as there are logins, and one has connected twice.
  if (!all_.logins_->left()) return leave_served();
  login_ = all_.logins_->next();
  said_ = 0;
  logged_in_ = false;
  heard_.clear();
  say(login_.opening);
}

void Clients::LoggingIn::go_on() {
  std::array<std::uint8_t, 4096> bytes;  // NOLINT: read into
  while (talking()) {
    const ssize_t got = stream_.read(bytes);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return leave(got == 0 ? EPIPE : errno);
    all_.counts_.received += std::uint64_t(got);
    heard_.insert(heard_.end(), bytes.begin(), bytes.begin() + got);
    while (talking() && take()) continue;
  }
}

bool Clients::LoggingIn::take() {
  if (logged_in_) {
    if (message_length(heard_) == 0) return false;
    answered(begun_, nanoseconds());
    leave_served();
    return false;
  }
  const auto header = sasl::read_header(heard_);
  if (!header || heard_.size() < sasl::kHeaderSize + header->length) return false;
  take_frame(header->status, std::span(heard_).subspan(sasl::kHeaderSize, header->length));
  if (talking()) heard_.erase(heard_.begin(), heard_.begin() + std::ptrdiff_t(sasl::kHeaderSize + header->length));
  return talking();
}

void Clients::LoggingIn::take_frame(std::uint8_t status, std::span<const std::uint8_t> payload) {
  if (status == std::uint8_t(sasl::Status::complete)) {
    logged_in_ = true;
    say(open_session());
  } else if (status == std::uint8_t(sasl::Status::ok) && said_ < login_.answers.size()) {
    say(login_.answers[said_++]);
  } else {
    all_.refused({payload.begin(), payload.end()});
    leave(EACCES);
  }
}

}  // namespace kerbgate::bench
