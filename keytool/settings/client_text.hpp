#pragma once

#include "settings/client_settings.hpp"

namespace kerbgate {

/// The settings as the client reads them, lines that end in LF: a command line (impala-shell, beeline), Python
/// (impyla), a part of hue.ini or odbc.ini, a URL (jdbc, simba-jdbc).
std::string client_text(Client client, const ClientSetup& setup, const ClientSettings& settings);

/// False for a URL: it holds the settings alone, and notes and reasons have to be said elsewhere.
bool has_comments(Client client);

}  // namespace kerbgate
