#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "support/thrift.hpp"

namespace kerbgate::e2e {

/// As much of ImpalaHiveServer2Service as a client needs for a query: every statement has one row, of the strings user,
/// coordinator, statement. Handles belong to this coordinator, not to the connection that made them: one of another
/// coordinator is refused in impalad's words. A statement that begins with `wait` runs until it is cancelled.
/// Thread-safe.
class Hs2Service {
 public:
  explicit Hs2Service(std::string name);

  struct Answer {
    thrift::Kind kind = thrift::Kind::reply;
    thrift::Writer body;  ///< result struct, closed
  };
  Answer answer(const thrift::Message& call, const std::string& user);

 private:
  using Method = void (Hs2Service::*)(const thrift::Value& request, const std::string& user, thrift::Writer& response);
  static const std::map<std::string, Method>& methods();

  void open_session(const thrift::Value&, const std::string& user, thrift::Writer&);
  void close_session(const thrift::Value&, const std::string& user, thrift::Writer&);
  void cancel_operation(const thrift::Value&, const std::string& user, thrift::Writer&);
  void execute_statement(const thrift::Value&, const std::string& user, thrift::Writer&);
  void get_operation_status(const thrift::Value&, const std::string& user, thrift::Writer&);
  void get_result_set_metadata(const thrift::Value&, const std::string& user, thrift::Writer&);
  void fetch_results(const thrift::Value&, const std::string& user, thrift::Writer&);
  void close_operation(const thrift::Value&, const std::string& user, thrift::Writer&);
  void get_log(const thrift::Value&, const std::string& user, thrift::Writer&);
  void get_info(const thrift::Value&, const std::string& user, thrift::Writer&);
  void ping(const thrift::Value&, const std::string& user, thrift::Writer&);

  struct Operation {
    std::string user, statement;
    bool fetched = false, cancelled = false;
  };
  std::string new_handle();

  const std::string name_;
  std::mutex mutex_;
  std::uint64_t handles_ = 0;
  std::set<std::string> sessions_;               ///< handles
  std::map<std::string, Operation> operations_;  ///< by handle
};

}  // namespace kerbgate::e2e
