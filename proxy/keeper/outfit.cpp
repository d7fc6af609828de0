#include "keeper/outfit.hpp"

#include <algorithm>
#include <cstring>

namespace kerbgate::keeper {
namespace {

class Writer {
 public:
  void number(std::uint32_t value) {
    std::uint8_t octets[4];
    for (int i = 0; i < 4; ++i) octets[i] = std::uint8_t(value >> (24 - 8 * i));
    bytes.append(octets);
  }
  void text(const std::string& value) { octets({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()}); }
  void octets(std::span<const std::uint8_t> value) {
    number(std::uint32_t(value.size()));
    bytes.append(value);
  }
  void wide(std::uint64_t value) {
    number(std::uint32_t(value >> 32));
    number(std::uint32_t(value));
  }
  void address(const IpAddress& value) {
    number(value.v6 ? 1 : 0);
    number(value.scope);
    text({reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
  }
  Secret bytes;
};

/// After the first short read everything reads as empty and ok() is false.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
  std::uint32_t number() {
    if (!take(4)) return 0;
    return std::uint32_t(taken_[0]) << 24 | std::uint32_t(taken_[1]) << 16 | std::uint32_t(taken_[2]) << 8 | taken_[3];
  }
  std::string text() {
    const std::uint32_t size = number();
    if (!take(size)) return {};
    return {reinterpret_cast<const char*>(taken_.data()), taken_.size()};
  }
  std::uint64_t wide() {
    const std::uint64_t high = number();
    return high << 32 | number();
  }
  IpAddress address() {
    IpAddress out;
    out.v6 = number() != 0;
    out.scope = number();
    const std::string raw = text();
    if (raw.size() == out.bytes.size()) std::memcpy(out.bytes.data(), raw.data(), raw.size());
    return out;
  }
  /// As often as the number that comes now says, while there is something to read.
  template <class Read>
  void each(Read read) {
    for (std::uint32_t n = number(); ok_ && n > 0; --n) read();
  }
  Secret secret() {
    const std::uint32_t size = number();
    return take(size) ? Secret(taken_) : Secret();
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return ok_ && rest_.empty(); }

 private:
  bool take(std::size_t count) {
    if (!ok_ || rest_.size() < count) return ok_ = false;
    taken_ = rest_.first(count);
    rest_ = rest_.subspan(count);
    return true;
  }
  std::span<const std::uint8_t> rest_, taken_;
  bool ok_ = true;
};

void pack_name(Writer& out, const stats::NameState& state) {
  out.text(state.service);
  out.text(state.keytab);
  out.number(state.kvno);
  out.number(std::uint32_t(state.troubles.size()));
  for (const std::string& trouble : state.troubles) out.text(trouble);
  out.text(state.report.fqdn);
  out.number(std::uint32_t(state.report.addresses.size()));
  for (const AddressName& address : state.report.addresses) {
    out.address(address.address);
    out.text(address.ptr);
    out.number(address.answered ? 1 : 0);
  }
  out.number(std::uint32_t(state.report.views.size()));
  for (const ClientView& view : state.report.views) {
    out.text(view.setting);
    out.text(view.principal);
    out.number(view.in_keytab ? 1 : 0);
  }
  out.number(std::uint32_t(state.report.findings.size()));
  for (const Finding& finding : state.report.findings) {
    out.number(std::uint32_t(finding.severity));
    out.number(std::uint32_t(finding.code));
    out.text(finding.text);
  }
}

stats::NameState unpack_name(Reader& in) {
  stats::NameState out;
  out.service = in.text();
  out.keytab = in.text();
  out.kvno = in.number();
  in.each([&] { out.troubles.push_back(in.text()); });
  out.report.fqdn = in.text();
  in.each([&] {
    AddressName& address = out.report.addresses.emplace_back();
    address.address = in.address();
    address.ptr = in.text();
    address.answered = in.number() != 0;
  });
  in.each([&] {
    ClientView& view = out.report.views.emplace_back();
    view.setting = in.text();
    view.principal = in.text();
    view.in_keytab = in.number() != 0;
  });
  in.each([&] {
    const auto severity = Severity(std::min(in.number(), std::uint32_t(Severity::error)));
    const auto code = Errc(in.number());
    out.report.findings.push_back({severity, code, in.text()});
  });
  return out;
}

void pack_files(Writer& out, const std::map<std::string, Secret>& files) {
  out.number(std::uint32_t(files.size()));
  for (const auto& [name, content] : files) {
    out.text(name);
    out.octets(content.bytes());
  }
}

std::map<std::string, Secret> unpack_files(Reader& in) {
  std::map<std::string, Secret> out;
  in.each([&] {
    std::string name = in.text();
    out[std::move(name)] = in.secret();
  });
  return out;
}

void pack_placement(Writer& out, const Placement& placement) {
  out.text(placement.backend);
  out.text(placement.server);
  out.number(placement.address ? 1 : 0);
  out.address(placement.address.value_or(IpAddress{}));
  out.number(placement.port);
  out.number(placement.quiescing ? 1 : 0);
  out.number(placement.weight ? 1 + *placement.weight : 0);
  out.text(placement.key);
  out.text(placement.host);
  out.text(placement.why);
}

Placement unpack_placement(Reader& in) {
  Placement out;
  out.backend = in.text();
  out.server = in.text();
  const bool has = in.number() != 0;
  const IpAddress address = in.address();
  if (has) out.address = address;
  out.port = std::uint16_t(in.number());
  out.quiescing = in.number() != 0;
  if (const std::uint32_t weight = in.number(); weight != 0) out.weight = std::min(weight - 1, 256U);
  out.key = in.text();
  out.host = in.text();
  out.why = in.text();
  return out;
}

template <class Counts, class Each>
void each_count(Counts& counts, Each each) {
  for (auto* count : {&counts.sent, &counts.send_error, &counts.valid, &counts.update, &counts.nx, &counts.timeout,
                      &counts.refused, &counts.other, &counts.invalid, &counts.outdated})
    each(*count);
}

void pack_nameserver(Writer& out, const stats::Nameserver& nameserver) {
  out.text(nameserver.section);
  out.text(nameserver.id);
  each_count(nameserver.counts, [&out](std::uint64_t count) { out.wide(count); });
  out.text(nameserver.answer);
}

stats::Nameserver unpack_nameserver(Reader& in) {
  stats::Nameserver out;
  out.section = in.text();
  out.id = in.text();
  each_count(out.counts, [&in](std::uint64_t& count) { count = in.wide(); });
  out.answer = in.text();
  return out;
}

void pack_check(Writer& out, const stats::CoordinatorCheck& check) {
  out.number(std::uint32_t(check.kind));
  out.number(std::uint32_t(check.state));
  out.number((check.passed ? 1 : 0) + (check.queries ? 2 : 0));
  for (const std::string* text :
       {&check.key, &check.found, &check.cause, &check.remedy, &check.ticket, &check.good_ticket})
    out.text(*text);
  for (const std::int64_t value :
       {std::int64_t(check.took.count()), std::int64_t(check.when.time_since_epoch().count()),
        std::int64_t(check.good_when.time_since_epoch().count()), std::int64_t(check.fresh_for.count())})
    out.wide(std::uint64_t(value));
  out.number(check.queries.value_or(0));
}

stats::CoordinatorCheck unpack_check(Reader& in) {
  using Wall = std::chrono::system_clock;
  stats::CoordinatorCheck out;
  out.kind = in.number() == 0 ? stats::CoordinatorCheck::Kind::login : stats::CoordinatorCheck::Kind::web;
  out.state = check::Deep(std::min(in.number(), std::uint32_t(check::Deep::down)));
  const std::uint32_t flags = in.number();
  out.passed = (flags & 1) != 0;
  for (std::string* text : {&out.key, &out.found, &out.cause, &out.remedy, &out.ticket, &out.good_ticket})
    *text = in.text();
  const auto time = [&in] { return Wall::time_point(Wall::duration(Wall::rep(in.wide()))); };
  out.took = std::chrono::milliseconds(std::int64_t(in.wide()));
  out.when = time();
  out.good_when = time();
  out.fresh_for = std::chrono::milliseconds(std::int64_t(in.wide()));
  const std::uint32_t queries = in.number();
  if ((flags & 2) != 0) out.queries = queries;
  return out;
}

void pack_handle(Writer& out, const hs2::Handles::Known& handle) {
  out.text(handle.handle);
  out.text(handle.server);
  out.wide(std::uint64_t(handle.lifetime.count()));
  out.wide(std::uint64_t(handle.age.count()));
}

hs2::Handles::Known unpack_handle(Reader& in) {
  hs2::Handles::Known out;
  out.handle = in.text();
  out.server = in.text();
  out.lifetime = std::chrono::seconds(std::int64_t(in.wide()));
  out.age = std::chrono::seconds(std::int64_t(in.wide()));
  return out;
}

}  // namespace

Packed pack(const Outfit& outfit) {
  Writer out;
  Packed packed;
  out.number(std::uint32_t(outfit.texts.size()));
  for (const config::SourceText& source : outfit.texts) {
    out.text(source.name);
    out.text(source.text);
    out.number(source.is_list ? 1 : 0);
  }
  out.number(std::uint32_t(outfit.hosts.size()));
  for (const auto& [host, addresses] : outfit.hosts) {
    out.text(host);
    out.number(std::uint32_t(addresses.size()));
    for (const IpAddress& address : addresses) out.address(address);
  }
  out.number(std::uint32_t(outfit.sockets.size()));
  for (const Sockets& sockets : outfit.sockets) {
    out.text(sockets.key);
    out.number(std::uint32_t(sockets.fds.size()));
    for (const net::Fd& fd : sockets.fds) packed.fds.push_back(fd.get());
  }
  out.number(std::uint32_t(outfit.log_sockets.size()));
  for (const auto& [path, fd] : outfit.log_sockets) {
    out.text(path);
    packed.fds.push_back(fd.get());
  }
  pack_files(out, outfit.tls_files);
  pack_files(out, outfit.keytabs);
  out.number(std::uint32_t(outfit.krb5.values.size()));
  for (const Krb5Conf::Value& value : outfit.krb5.values) {
    out.number(std::uint32_t(value.names.size()));
    for (const std::string& name : value.names) out.text(name);
    out.text(value.value);
  }
  out.number(std::uint32_t(outfit.notices.size()));
  for (const Notice& notice : outfit.notices) {
    out.number(std::uint32_t(notice.priority));
    out.text(notice.text);
  }
  out.text(outfit.names.mode);
  out.wide(std::uint64_t(outfit.names.checked.time_since_epoch().count()));
  out.number(std::uint32_t(outfit.names.names.size()));
  for (const stats::NameState& state : outfit.names.names) pack_name(out, state);
  out.number(std::uint32_t(outfit.checks.size()));
  for (const stats::CoordinatorCheck& check : outfit.checks) pack_check(out, check);
  out.number(std::uint32_t(outfit.placements.size()));
  for (const Placement& placement : outfit.placements) pack_placement(out, placement);
  out.number(std::uint32_t(outfit.looks.size()));
  for (const LookedAt& look : outfit.looks) {
    out.text(look.key);
    out.number(std::uint32_t(look.servers.size()));
    for (const auto& [backend, server] : look.servers) {
      out.text(backend);
      out.text(server);
    }
  }
  out.number(std::uint32_t(outfit.nameservers.size()));
  for (const stats::Nameserver& nameserver : outfit.nameservers) pack_nameserver(out, nameserver);
  out.number(std::uint32_t(outfit.handles.size()));
  for (const hs2::Handles::Known& handle : outfit.handles) pack_handle(out, handle);
  packed.bytes = std::move(out.bytes);
  return packed;
}

Result<Outfit> unpack(std::span<const std::uint8_t> bytes, std::vector<net::Fd> fds) {
  Reader in(bytes);
  Outfit outfit;
  std::size_t next = 0;
  const auto next_fd = [&] { return next < fds.size() ? std::move(fds[next++]) : net::Fd(); };
  for (std::uint32_t n = in.number(); in.ok() && n > 0; --n) {
    std::string name = in.text();
    std::string text = in.text();
    outfit.texts.push_back({std::move(name), std::move(text), in.number() != 0});
  }
  for (std::uint32_t n = in.number(); in.ok() && n > 0; --n) {
    std::vector<IpAddress>& addresses = outfit.hosts[in.text()];
    in.each([&] { addresses.push_back(in.address()); });
  }
  for (std::uint32_t n = in.number(); in.ok() && n > 0; --n) {
    Sockets& sockets = outfit.sockets.emplace_back();
    sockets.key = in.text();
    for (std::uint32_t m = in.number(); in.ok() && m > 0; --m) sockets.fds.push_back(next_fd());
  }
  for (std::uint32_t n = in.number(); in.ok() && n > 0; --n) {
    const std::string path = in.text();
    outfit.log_sockets[path] = next_fd();
  }
  outfit.tls_files = unpack_files(in);
  outfit.keytabs = unpack_files(in);
  in.each([&] {
    Krb5Conf::Value& value = outfit.krb5.values.emplace_back();
    in.each([&] { value.names.push_back(in.text()); });
    value.value = in.text();
  });
  for (std::uint32_t n = in.number(); in.ok() && n > 0; --n) {
    const auto priority = log::Priority(in.number());
    outfit.notices.push_back({priority, in.text()});
  }
  outfit.names.mode = in.text();
  outfit.names.checked = std::chrono::system_clock::time_point(
      std::chrono::system_clock::duration(std::chrono::system_clock::rep(in.wide())));
  in.each([&] { outfit.names.names.push_back(unpack_name(in)); });
  in.each([&] { outfit.checks.push_back(unpack_check(in)); });
  in.each([&] { outfit.placements.push_back(unpack_placement(in)); });
  in.each([&] {
    LookedAt& look = outfit.looks.emplace_back();
    look.key = in.text();
    in.each([&] {
      std::string backend = in.text();
      look.servers.emplace_back(std::move(backend), in.text());
    });
  });
  in.each([&] { outfit.nameservers.push_back(unpack_nameserver(in)); });
  in.each([&] { outfit.handles.push_back(unpack_handle(in)); });
  if (!in.at_end() || next != fds.size()) return Error{Errc::invalid, "the keeper's message is cut short"};
  return outfit;
}

}  // namespace kerbgate::keeper
