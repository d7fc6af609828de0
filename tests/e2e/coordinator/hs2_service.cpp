#include "coordinator/hs2_service.hpp"

#include <array>

namespace kerbgate::e2e {
namespace {

using thrift::Value;
using thrift::Writer;

// TCLIService.thrift's numbers
constexpr std::int32_t kSuccess = 0, kError = 3, kInvalidHandle = 4;
constexpr std::int32_t kProtocolV6 = 5, kStringType = 7, kExecuteStatement = 0, kRunningState = 1, kFinishedState = 2,
                       kCancelledState = 3;
constexpr std::int32_t kUnknownMethod = 1;  ///< TApplicationException
constexpr std::size_t kHandleOctets = 16;

const std::array<std::string, 3> kColumns{"user", "coordinator", "statement"};

Writer& status(Writer& out, std::int32_t code = kSuccess, const std::string& text = "") {
  out.structure(1).i32(1, code);
  if (!text.empty()) out.text(5, text);
  return out.end();
}

Writer& handle(Writer& out, std::int16_t field, const std::string& guid) {
  return out.structure(field).text(1, guid).text(2, guid).end();
}

/// The guid in a request's TSessionHandle or TOperationHandle, which is its first field.
const std::string& handle_of(const Value& request) { return request[1][1][1].text; }

void no_such_operation(Writer& out) { status(out, kInvalidHandle, "Invalid or unknown query handle"); }
void no_such_session(Writer& out, const std::string& guid) { status(out, kError, "Invalid session id: " + guid); }

}  // namespace

Hs2Service::Hs2Service(std::string name) : name_(std::move(name)) {}

const std::map<std::string, Hs2Service::Method>& Hs2Service::methods() {
  static const std::map<std::string, Method> table{
      {"OpenSession", &Hs2Service::open_session},
      {"CloseSession", &Hs2Service::close_session},
      {"ExecuteStatement", &Hs2Service::execute_statement},
      {"GetOperationStatus", &Hs2Service::get_operation_status},
      {"GetResultSetMetadata", &Hs2Service::get_result_set_metadata},
      {"FetchResults", &Hs2Service::fetch_results},
      {"CancelOperation", &Hs2Service::cancel_operation},
      {"CloseOperation", &Hs2Service::close_operation},
      {"CloseImpalaOperation", &Hs2Service::close_operation},
      {"GetLog", &Hs2Service::get_log},
      {"GetInfo", &Hs2Service::get_info},
      {"PingImpalaHS2Service", &Hs2Service::ping},
  };
  return table;
}

Hs2Service::Answer Hs2Service::answer(const thrift::Message& call, const std::string& user) {
  Answer answer;
  const auto method = methods().find(call.method);
  if (method == methods().end()) {
    answer.kind = thrift::Kind::exception;
    answer.body.text(1, "Invalid method name: '" + call.method + "'").i32(2, kUnknownMethod).end();
    return answer;
  }
  answer.body.structure(0);
  (this->*method->second)(call.body[1], user, answer.body);
  answer.body.end().end();
  return answer;
}

std::string Hs2Service::new_handle() {
  const std::lock_guard lock(mutex_);
  std::string guid = name_ + "-" + std::to_string(++handles_);
  guid.insert(0, kHandleOctets - std::min(guid.size(), kHandleOctets), '.');
  return guid.substr(guid.size() - kHandleOctets);
}

void Hs2Service::open_session(const Value&, const std::string&, Writer& out) {
  const std::string guid = new_handle();
  {
    const std::lock_guard lock(mutex_);
    sessions_.insert(guid);
  }
  status(out).i32(2, kProtocolV6);
  out.structure(3);
  handle(out, 1, guid).end();
  out.pairs(4, {{"http_addr", name_ + ":25000"}});
}

void Hs2Service::execute_statement(const Value& request, const std::string& user, Writer& out) {
  const std::string guid = new_handle();
  {
    const std::lock_guard lock(mutex_);
    if (!sessions_.contains(handle_of(request))) return no_such_session(out, handle_of(request));
    operations_[guid] = {user, request[2].text};
  }
  status(out).structure(2);
  handle(out, 1, guid).i32(2, kExecuteStatement).boolean(3, true).end();
}

void Hs2Service::get_operation_status(const Value& request, const std::string&, Writer& out) {
  const std::lock_guard lock(mutex_);
  const auto found = operations_.find(handle_of(request));
  if (found == operations_.end()) return no_such_operation(out);
  const std::string& statement = found->second.statement;
  const bool waits = statement.starts_with("wait") || statement.find("sleep(") != std::string::npos;
  status(out).i32(2, found->second.cancelled ? kCancelledState : waits ? kRunningState : kFinishedState);
  out.boolean(9, !waits);
}

void Hs2Service::get_result_set_metadata(const Value&, const std::string&, Writer& out) {
  status(out).structure(2).structures(1, kColumns.size());
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    out.text(1, kColumns[i]);
    out.structure(2).structures(1, 1).structure(1).i32(1, kStringType).end().end().end();
    out.i32(3, static_cast<std::int32_t>(i + 1)).end();
  }
  out.end();
}

void Hs2Service::fetch_results(const Value& request, const std::string&, Writer& out) {
  const std::lock_guard lock(mutex_);
  const auto found = operations_.find(handle_of(request));
  if (found == operations_.end()) return no_such_operation(out);
  Operation& operation = found->second;
  const bool rows = !operation.fetched && request[4].number == 0;  // fetchType 1 asks for a log
  if (rows) operation.fetched = true;
  status(out).boolean(2, false).structure(3).i64(1, 0).structures(2, 0).structures(3, kColumns.size());
  for (const std::string& value : {operation.user, name_, operation.statement})
    out.structure(7).texts(1, rows ? std::vector{value} : std::vector<std::string>{}).text(2, {"\0", 1}).end().end();
  out.end();
}

void Hs2Service::close_session(const Value& request, const std::string&, Writer& out) {
  const std::lock_guard lock(mutex_);
  if (sessions_.erase(handle_of(request)) == 0) return no_such_session(out, handle_of(request));
  status(out);
}

void Hs2Service::cancel_operation(const Value& request, const std::string&, Writer& out) {
  const std::lock_guard lock(mutex_);
  const auto found = operations_.find(handle_of(request));
  if (found == operations_.end()) return no_such_operation(out);
  found->second.cancelled = true;
  status(out);
}

void Hs2Service::close_operation(const Value& request, const std::string&, Writer& out) {
  const std::lock_guard lock(mutex_);
  operations_.erase(handle_of(request));
  status(out);
}

void Hs2Service::get_log(const Value&, const std::string&, Writer& out) { status(out).text(2, ""); }

/// Whatever is asked about the server: Beeline asks for its name, JDBC programs for its version.
void Hs2Service::get_info(const Value&, const std::string&, Writer& out) {
  status(out).structure(2).text(1, "Impala").end();
}

void Hs2Service::ping(const Value&, const std::string&, Writer& out) {
  status(out).text(2, "coordinator " + name_).text(3, name_ + ":25000");
}

}  // namespace kerbgate::e2e
