#pragma once

#include "diagnosis/cause.hpp"

/// The parts of the table, in its order.
namespace kerbgate::diagnosis {

std::span<const CauseRow> key_causes();
std::span<const CauseRow> keytab_causes();
std::span<const CauseRow> flag_causes();
std::span<const CauseRow> flagfile_causes();
std::span<const CauseRow> name_causes();
std::span<const CauseRow> network_causes();

}  // namespace kerbgate::diagnosis
