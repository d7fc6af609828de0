#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "config/source.hpp"
#include "hs2/handles.hpp"
#include "keeper/placement.hpp"
#include "kerbgate/acceptor.hpp"
#include "kerbgate/resolver.hpp"
#include "kerbgate/result.hpp"
#include "log/record.hpp"
#include "net/fd.hpp"
#include "net/tls/context.hpp"
#include "stats/coordinator_check.hpp"
#include "stats/dns.hpp"
#include "stats/names.hpp"

/// What a worker without privileges, and perhaps inside a chroot, cannot get for itself: file contents, names'
/// addresses, bound ports, the log's sockets.
namespace kerbgate::keeper {

/// One bind line's sockets: one a thread, or a single one that all threads share (UNIX paths, inherited descriptors).
struct Sockets {
  std::string key;  ///< config::Bind::key()
  std::vector<net::Fd> fds;
};

/// To be logged through the configuration's own targets.
struct Notice {
  log::Priority priority = log::Priority::notice;
  std::string text;
};

/// The servers that a look at a coordinator is for.
struct LookedAt {
  std::string key;                                           ///< stats::CoordinatorCheck::key
  std::vector<std::pair<std::string, std::string>> servers;  ///< backend and name
};

struct Outfit {
  std::vector<config::SourceText> texts;  ///< the configuration as read; empty when it is the command line's
  std::map<std::string, std::vector<IpAddress>> hosts;  ///< servers by name as written; no addresses: unresolved
  std::vector<Sockets> sockets;
  std::map<std::string, net::Fd> log_sockets;  ///< connected, by path
  net::tls::Files tls_files;                   ///< what bind and server lines name, and @system-ca
  std::map<std::string, Secret> keytabs;       ///< contents, by path; those that cannot be used are not here
  Krb5Conf krb5;                               ///< what the host's krb5.conf says of tickets
  std::vector<Notice> notices;
  stats::NameStates names;                      ///< what the FQDN check came to
  std::vector<stats::CoordinatorCheck> checks;  ///< with notices: what has been seen of coordinators
  std::vector<Placement> placements;            ///< of servers that are looked up while the proxy runs
  std::vector<LookedAt> looks;                  ///< all that are made, wherever there are placements or texts
  std::vector<stats::Nameserver> nameservers;   ///< what became of those look-ups
  std::vector<hs2::Handles::Known> handles;     ///< what login late knew before, or another process knows
};

/// The bytes (with keys among them: wiped) and, in order, the descriptors that stand for an outfit between the two
/// processes.
struct Packed {
  Secret bytes;
  std::vector<int> fds;  ///< borrowed from the outfit
};
Packed pack(const Outfit& outfit);
/// Takes the descriptors over. Errc::invalid when the bytes are not what pack() writes.
Result<Outfit> unpack(std::span<const std::uint8_t> bytes, std::vector<net::Fd> fds);

}  // namespace kerbgate::keeper
