#include "hs2/method.hpp"

#include <algorithm>

namespace kerbgate::hs2 {
namespace {

constexpr std::size_t kGuid = 16, kLongestId = 64;

/// request (1), its TSessionHandle or TOperationHandle (1), THandleIdentifier (1), guid (1)
constexpr Path kOfHandle{{1, 1, 1, 1}, 4, kGuid, kGuid};
/// one TExecuteStatementReq (1) deeper
constexpr Path kOfPlanned{{1, 1, 1, 1, 1}, 5, kGuid, kGuid};
/// TOpenSessionResp: sessionHandle (3)
constexpr Path kNewSession{{0, 3, 1, 1}, 4, kGuid, kGuid};
/// T...Resp: operationHandle (2)
constexpr Path kNewOperation{{0, 2, 1, 1}, 4, kGuid, kGuid};
/// beeswax: QueryHandle, id (1)
constexpr Path kOfQuery{{1, 1}, 2, 1, kLongestId};
constexpr Path kNewQuery{{0, 1}, 2, 1, kLongestId};
constexpr Path kNone{};

constexpr std::array kMethods{
    Method{kOpenSession, kNone, kNewSession},
    Method{"ExecuteStatement", kOfHandle, kNewOperation},
    Method{"ExecutePlannedStatement", kOfPlanned, kNewOperation},
    Method{"GetTypeInfo", kOfHandle, kNewOperation},
    Method{"GetCatalogs", kOfHandle, kNewOperation},
    Method{"GetSchemas", kOfHandle, kNewOperation},
    Method{"GetTables", kOfHandle, kNewOperation},
    Method{"GetTableTypes", kOfHandle, kNewOperation},
    Method{"GetColumns", kOfHandle, kNewOperation},
    Method{"GetFunctions", kOfHandle, kNewOperation},
    Method{"GetPrimaryKeys", kOfHandle, kNewOperation},
    Method{"GetCrossReference", kOfHandle, kNewOperation},
    Method{"query", kNone, kNewQuery},
    Method{"executeAndWait", kNone, kNewQuery},
    Method{"fetch", kOfQuery, kNone},
    Method{"get_state", kOfQuery, kNone},
    Method{"get_results_metadata", kOfQuery, kNone},
    Method{"close", kOfQuery, kNone},
    Method{"Cancel", kOfQuery, kNone},
    Method{"CloseInsert", kOfQuery, kNone},
    Method{"GetRuntimeProfile", kOfHandle, kNone},
};
constexpr Method kOther{{}, kOfHandle, kNone};

}  // namespace

const Method& method(std::string_view name) {
  const auto* found =
      std::find_if(kMethods.begin(), kMethods.end(), [&](const Method& known) { return known.name == name; });
  return found == kMethods.end() ? kOther : *found;
}

}  // namespace kerbgate::hs2
