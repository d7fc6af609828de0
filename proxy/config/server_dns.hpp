#pragma once

#include "config/option.hpp"

/// What a server line says of how its name is looked up.
namespace kerbgate::config {

void set_resolve_prefer(const OptionUse<Server>& use);
void set_resolve_opts(const OptionUse<Server>& use);
void set_init_addr(const OptionUse<Server>& use);

/// The `resolvers` sections that servers name have to be there, and SRV records need one. Sections that ask Impala get
/// their own times, and servers know of it.
void check_resolvers(const Draft& draft, Config& config, Report& report);

}  // namespace kerbgate::config
