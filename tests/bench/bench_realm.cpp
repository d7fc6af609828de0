#include <boost/json.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include "support/realm.hpp"

/// bench_realm: a realm for measurements, with the service impala/lb.example.test and a user who has a ticket for it.
/// Says in a line of JSON where they are, and keeps them until its input ends. Exit status 77 when there is no KDC.
int main() try {
  using namespace kerbgate::e2e;
  const std::string service = "impala/lb.example.test";
  const TempDir dir;
  Realm realm(dir, {.ticket_lifetime = "10h"});
  realm.add_service(service);
  realm.add_user("alice");
  const std::string keytab = dir / "service.keytab";
  realm.export_keytab({service}, keytab);
  const Environment environment = realm.login("alice");
  run_ok({"kvno", service}, environment);
  boost::json::object variables;
  for (const auto& [name, value] : environment) variables[name] = value;
  const boost::json::object said{{"environment", variables}, {"keytab", keytab}, {"service", service}};
  std::cout << said << std::endl;
  for (std::string line; std::getline(std::cin, line);) continue;
  return 0;
} catch (const std::exception& failure) {
  std::fprintf(stderr, "bench_realm: %s\n", failure.what());
  return std::string(failure.what()).find("is not installed") != std::string::npos ? 77 : 3;
}
