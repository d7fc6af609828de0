#include "page/http_server.hpp"

#include <sys/socket.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <list>
#include <map>
#include <thread>

#include "net/address.hpp"
#include "page/apply.hpp"
#include "page/stream.hpp"

namespace kerbgate::page {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::uint32_t kLongestHeader = 16 * 1024;
constexpr std::uint64_t kLongestForm = 256 * 1024;
constexpr config::Millis kRequestTime{10'000}, kAnswerTime{60'000}, kStarvation{100};
constexpr int kBatch = 16;

std::string text(std::string_view value) { return std::string(value); }

/// Both ends, as conditions see them. Whoever comes through a UNIX socket is here.
rules::Facts facts_of(const net::SocketAddress& peer, const net::SocketAddress& local) {
  rules::Facts out;
  out.complete = true;
  if (peer.family() != AF_INET && peer.family() != AF_INET6) {
    out.source = out.destination = *IpAddress::parse("127.0.0.1");
    return out;
  }
  out.source = peer.ip();
  out.source_port = peer.port();
  out.destination = local.ip();
  out.destination_port = local.port();
  return out;
}

}  // namespace

class HttpServer::Core : public std::enable_shared_from_this<Core> {
 public:
  explicit Core(admin::Site& site) : site_(site), thread_([this] { io_.run(); }) {}
  /// Ends the thread, then every connection: what the home loop still holds of one keeps this alive, and finds it over.
  void end();
  void adopt(std::vector<Gate> gates);

 private:
  using Waiting = std::function<void(const admin::Snapshot&)>;
  struct OpenGate;
  class Session;

  void wait_for_clients(const std::shared_ptr<OpenGate>& gate, std::size_t i);
  void accept(const std::shared_ptr<OpenGate>& gate, std::size_t i);
  bool make_room();
  void look(Waiting waiting);
  void begin_look();
  /// Runs `work` on the home loop, unless all is over by then.
  void at_home(std::function<void(Core&)> work);
  void back_here(std::function<void()> work) { asio::post(io_, std::move(work)); }

  admin::Site& site_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::map<std::string, std::shared_ptr<OpenGate>> gates_;
  std::list<Session*> sessions_;  ///< the one that has been where it is for longest first
  Tokens tokens_;
  net::BufferPool pool_;
  std::vector<Waiting> waiting_;
  bool looking_ = false;
  std::thread thread_;  ///< last: it uses all the rest
};

struct HttpServer::Core::OpenGate {
  explicit OpenGate(asio::io_context& io) : again(io) {}
  std::vector<asio::posix::stream_descriptor> sockets;
  asio::steady_timer again;
  std::shared_ptr<const Page> page;
  std::shared_ptr<net::tls::Current> tls;
};

/// One connection: requests one after the other.
class HttpServer::Core::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<Core> core, net::Fd fd, const net::SocketAddress& peer, std::shared_ptr<OpenGate> gate)
      : core_(std::move(core)),
        gate_(std::move(gate)),
        page_(gate_->page),
        counts_(page_->counts),
        peer_(peer),
        client_(facts_of(peer, net::SocketAddress::local(fd.get()))),
        stream_(core_->io_.get_executor(), std::move(fd), gate_->tls ? gate_->tls->get()->accept() : nullptr,
                core_->pool_) {
    place_ = core_->sessions_.insert(core_->sessions_.end(), this);
    counts_->begin(std::chrono::steady_clock::now());
  }
  ~Session() {
    core_->sessions_.erase(place_);
    counts_->end();
  }

  [[nodiscard]] bool is_waiting() const noexcept { return parser_.has_value() && !closed_; }
  void close() {
    closed_ = true;
    stream_.close();
  }

  void read() {
    core_->sessions_.splice(core_->sessions_.end(), core_->sessions_, place_);
    parser_.emplace();
    parser_->header_limit(kLongestHeader);
    parser_->body_limit(kLongestForm);
    const config::Millis limit = gate_->page->request_timeout;
    stream_.expires_after(limit.count() != 0 ? limit : kRequestTime);
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](error_code failed, std::size_t got) {
      self->counts_->front.bytes.add(got, 0);
      self->on_read(failed);
    });
  }

 private:
  void on_read(error_code failed) {
    if (failed == http::error::header_limit) return refuse(431);
    if (failed == http::error::body_limit) return refuse(413);
    if (failed.category() == make_error_code(http::error::bad_method).category() &&
        failed != http::error::end_of_stream && failed != http::error::partial_message)
      return refuse(400);
    if (failed) {
      log_failed_handshake();
      return close();
    }
    const auto& got = parser_->get();
    Request request{text(got.method_string()),
                    text(got.target()),
                    text(got[http::field::host]),
                    text(got[http::field::origin]),
                    text(got["Sec-Fetch-Site"]),
                    text(got[http::field::authorization]),
                    got.body(),
                    client_};
    keep_alive_ = got.keep_alive();
    head_ = request.method == "HEAD";
    parser_.reset();
    page_ = gate_->page;
    plan_ = plan(request, *page_, core_->tokens_);
    carry_out();
  }

  void carry_out() {
    const auto self = shared_from_this();
    switch (plan_.what) {
      case Plan::Do::say:
        return write(plan_.answer);
      case Plan::Do::show:
        return core_->look([self](const admin::Snapshot& snapshot) { self->write(render(self->plan_, snapshot)); });
      case Plan::Do::health:
        return core_->at_home([self](Core& core) {
          core.back_here([self, well = is_serving(core.site_)] { self->write(health_answer(well)); });
        });
      case Plan::Do::change:
        return core_->at_home([self](Core& core) { self->change(core); });
    }
  }

  // On the home loop.
  void change(Core& core) {
    log_change();
    apply(core.site_, *plan_.change,
          [self = shared_from_this(), core = core.weak_from_this()](std::string_view outcome) {
            if (const auto here = core.lock())
              here->back_here([self, outcome] { self->write(changed_answer(self->plan_, outcome)); });
          });
  }

  void log_failed_handshake() const {
    const std::string why = stream_.failure();
    if (page_->logger && !why.empty())
      page_->logger->send(log::Priority::notice, "Stats page " + page_->section + ": no TLS with " + peer_.str() +
                                                     ": " + log::printable(why, 300));
  }

  void log_change() const {
    if (!page_->logger) return;
    static constexpr const char* kWords[] = {"drain", "maint", "ready", "shutdown sessions"};
    std::string servers;
    for (const std::string& server : plan_.change->servers) servers += (servers.empty() ? "" : ",") + server;
    page_->logger->send(log::Priority::notice,
                        "Stats page " + page_->section + ": " + kWords[std::size_t(plan_.change->word)] + " of " +
                            log::printable(plan_.change->backend + '/' + servers, 300) + " by " +
                            (plan_.user.empty() ? "a user without name" : log::printable(plan_.user, 100)) + " from " +
                            peer_.str());
  }

  void refuse(unsigned status) {
    parser_.reset();
    keep_alive_ = head_ = false;
    write(refusal(status));
  }

  void write(const Answer& answer) {
    core_->sessions_.splice(core_->sessions_.end(), core_->sessions_, place_);
    out_ = wire(answer, keep_alive_, head_);
    stream_.expires_after(kAnswerTime);
    asio::async_write(stream_, asio::buffer(out_), [self = shared_from_this()](error_code failed, std::size_t sent) {
      self->counts_->front.bytes.add(0, sent);
      self->out_ = {};
      if (failed) return self->close();
      if (self->keep_alive_) return self->read();
      self->linger();
    });
  }

  // A reset would take the answer away from whoever is still sending: what comes is let go for a while first.
  void linger() {
    stream_.end_writing();
    stream_.expires_after(std::chrono::seconds(2));
    drain();
  }
  void drain() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(4096), [self = shared_from_this()](error_code failed, std::size_t) {
      if (failed) return self->close();
      self->drain();
    });
  }

  std::shared_ptr<Core> core_;
  std::shared_ptr<OpenGate> gate_;
  std::shared_ptr<const Page> page_;  ///< as of the request
  std::shared_ptr<admin::PageCounts> counts_;
  net::SocketAddress peer_;
  rules::Facts client_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  Plan plan_;
  std::string out_;
  bool keep_alive_ = false, head_ = false, closed_ = false;
  std::list<Session*>::iterator place_;
};

void HttpServer::Core::end() {
  io_.stop();
  thread_.join();
  for (Session* session : sessions_) session->close();
  gates_.clear();
  waiting_.clear();
  work_.reset();
  io_.restart();
  io_.poll();
}

void HttpServer::Core::adopt(std::vector<Gate> gates) {
  auto shared = std::make_shared<std::vector<Gate>>(std::move(gates));
  back_here([this, shared] {
    decltype(gates_) kept;
    for (Gate& gate : *shared) {
      std::shared_ptr<OpenGate>& open = kept[gate.key];
      if (auto before = gates_.extract(gate.key)) {
        open = std::move(before.mapped());
        open->page = gate.page;
        open->tls = gate.tls;
        continue;
      }
      open = std::make_shared<OpenGate>(io_);
      open->page = gate.page;
      open->tls = gate.tls;
      for (net::Fd& fd : gate.fds) open->sockets.emplace_back(io_, fd.release());
      for (std::size_t i = 0; i < open->sockets.size(); ++i) wait_for_clients(open, i);
    }
    gates_.swap(kept);
    for (auto& [key, gone] : kept) {
      gone->again.cancel();
      gone->sockets.clear();
    }
  });
}

void HttpServer::Core::wait_for_clients(const std::shared_ptr<OpenGate>& gate, std::size_t i) {
  gate->sockets[i].async_wait(asio::posix::stream_descriptor::wait_read, [this, gate, i](error_code failed) {
    if (!failed && i < gate->sockets.size()) accept(gate, i);
  });
}

void HttpServer::Core::accept(const std::shared_ptr<OpenGate>& gate, std::size_t i) {
  for (int batch = 0; batch < kBatch; ++batch) {
    sockaddr_storage raw{};
    socklen_t size = sizeof raw;
    net::Fd fd(::accept4(gate->sockets[i].native_handle(), reinterpret_cast<sockaddr*>(&raw), &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      // One more waits for its end, or all are being answered: then the newcomer goes.
      if (make_room())
        std::make_shared<Session>(shared_from_this(), std::move(fd), net::SocketAddress::from(raw), gate)->read();
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EAGAIN) break;
    gate->again.expires_after(kStarvation);
    gate->again.async_wait([this, gate, i](error_code failed) {
      if (!failed && i < gate->sockets.size()) wait_for_clients(gate, i);
    });
    return;
  }
  wait_for_clients(gate, i);
}

bool HttpServer::Core::make_room() {
  if (sessions_.size() < kConnections) return true;
  for (Session* session : sessions_) {
    if (!session->is_waiting()) continue;
    session->close();
    return true;
  }
  return false;
}

void HttpServer::Core::look(Waiting waiting) {
  waiting_.push_back(std::move(waiting));
  if (!looking_) begin_look();
}

// Who asks while one is under way waits for the next: he may have changed something since it began.
void HttpServer::Core::begin_look() {
  looking_ = true;
  auto batch = std::make_shared<std::vector<Waiting>>(std::exchange(waiting_, {}));
  at_home([batch](Core& core) {
    core.site_.look([batch, weak = core.weak_from_this()](admin::Snapshot snapshot) {
      const auto here = weak.lock();
      if (!here) return;
      auto shared = std::make_shared<admin::Snapshot>(std::move(snapshot));
      here->back_here([batch, shared, core = here.get()] {
        for (const Waiting& waiting : *batch) waiting(*shared);
        core->looking_ = false;
        if (!core->waiting_.empty()) core->begin_look();
      });
    });
  });
}

void HttpServer::Core::at_home(std::function<void(Core&)> work) {
  site_.home().post([work = std::move(work), weak = weak_from_this()] {
    if (const auto here = weak.lock()) work(*here);
  });
}

HttpServer::HttpServer(admin::Site& site) : core_(std::make_shared<Core>(site)) {}

HttpServer::~HttpServer() { core_->end(); }

void HttpServer::adopt(std::vector<Gate> gates) { core_->adopt(std::move(gates)); }

}  // namespace kerbgate::page
