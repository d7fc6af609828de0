#pragma once

#include "kerbgate/fd.hpp"

namespace kerbgate::net {

using kerbgate::Fd;

}  // namespace kerbgate::net
