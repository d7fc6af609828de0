#pragma once

#include <string>

#include "config/config.hpp"
#include "kerbgate/result.hpp"
#include "net/address.hpp"
#include "net/fd.hpp"

/// The socket calls, each with its options in one place.
namespace kerbgate::net {

/// A listening, non-blocking socket. `share`: SO_REUSEPORT is set after the bind, so that the port being taken by
/// another program is an error all the same, and further sockets of this program can join.
Result<Fd> listen_on(const SocketAddress& address, const config::Bind& bind, int backlog, bool share);
/// One more socket on an address that listen_on(..., share = true) holds.
Result<Fd> listen_beside(const SocketAddress& address, const config::Bind& bind, int backlog);
/// Who may open a UNIX socket's file; -1: as it comes.
struct FileAccess {
  int mode = -1;
  std::int64_t uid = -1, gid = -1;
};
Result<Fd> listen_unix(const std::string& path, int backlog, const FileAccess& access = {});

/// A non-blocking socket on its way to `address`; the outcome comes as EPOLLOUT and socket_error(). The error's code is
/// the errno.
/// `source`: where it leaves from, if it is of the same family; of no family: the system's choice.
Result<Fd> dial(const SocketAddress& address, const config::Keepalive& keepalive, const SocketAddress& source = {});
/// Such as it was this host that lacked something (descriptors, memory, a free port): it says nothing of the other end.
bool is_shortage(const Error& failed);
/// A non-blocking datagram socket connected to a UNIX path, as syslog daemons have; empty when nobody is there.
Fd dial_datagram(const std::string& path);
/// SO_ERROR, which reading clears.
int socket_error(int fd);

/// TCP_NODELAY always, and keepalive's numbers.
void tune_stream(int fd, const config::Keepalive& keepalive);
/// The same for all that a listening socket will accept: they inherit what it has.
void tune_accepted(int listening, const config::Keepalive& keepalive);
/// The next close sends RST.
void abort_on_close(int fd);
/// Bytes that the peer has not acknowledged.
int unacknowledged(int fd);

}  // namespace kerbgate::net
