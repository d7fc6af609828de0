#include "options.hpp"

#include <arpa/inet.h>

#include <boost/program_options.hpp>
#include <cstdlib>
#include <iostream>

#include "wire.hpp"

namespace kerbgate::bench {
namespace po = boost::program_options;
namespace {

sockaddr_in address(const std::string& text) {
  sockaddr_in out{};
  const std::size_t colon = text.rfind(':');
  out.sin_family = AF_INET;
  out.sin_port = htons(std::uint16_t(std::atoi(text.substr(colon + 1).c_str())));
  if (colon == std::string::npos || ::inet_pton(AF_INET, text.substr(0, colon).c_str(), &out.sin_addr) != 1)
    throw po::error("'" + text + "' is not ADDRESS:PORT");
  return out;
}

Mode mode(const std::string& text) {
  for (const Mode mode : {Mode::bulk, Mode::ask, Mode::churn, Mode::idle, Mode::login})
    if (text == name(mode)) return mode;
  throw po::error("mode '" + text + "' is none of bulk, ask, churn, idle, login");
}

}  // namespace

const char* name(Mode mode) {
  static constexpr const char* kNames[] = {"bulk", "ask", "churn", "idle", "login"};
  return kNames[int(mode)];
}

Options read_options(int argc, char** argv) {
  Options out;
  std::string connect, backend, mode_text = "ask";
  po::options_description known("load: clients and backend of a proxy in one process; prints one line of JSON");
  auto add = known.add_options();
  add("help", "this");
  add("connect", po::value(&connect)->required(), "ADDRESS:PORT of the proxy; the backend's own for no proxy");
  add("backend", po::value(&backend)->required(), "ADDRESS:PORT to serve at");
  add("mode", po::value(&mode_text), "bulk, ask, churn, idle or login");
  add("connections", po::value(&out.connections), "at a time");
  add("request", po::value(&out.request), "octets of a request");
  add("answer", po::value(&out.answer), "octets of an answer");
  add("rate", po::value(&out.rate), "ask: requests a second, latency counted from when each was due");
  add("greedy", po::value(&out.greedy), "ask: of the connections, how many carry endless streams beside the others");
  add("up", po::bool_switch(&out.up), "bulk: from client to backend");
  add("warm", po::value(&out.warm), "seconds before it measures");
  add("seconds", po::value(&out.seconds), "that it measures");
  add("hold", po::value(&out.hold), "idle: seconds of rest before memory is read");
  add("sources", po::value(&out.sources), "addresses to connect from");
  add("ports", po::value(&out.ports), "of the proxy, from that of --connect on, in turn");
  add("service", po::value(&out.kerberos.service), "login: whose tickets; the cache is the environment's");
  add("keytab", po::value(&out.kerberos.keytab), "login: with the service's key, for the backend");
  add("principals", po::value(&out.kerberos.principals), "login: so many clients, with tickets made by that key");
  add("logins", po::value(&out.kerberos.logins), "login: made beforehand; the run ends with the last");
  add("tls", po::bool_switch(&out.tls), "speak TLS to the proxy");
  add("backend-tls", po::bool_switch(&out.backend_tls), "serve TLS");
  add("certificate", po::value(&out.certificate), "PEM with key, of the backend");
  add("pid", po::value(&out.processes)->multitoken(), "of the proxy: what CPU and memory are read of");
  add("wait", po::bool_switch(&out.wait),
      "serve, say `ready`, and begin when a line of process ids has come: a proxy that checks its server finds it");
  add("label", po::value(&out.label), "goes into the line");
  try {
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, known), values);
    if (values.count("help") != 0) {
      std::cout << known;
      std::exit(0);
    }
    po::notify(values);
    out.connect = address(connect);
    out.backend = address(backend);
    out.mode = mode(mode_text);
    if (out.request < kHeader) throw po::error("a request has at least " + std::to_string(kHeader) + " octets");
    if (out.mode == Mode::login && out.kerberos.keytab.empty()) throw po::error("logins need --keytab");
    if (out.greedy >= out.connections || (out.greedy != 0 && out.mode != Mode::ask))
      throw po::error("greedy connections go beside others that ask");
    if (out.connections == 0 || out.sources == 0 || out.sources > 200 || out.ports == 0)
      throw po::error("nobody would connect");
  } catch (const po::error& error) {
    std::cerr << "load: " << error.what() << "; see load --help\n";
    std::exit(2);
  }
  return out;
}

}  // namespace kerbgate::bench
