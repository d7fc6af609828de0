#include "keeper/ares_client.hpp"

#include <ares.h>
#include <sys/time.h>

#include <algorithm>
#include <cctype>
#include <cstring>

namespace kerbgate::keeper {
namespace {

using resolve::Verdict;

constexpr int kInternet = 1;
/// No message of 64 KiB holds more.
constexpr std::size_t kMostAddresses = 4096;

int number_of(Record record) {
  static constexpr int kNumbers[] = {1, 28, 33};
  return kNumbers[static_cast<int>(record)];
}

/// c-ares wants to be told once a process, before the first channel.
int library() {
  static const int kStatus = ares_library_init(ARES_LIB_INIT_ALL);
  return kStatus;
}

Error ares_error(int status, const std::string& doing) {
  return Error{status == ARES_ENOMEM ? Errc::io : Errc::invalid, doing + ": " + ares_strerror(status)};
}

/// Lower case, without a last dot.
std::string name_of(const char* text) {
  std::string out = text;
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (!out.empty() && out.back() == '.') out.pop_back();
  return out;
}

int read_addresses(const unsigned char* bytes, int size, resolve::Reply& out) {
  std::vector<ares_addrttl> found(kMostAddresses);
  int count = static_cast<int>(found.size());
  const int status = ares_parse_a_reply(bytes, size, nullptr, found.data(), &count);
  for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
    IpAddress& address = out.addresses.emplace_back();
    std::memcpy(address.bytes.data(), &found[static_cast<std::size_t>(i)].ipaddr, 4);
  }
  return status;
}

int read_addresses6(const unsigned char* bytes, int size, resolve::Reply& out) {
  std::vector<ares_addr6ttl> found(kMostAddresses);
  int count = static_cast<int>(found.size());
  const int status = ares_parse_aaaa_reply(bytes, size, nullptr, found.data(), &count);
  for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
    IpAddress& address = out.addresses.emplace_back();
    address.v6 = true;
    std::memcpy(address.bytes.data(), &found[static_cast<std::size_t>(i)].ip6addr, 16);
  }
  return status;
}

int read_services(const unsigned char* bytes, int size, resolve::Reply& out) {
  ares_srv_reply* list = nullptr;
  const int status = ares_parse_srv_reply(bytes, size, &list);
  for (const ares_srv_reply* one = list; status == ARES_SUCCESS && one != nullptr; one = one->next) {
    std::string target = name_of(one->host);
    if (!target.empty() && one->port != 0)  // "." says that there is no such service
      out.records.push_back({std::move(target), one->port, one->priority, one->weight});
  }
  if (list != nullptr) ares_free_data(list);
  return status;
}

/// A reply that holds nothing of what was asked for is no good one.
int read(Record record, const unsigned char* bytes, int size, resolve::Reply& out) {
  const int status = record == Record::a      ? read_addresses(bytes, size, out)
                     : record == Record::aaaa ? read_addresses6(bytes, size, out)
                                              : read_services(bytes, size, out);
  return status == ARES_SUCCESS && out.addresses.empty() && out.records.empty() ? ARES_ENODATA : status;
}

Verdict verdict_of(int status) {
  switch (status) {
    case ARES_SUCCESS:
      return Verdict::valid;
    case ARES_ENOTFOUND:
      return Verdict::nx;
    case ARES_EREFUSED:
      return Verdict::refused;
    case ARES_ETIMEOUT:
    case ARES_ECONNREFUSED:
      return Verdict::timeout;
    default:
      return Verdict::other;
  }
}

void count(stats::NameserverCounts& counts, int status) {
  switch (status) {
    case ARES_SUCCESS:
      ++counts.valid;
      break;
    case ARES_ENOTFOUND:
      ++counts.nx;
      break;
    case ARES_EREFUSED:
      ++counts.refused;
      break;
    case ARES_ETIMEOUT:
      ++counts.timeout;
      break;
    case ARES_ECONNREFUSED:
      ++counts.send_error;
      break;
    case ARES_EBADRESP:
    case ARES_EFORMERR:
      ++counts.invalid;
      break;
    default:
      ++counts.other;
      break;
  }
}

}  // namespace

struct AresClient::Channel {
  ares_channel handle = nullptr;
  ~Channel() {
    if (handle != nullptr) ares_destroy(handle);
  }
};

struct AresClient::Query {
  AresClient* client = nullptr;
  std::string name;
  Record record = Record::a;
  int left = 0;  ///< attempts after this one
  Done done;
};

AresClient::AresClient(std::string by, int retries)
    : by_(std::move(by)), retries_(retries), channel_(std::make_unique<Channel>()) {}

// Its callbacks still come, and find that nobody wants them.
AresClient::~AresClient() {
  ending_ = true;
  channel_.reset();
}

Result<std::unique_ptr<AresClient>> AresClient::make(const config::Nameserver& server, const config::Resolvers& section,
                                                     std::string by) {
  const std::string doing = "nameserver " + by + " at " + server.address;
  const Result<IpAddress> address = IpAddress::parse(server.address);
  if (!address) return Error{Errc::invalid, doing + ": " + address.error().what};
  if (const int status = library(); status != ARES_SUCCESS) return ares_error(status, doing);
  std::unique_ptr<AresClient> out(new AresClient(std::move(by), section.retries));
  ares_options options{};
  char by_dns[] = "b";
  // Each attempt is ours: c-ares would wait twice as long for every next one.
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP;
  if (section.payload > 512) options.flags |= ARES_FLAG_EDNS;
  if (server.tcp) options.flags |= ARES_FLAG_USEVC;
  options.timeout = static_cast<int>(section.retry.count());
  options.tries = 1;
  options.ednspsz = section.payload;
  options.lookups = by_dns;
  options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    std::vector<pollfd>& sockets = static_cast<AresClient*>(self)->sockets_;
    std::erase_if(sockets, [fd](const pollfd& one) { return one.fd == fd; });
    const auto events = static_cast<short>((readable != 0 ? POLLIN : 0) | (writable != 0 ? POLLOUT : 0));
    if (events != 0) sockets.push_back({fd, events, 0});
  };
  options.sock_state_cb_data = out.get();
  const int status = ares_init_options(&out->channel_->handle, &options,
                                       ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                                           ARES_OPT_SOCK_STATE_CB | ARES_OPT_EDNSPSZ);
  if (status != ARES_SUCCESS) return ares_error(status, doing);
  ares_addr_port_node node{};
  node.family = address->v6 ? AF_INET6 : AF_INET;
  std::memcpy(&node.addr, address->bytes.data(), address->v6 ? 16 : 4);
  node.udp_port = node.tcp_port = server.port;
  if (const int set = ares_set_servers_ports(out->channel_->handle, &node); set != ARES_SUCCESS)
    return ares_error(set, doing);
  return out;
}

void AresClient::ask(const std::string& name, Record record, Done done) {
  auto query = std::make_unique<Query>();
  query->client = this;
  query->name = name;
  query->record = record;
  query->left = retries_ - 1;
  query->done = std::move(done);
  send(std::move(query));
}

void AresClient::send(std::unique_ptr<Query> query) {
  ++counts_.sent;
  Query* const borrowed = query.release();  // comes back by the callback
  ares_query(
      channel_->handle, borrowed->name.c_str(), kInternet, number_of(borrowed->record),
      [](void* self, int status, int, unsigned char* bytes, int size) {
        std::unique_ptr<Query> back(static_cast<Query*>(self));
        AresClient* const client = back->client;
        if (!client->ending_) client->conclude(std::move(back), status, bytes, size);
      },
      borrowed);
}

void AresClient::conclude(std::unique_ptr<Query> query, int status, const unsigned char* bytes, int size) {
  resolve::Reply reply;
  reply.by = by_;
  if (status == ARES_SUCCESS) status = read(query->record, bytes, size, reply);
  count(counts_, status);
  if (status == ARES_ETIMEOUT && query->left > 0) {
    --query->left;
    return send(std::move(query));
  }
  reply.verdict = verdict_of(status);
  query->done(std::move(reply));
}

void AresClient::watch(std::vector<pollfd>& sockets) const {
  sockets.insert(sockets.end(), sockets_.begin(), sockets_.end());
}

std::optional<std::chrono::milliseconds> AresClient::wait() const {
  timeval left{};
  if (ares_timeout(channel_->handle, nullptr, &left) == nullptr) return std::nullopt;
  return std::chrono::milliseconds(left.tv_sec * 1000 + (left.tv_usec + 999) / 1000);
}

void AresClient::process(const std::vector<pollfd>& ready) {
  for (const pollfd& one : ready) {
    // A socket that was closed meanwhile is not looked at, though its number be another's now.
    const bool ours =
        std::any_of(sockets_.begin(), sockets_.end(), [&one](const pollfd& own) { return own.fd == one.fd; });
    if (!ours || one.revents == 0) continue;
    const bool in = (one.revents & (POLLIN | POLLERR | POLLHUP)) != 0, out = (one.revents & POLLOUT) != 0;
    ares_process_fd(channel_->handle, in ? one.fd : ARES_SOCKET_BAD, out ? one.fd : ARES_SOCKET_BAD);
  }
  ares_process_fd(channel_->handle, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

std::vector<config::Nameserver> system_nameservers() {
  std::vector<config::Nameserver> out;
  ares_channel handle = nullptr;
  if (library() != ARES_SUCCESS || ares_init(&handle) != ARES_SUCCESS) return out;
  ares_addr_port_node* list = nullptr;
  if (ares_get_servers_ports(handle, &list) == ARES_SUCCESS) {
    for (const ares_addr_port_node* one = list; one != nullptr; one = one->next) {
      IpAddress address;
      address.v6 = one->family == AF_INET6;
      std::memcpy(address.bytes.data(), &one->addr, address.v6 ? 16 : 4);
      const auto port = static_cast<std::uint16_t>(one->udp_port != 0 ? one->udp_port : 53);
      out.push_back({address.str(), address.str(), port, false});  // HAProxy's names for them
    }
    ares_free_data(list);
  }
  ares_destroy(handle);
  return out;
}

}  // namespace kerbgate::keeper
