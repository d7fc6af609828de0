#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "kerbgate/keytab.hpp"

/// One record of a keytab file: where its fields stand, and what is wrong with them. Pure; allocates nothing by a
/// length that was not checked against the bytes at hand.
namespace kerbgate::keytab {

using Bytes = std::span<const std::uint8_t>;

/// 0x0502 is big-endian; 0x0501 has the byte order of the machine that wrote it, counts the realm as a component and
/// has no name type.
struct Format {
  int version = 2;
  std::endian order = std::endian::big;
};

inline constexpr std::size_t kHeaderSize = 2;
inline constexpr std::size_t kLengthSize = 4;

/// Lengths and counts are signed 16-bit numbers to libkrb5, which stops reading at 0 and below.
inline constexpr std::size_t kMaxOctets = 32767;

std::uint16_t number16(Bytes bytes, std::size_t at, std::endian order);
std::uint32_t number32(Bytes bytes, std::size_t at, std::endian order);

/// What makes a record unreadable: one field of it.
struct Fault {
  enum class Kind { runs_past, empty, too_long };
  Kind kind;
  const char* field;  ///< "realm", "component", "key", ...
  std::size_t at;     ///< byte of the file at which the field (or its length) stands
  std::size_t value;  ///< its length or count
};

/// Where the fields of one record stand in the file.
struct Layout {
  std::size_t components = 0;
  std::size_t names = 0;  ///< the realm's length, then the components
  std::size_t fixed = 0;  ///< the first byte after the names
  std::size_t key = 0;
  std::size_t end = 0;  ///< the first byte after the key
  std::optional<Fault> fault;
};

/// The fields of a record whose first byte after the length field is `begin` and which may not reach past `limit`
/// (<= bytes.size()).
Layout layout_of(Bytes bytes, std::size_t begin, std::size_t limit, Format format);

/// "realm at byte 12 is empty", "key at byte 80 of 32 bytes runs past byte 98".
std::string describe(const Fault& fault, std::size_t limit);

/// The entry of a layout without fault. `limit` is the end of the record as its length field gives it: four bytes
/// between the key and there are the 32-bit kvno.
Entry entry_of(Bytes bytes, const Layout& layout, std::size_t limit, Format format);

}  // namespace kerbgate::keytab
