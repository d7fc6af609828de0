#pragma once

namespace kerbgate::net::tls {

/// From now on OpenSSL takes its buffers of records (one for reading, one for writing, held only while they hold
/// something) and the little that goes with a record from lists of each thread's, last in, first out: a relayed record
/// costs no malloc. Before OpenSSL is used at all; later calls and those under a sanitizer change nothing.
void pool_record_buffers();

}  // namespace kerbgate::net::tls
