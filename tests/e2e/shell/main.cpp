#include <getopt.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <string>

#include "support/sasl.hpp"
#include "support/thrift.hpp"

namespace kerbgate::e2e {
namespace {

constexpr const char* kUsage =
    "shell --connect HOST:PORT [--query TEXT] [options]\n"
    "A stand-in for impala-shell -k: logs in with the ticket cache of the environment, runs a query, prints its row.\n"
    "  --service NAME         default impala\n"
    "  --sasl-host NAME       the host in the ticket's principal (impala-shell's -b); default: HOST\n"
    "  --query TEXT           default `select 1`; `-`: one query a line from standard input, over one connection\n"
    "  --interrupt            Ctrl-C of impala-shell: begin the query, cancel it over a new connection, print its "
    "state\n"
    "                         (3: cancelled) and the coordinator that each of the two connections came to\n"
    "  --repeat N             N connections, one after another\n"
    "  --ca PEM               speak TLS (impala-shell --ssl --ca_cert); HOST is held against the certificate\n"
    "  --certificate PEM      the client's own certificate and key\n"
    "  --source-address A     the address to come from\n"
    "  --one-byte-segments    send every octet in a segment of its own\n";

struct Options {
  std::string host, service = "impala", sasl_host, query = "select 1", source;
  std::uint16_t port = 0;
  int repeat = 1;
  TlsOptions tls;
  bool one_byte_segments = false, interrupt = false;
};

Options parse_options(int argc, char** argv) {
  static const option kOptions[] = {
      {"connect", required_argument, nullptr, 'c'},
      {"service", required_argument, nullptr, 's'},
      {"sasl-host", required_argument, nullptr, 'b'},
      {"query", required_argument, nullptr, 'q'},
      {"repeat", required_argument, nullptr, 'n'},
      {"ca", required_argument, nullptr, 'C'},
      {"certificate", required_argument, nullptr, 'p'},
      {"source-address", required_argument, nullptr, 'a'},
      {"interrupt", no_argument, nullptr, 'i'},
      {"one-byte-segments", no_argument, nullptr, '1'},
      {"help", no_argument, nullptr, 'h'},
      {nullptr, 0, nullptr, 0},
  };
  Options options;
  std::string where;
  for (int found; (found = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) switch (found) {
      case 'c':
        where = optarg;
        break;
      case 's':
        options.service = optarg;
        break;
      case 'b':
        options.sasl_host = optarg;
        break;
      case 'q':
        options.query = optarg;
        break;
      case 'n':
        options.repeat = std::stoi(optarg);
        break;
      case 'C':
        options.tls.ca = optarg;
        break;
      case 'p':
        options.tls.certificate = optarg;
        break;
      case 'a':
        options.source = optarg;
        break;
      case 'i':
        options.interrupt = true;
        break;
      case '1':
        options.one_byte_segments = true;
        break;
      case 'h':
        std::fputs(kUsage, stdout);
        std::exit(0);
      default:
        throw std::runtime_error("see --help");
    }
  const auto colon = where.rfind(':');
  if (colon == std::string::npos) throw std::runtime_error("--connect HOST:PORT is missing, see --help");
  options.host = where.substr(0, colon);
  options.port = static_cast<std::uint16_t>(std::stoul(where.substr(colon + 1)));
  if (options.sasl_host.empty()) options.sasl_host = options.host;
  options.tls.name = options.host;
  return options;
}

/// A HiveServer2 session over one connection.
class Session {
 public:
  explicit Session(Socket& socket) : connection_(socket) {
    session_ = handle(call("OpenSession", [](thrift::Writer& request) { request.i32(1, kProtocolV6); })[3][1]);
  }

  struct Handle {
    std::string guid, secret;
  };

  Handle begin(const std::string& query) {
    return handle(call("ExecuteStatement", [&](thrift::Writer& request) {
      write(request, session_).end();
      request.text(2, query);
    })[2][1]);
  }
  std::int64_t state(const Handle& operation) { return call("GetOperationStatus", about(operation))[2].number; }
  void cancel(const Handle& operation) { call("CancelOperation", about(operation)); }
  std::string ping() {
    return call("PingImpalaHS2Service", [&](thrift::Writer& request) { write(request, session_).end(); })[2].text;
  }

  std::string row_of(const std::string& query) {
    const Handle operation = begin(query);
    const auto with_operation = about(operation);
    if (call("GetOperationStatus", with_operation)[2].number != kFinishedState)
      throw std::runtime_error("the query did not finish");
    const auto results = call("FetchResults", [&](thrift::Writer& request) {
      with_operation(request);
      request.i32(2, kFetchNext).i64(3, kMaxRows);
    })[3];
    call("CloseOperation", with_operation);
    std::string row;
    for (const auto& column : results[3].items) row += (row.empty() ? "" : "\t") + column[7][1].items.at(0).text;
    return row;
  }

  void close() {
    call("CloseSession", [&](thrift::Writer& request) { write(request, session_).end(); });
  }

 private:
  // TCLIService.thrift's numbers
  static constexpr std::int32_t kProtocolV6 = 5, kExecuteStatement = 0, kFinishedState = 2, kFetchNext = 0;
  static constexpr std::int64_t kMaxRows = 1024;
  static Handle handle(const thrift::Value& identifier) { return {identifier[1].text, identifier[2].text}; }
  /// Field 1 of a request: the handle struct, left open.
  static thrift::Writer& write(thrift::Writer& request, const Handle& handle) {
    return request.structure(1).structure(1).text(1, handle.guid).text(2, handle.secret).end();
  }

  static std::function<void(thrift::Writer&)> about(const Handle& operation) {
    return [&operation](thrift::Writer& request) {
      write(request, operation).i32(2, kExecuteStatement).boolean(3, true).end();
    };
  }

  thrift::Value call(const std::string& method, const std::function<void(thrift::Writer&)>& fill) {
    thrift::Writer body;
    body.structure(1);
    fill(body);
    body.end().end();
    connection_.send(thrift::Kind::call, method, ++sequence_, body);
    const thrift::Message answer = connection_.receive();
    if (answer.kind != thrift::Kind::reply) throw std::runtime_error(method + ": " + answer.body[1].text);
    const thrift::Value& response = answer.body[0];
    if (response[1][1].number != 0) throw std::runtime_error(method + ": " + response[1][5].text);
    return response;
  }

  thrift::Connection connection_;
  std::int32_t sequence_ = 0;
  Handle session_;
};

void print(const std::string& row) { std::cout << row << std::endl; }

Socket log_in(const Options& options) {
  gss::Initiator initiator(options.service, options.sasl_host);
  Socket socket = Socket::connect(options.host, options.port, options.source);
  if (options.one_byte_segments) socket.limit_segments(1);
  if (!options.tls.ca.empty()) socket.secure(TlsSide::client(options.tls));
  sasl::initiate(socket, initiator);
  return socket;
}

void interrupt(Session& first, const Options& options) {
  const Session::Handle operation = first.begin(options.query);
  Socket socket = log_in(options);
  Session second(socket);
  const std::string other = second.ping();
  second.cancel(operation);
  print(std::to_string(first.state(operation)) + '\t' + first.ping() + '\t' + other);
  second.close();
}

void converse(const Options& options) {
  Socket socket = log_in(options);
  Session session(socket);
  if (options.interrupt) {
    interrupt(session, options);
  } else if (options.query == "-") {
    for (std::string line; std::getline(std::cin, line);) print(session.row_of(line));
  } else {
    print(session.row_of(options.query));
  }
  session.close();
}

}  // namespace
}  // namespace kerbgate::e2e

int main(int argc, char** argv) {
  using namespace kerbgate::e2e;
  try {
    const Options options = parse_options(argc, argv);
    for (int i = 0; i < options.repeat; ++i) converse(options);
    return 0;
  } catch (const EndOfStream&) {
    std::fputs("TSocket read 0 bytes\n", stderr);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  return 1;
}
