#include "admin/conversation.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace kerbgate::admin {

Conversation::Conversation(Site& site, net::Fd fd, UserState user, std::function<void(Conversation&)> ended)
    : site_(site), loop_(site.home()), fd_(std::move(fd)), end_{fd_.get(), {}}, user_(user), ended_(std::move(ended)) {}

Conversation::~Conversation() { loop_.cancel(*this); }

void Conversation::begin() {
  if (!loop_.watch(fd_.get(), watch_)) return end();
  wait();
}

void Conversation::on_event(int, std::uint32_t events) {
  end_.note(events);
  go_on();
}

void Conversation::on_timer() {
  // A command that works, or waits on purpose (drain wait), is not silence.
  if (busy_ && out_.empty()) return wait();
  end();
}

void Conversation::wait() {
  if (user_.timeout.count() != 0) loop_.schedule(*this, loop_.now() + user_.timeout);
}

// As far as it goes: what is written first, then the next command, then what there is to read.
void Conversation::go_on() {
  if (going_ || !fd_) return;
  going_ = true;
  const auto self = shared_from_this();  // an end within leaves it standing until here
  while (fd_) {
    if (busy_ && end_.ready.gone) {
      end();
      break;
    }
    if (!flush() || busy_) break;
    std::string line;
    if (!user_.left && next_command(line)) {
      run(line);
      continue;
    }
    // Once without a prompt: what has come with the command is answered, then it is over.
    if (user_.left || heard_all_ || (spoke_ && !user_.interactive)) {
      if (out_.empty()) end();
      break;
    }
    if (!read_more()) break;
  }
  going_ = false;
}

bool Conversation::flush() {
  while (sent_ < out_.size() && end_.ready.writable) {
    const ssize_t sent = ::send(fd_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      sent_ += std::size_t(sent);
      wait();
    } else if (errno == EAGAIN) {
      end_.ready.writable = false;
    } else if (errno != EINTR) {
      end();
      return false;
    }
  }
  if (sent_ == out_.size()) {
    out_.clear();
    sent_ = 0;
  }
  return out_.empty();
}

/// False: nothing more now.
bool Conversation::read_more() {
  if (!end_.ready.readable) return false;
  char bytes[4096];
  const ssize_t got = ::recv(fd_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
  if (got > 0) {
    in_.append(bytes, std::size_t(got));
    wait();
    if (in_.size() <= kLongestLine || in_.find('\n') < kLongestLine) return true;
    in_.clear();
    user_.left = true;
    out_ += "The line is too long: a line has at most " + std::to_string(kLongestLine) + " bytes.\n";
    return true;
  }
  if (got < 0 && errno == EINTR) return true;
  end_.ready.readable = false;
  if (got < 0 && errno == EAGAIN) return false;
  heard_all_ = true;
  return true;
}

/// Commands end at a `;` or at the line's end; what has no end yet is not run.
bool Conversation::next_command(std::string& line) {
  if (in_.find('\n') == std::string::npos) return false;
  for (std::size_t i = 0; i < in_.size(); ++i) {
    if (in_[i] == '\\' && i + 1 < in_.size() && in_[i + 1] != '\n') {
      ++i;
      continue;
    }
    if (in_[i] != ';' && in_[i] != '\n') continue;
    line = in_.substr(0, i);
    // `show stat;` and a line's end: HAProxy sees an empty command there, scripts mean none.
    if (in_[i] == ';' && i + 1 < in_.size() && in_[i + 1] == '\n') ++i;
    in_.erase(0, i + 1);
    return true;
  }
  return false;
}

void Conversation::run(const std::string& line) {
  busy_ = spoke_ = true;
  const std::weak_ptr<Conversation> weak = weak_from_this();
  run_command(
      site_, user_, line,
      [weak](const std::string& text) {
        const auto self = weak.lock();
        if (!self || !self->fd_) return;
        self->busy_ = false;
        self->answer(text);
      },
      [weak](const std::string& text) {
        const auto self = weak.lock();
        if (!self || !self->fd_) return false;
        self->out_ += text;
        self->go_on();
        return bool(self->fd_);
      });
}

void Conversation::answer(const std::string& text) {
  if (!user_.left) out_ += text + (user_.interactive ? "\n> " : "\n");
  wait();
  go_on();
}

void Conversation::end() {
  if (!fd_) return;
  loop_.cancel(*this);
  fd_.reset();
  ended_(*this);
}

}  // namespace kerbgate::admin
