#include "support/web_page.hpp"

#include <openssl/evp.h>

#include <regex>

namespace kerbgate::e2e {
namespace {

constexpr const char* kNonce = "5f1c0b7a9d";

std::string md5(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "MD5", nullptr, text.data(), text.size(), digest, &size) != 1)
    throw std::runtime_error("no MD5");
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", digest[i]);
    out += two;
  }
  return out;
}

std::string value_of(const std::string& header, const std::string& name) {
  std::smatch found;
  return std::regex_search(header, found, std::regex("[ ,]" + name + "=\"?([^\",]*)")) ? found[1].str() : "";
}

std::string header_of(const std::string& head, const std::string& name) {
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

}  // namespace

WebPage::WebPage(const std::string& address, int queries, const std::string& certificate, std::uint16_t port)
    : listener_(address, port), tls_(certificate.empty() ? nullptr : TlsSide::server({certificate, "", "", false})) {
  set("/healthz", 200, "OK");
  say_quiescing(false);
  say_queries(queries);
  thread_ = std::thread([this] { run(); });
}

WebPage::~WebPage() {
  stopping_ = true;
  thread_.join();
}

void WebPage::set(const std::string& path, int status, const std::string& body) {
  const std::lock_guard lock(mutex_);
  pages_[path].status = status;
  pages_[path].body = body;
}

void WebPage::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  pages_.erase(path);
}

// The keys that impalad's root page has, in its order.
void WebPage::say_quiescing(bool quiescing) {
  set("/?json", 200,
      R"({"version": "impalad version 4.5.0-RELEASE RELEASE", "daemon_type": "impalad",)"
      R"( "is_coordinator": true, "is_executor": true, "is_quiescing": )" +
          std::string(quiescing ? R"(true, "shutdown_status": "shutdown grace period left: 1m57s000ms, )"
                                  R"(deadline left: 59m57s000ms, queries registered on coordinator: 1",)"
                                : "false,") +
          R"( "effective_locale": "C", "vm_total": "8.00 GB", "__common__": {"process-name": "impalad"}})" +
          std::string(100'000, ' '));
}

void WebPage::say_queries(int queries) {
  set("/jsonmetrics", 200,
      R"({"admission-controller.agg-num-queued.default": 0, "impala-server.num-open-hiveserver2-sessions": 3,)"
      R"( "impala-server.num-queries-registered": )" +
          std::to_string(queries) + R"(, "impala-server.ready": true, "memory.rss": 268435456})");
}

void WebPage::demand(Auth auth, const std::string& user, const std::string& password) {
  const std::lock_guard lock(mutex_);
  auth_ = auth;
  user_ = user;
  password_ = password;
}

void WebPage::run() {
  while (!stopping_) {
    try {
      Socket socket = listener_.accept(std::chrono::milliseconds(50));
      answer(socket);
    } catch (const std::exception&) {
      continue;  // nobody came, or who came has left
    }
  }
}

bool WebPage::proves(const std::string& given, const std::string& path) const {
  // "alice:secret", so that no encoder is needed here.
  if (auth_ == Auth::basic) return given == "Basic YWxpY2U6c2VjcmV0" && user_ + ":" + password_ == "alice:secret";
  const std::string first = md5(user_ + ":impala:" + password_), second = md5("GET:" + path);
  const std::string middle = value_of(given, "nc") + ":" + value_of(given, "cnonce") + ":" + value_of(given, "qop");
  return given.starts_with("Digest ") && value_of(given, "nonce") == kNonce && value_of(given, "uri") == path &&
         value_of(given, "username") == user_ &&
         value_of(given, "response") == md5(first + ":" + kNonce + ":" + middle + ":" + second);
}

void WebPage::answer(Socket& socket) {
  if (tls_) socket.secure(tls_);
  std::string head;
  while (!head.ends_with("\r\n\r\n")) head += socket.read(1);
  const std::string path = head.substr(4, head.find(' ', 4) - 4);
  const std::unique_lock lock(mutex_);
  int status = 404;
  std::string body = "No such page", more;
  if (auth_ != Auth::none && !proves(header_of(head, "Authorization"), path)) {
    status = 401;
    more = auth_ == Auth::basic ? "WWW-Authenticate: Basic realm=\"impala\"\r\n"
           : auth_ == Auth::negotiate
               ? "WWW-Authenticate: Negotiate\r\n"
               : "WWW-Authenticate: Digest qop=\"auth\", realm=\"impala\", nonce=\"" + std::string(kNonce) + "\"\r\n";
  } else if (const auto page = pages_.find(path); page != pages_.end()) {
    status = page->second.status;
    body = page->second.body;
  }
  socket.send("HTTP/1.1 " + std::to_string(status) + " Whatever\r\nContent-Type: text/plain\r\n" + more +
              "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body);
  socket.close();
}

}  // namespace kerbgate::e2e
