#pragma once

#include "kerbgate/sasl_frame.hpp"

/// The words of SASL frames, which keytool shares, as the login's files use them.
namespace kerbgate::login {

using Bytes = sasl::Bytes;
using sasl::classify_reply;
using sasl::frame;
using sasl::frame_around;
using sasl::Header;
using sasl::is_status;
using sasl::kHeaderSize;
using sasl::kMaxText;
using sasl::plain;
using sasl::read_header;
using sasl::Reply;
using sasl::Status;

}  // namespace kerbgate::login
