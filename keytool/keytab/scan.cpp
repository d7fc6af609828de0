#include <algorithm>

#include "counted.hpp"
#include "kerbgate/keytab.hpp"
#include "keytab/record.hpp"

namespace kerbgate::keytab {
namespace {

/// Reads the records of one file in one byte order.
class Scanner {
 public:
  Scanner(Bytes bytes, Format format) : bytes_(bytes), format_(format) {
    scan_.version = format.version;
    scan_.size = bytes.size();
  }

  Scan run() {
    std::size_t at = kHeaderSize;
    while (at < bytes_.size()) at = step(at);
    return std::move(scan_);
  }

 private:
  /// Takes what stands at `at` and returns where the next length field is; the file's size ends the scan.
  std::size_t step(std::size_t at) {
    const std::size_t left = bytes_.size() - at;
    if (left < kLengthSize) return tail(at, left);
    const std::int32_t length = length_at(at);
    const std::size_t begin = at + kLengthSize;
    const std::size_t size = magnitude(length);
    const bool fits = size <= bytes_.size() - begin;
    if (length < 0 && fits) {
      ++scan_.holes;
      return begin + size;
    }
    if (length <= 0) return recover(at, bad_length(length, begin), false);
    if (!fits && counts_a_name_type(begin, size)) return record(at, bytes_.size());
    if (!fits) {
      return recover(
          at, "record needs " + std::to_string(size) + " bytes, " + std::to_string(bytes_.size() - begin) + " left",
          true);
    }
    return record(at, begin + size);
  }

  /// libkrb5 writes a length 4 too large into 0x0501, for a name type that this format has not: the file's last record
  /// then claims 4 bytes that are not there. Its key and its 32-bit kvno, with which the file ends, are whole.
  [[nodiscard]] bool counts_a_name_type(std::size_t begin, std::size_t size) const {
    if (format_.version != 1 || size != bytes_.size() - begin + 4) return false;
    const Layout layout = layout_of(bytes_, begin, bytes_.size(), format_);
    return !layout.fault && layout.end + 4 == bytes_.size();
  }

  std::size_t record(std::size_t at, std::size_t end) {
    const std::size_t begin = at + kLengthSize;
    const Layout layout = layout_of(bytes_, begin, end, format_);
    if (layout.fault) {
      return recover(at, "record of " + std::to_string(end - begin) + " bytes: " + describe(*layout.fault, end), true);
    }
    if (const std::string wrong = trailing_fault(layout.end, end); !wrong.empty()) return recover(at, wrong, true);
    scan_.entries.push_back(entry_of(bytes_, layout, end, format_));
    scan_.entries.back().offset = at;
    doubt_key_length(scan_.entries.back());
    doubt_kvno(scan_.entries.back(), bytes_[layout.key - 5]);
    return end;
  }

  /// What may stand between the key and the record's end: nothing; a 32-bit kvno; that and Heimdal's four bytes of
  /// flags; and the zeros that fill a re-used hole. Anything else may be another record, swallowed by a wrong length.
  [[nodiscard]] std::string trailing_fault(std::size_t key_end, std::size_t end) const {
    const std::size_t rest = end - key_end;
    const std::size_t free = rest < 4 ? 0 : std::min<std::size_t>(rest, 8);
    const auto fill = bytes_.subspan(key_end + free, rest - free);
    const bool zeros = std::ranges::all_of(fill, [](std::uint8_t byte) { return byte == 0; });
    if (zeros && (rest == 0 || rest >= 4 || sane(end))) return {};
    return "record of the wrong length: " + counted(rest, "byte") + " after the key at byte " +
           std::to_string(key_end) + (rest < 4 ? ", a 32-bit kvno has 4" : " are neither a kvno nor zeros");
  }

  void doubt_key_length(const Entry& entry) {
    const std::size_t wanted = enctype_key_length(entry.enctype);
    if (wanted == 0 || wanted == entry.key.size()) return;
    scan_.damage.push_back({entry.offset,
                            "key of " + counted(entry.key.size(), "byte") + ", " + enctype_name(entry.enctype) +
                                " has " + std::to_string(wanted) + " (" + entry.principal.printable() + ")",
                            0, false});
  }

  /// Every writer puts the low 8 bits of the 32-bit kvno into the octet before the enctype: where they differ, one of
  /// the two, or what a wrong component count made of them, is no kvno.
  void doubt_kvno(const Entry& entry, std::uint8_t narrow) {
    if (static_cast<std::uint8_t>(entry.kvno) == narrow) return;
    scan_.damage.push_back({entry.offset,
                            "8-bit kvno " + std::to_string(narrow) + " and 32-bit kvno " + std::to_string(entry.kvno) +
                                " disagree (" + entry.principal.printable() + ")",
                            0, false});
  }

  std::size_t tail(std::size_t at, std::size_t left) {
    // A length starts with a zero byte; anything else is not the beginning of a record that was cut off.
    const bool cut = bytes_[at] == 0;
    return stop(at,
                counted(left, "byte") + " left, too few for a record's length" +
                    (cut ? ": the file is cut short" : ": not part of a keytab"),
                cut ? 1 : 0, cut);
  }

  /// The record at `at` cannot be trusted. Goes on at its end when a sound record, a hole or the file's end is there:
  /// the end that its fields give (with and without kvno and flags), the one that its length gives, or, when four stray
  /// bytes were taken for a length, right after them. Failing that, where its length points if a length can be there.
  std::size_t recover(std::size_t at, const std::string& reason, bool record) {
    const std::size_t begin = at + kLengthSize;
    const std::size_t size = magnitude(length_at(at));
    const bool ends_inside = record && size <= bytes_.size() - begin;
    const Layout natural = layout_of(bytes_, begin, bytes_.size(), format_);
    for (const std::size_t extra : {4, 8, 0}) {
      const std::size_t end = natural.end + extra;
      if (natural.fault || end > bytes_.size() || !sane(end)) continue;
      return lose(at, reason, 1, end, record && !ends_inside && end == bytes_.size());
    }
    if (ends_inside && sane(begin + size)) return lose(at, reason, 1, begin + size);
    if (begin < bytes_.size() && sane(begin)) return lose(at, reason, 0, begin);
    if (ends_inside && possible_length(begin + size)) return lose(at, reason, 1, begin + size);
    const bool followed = record && (ends_inside || !cut_short(natural));
    return stop(at, reason + (followed ? "; what follows cannot be told apart" : ""), record || !natural.fault ? 1 : 0,
                record && !followed);
  }

  /// The file ends inside this record: in its fields, or in the kvno and flags after them.
  [[nodiscard]] bool cut_short(const Layout& natural) const {
    if (natural.fault) return natural.fault->kind == Fault::Kind::runs_past;
    return bytes_.size() - natural.end < 8;
  }

  std::size_t lose(std::size_t at, const std::string& reason, std::size_t entries, std::size_t next, bool cut = false) {
    scan_.damage.push_back({at, reason, entries, true, cut});
    return next;
  }

  std::size_t stop(std::size_t at, const std::string& reason, std::size_t entries, bool cut) {
    return lose(at, reason, entries, bytes_.size(), cut);
  }

  /// The file's end, a hole inside it, or a record whose fields fit its length.
  [[nodiscard]] bool sane(std::size_t at) const {
    if (at == bytes_.size()) return true;
    if (!possible_length(at)) return false;
    const std::int32_t length = length_at(at);
    const std::size_t begin = at + kLengthSize;
    return length < 0 || !layout_of(bytes_, begin, begin + magnitude(length), format_).fault;
  }

  [[nodiscard]] bool possible_length(std::size_t at) const {
    if (bytes_.size() - at < kLengthSize) return false;
    const std::int32_t length = length_at(at);
    return length != 0 && magnitude(length) <= bytes_.size() - at - kLengthSize;
  }

  [[nodiscard]] std::string bad_length(std::int32_t length, std::size_t begin) const {
    if (length == 0) {
      return "record length 0: libkrb5 stops here, " + counted(bytes_.size() - begin, "byte") + " before the end";
    }
    return "hole of " + std::to_string(magnitude(length)) + " bytes, " + std::to_string(bytes_.size() - begin) +
           " left";
  }

  [[nodiscard]] std::int32_t length_at(std::size_t at) const {
    return static_cast<std::int32_t>(number32(bytes_, at, format_.order));
  }
  static std::size_t magnitude(std::int32_t length) {
    return static_cast<std::size_t>(length < 0 ? -std::int64_t{length} : std::int64_t{length});
  }

  Bytes bytes_;
  Format format_;
  Scan scan_;
};

constexpr std::endian kOther = std::endian::native == std::endian::little ? std::endian::big : std::endian::little;

/// 0x0501 does not say whose byte order it has: this machine's, unless the other one gives more entries.
Scan scan_version_1(Bytes bytes) {
  Scan own = Scanner(bytes, {1, std::endian::native}).run();
  if (own.sound()) return own;
  Scan other = Scanner(bytes, {1, kOther}).run();
  if (other.entries.size() <= own.entries.size()) return own;
  const std::string machine = kOther == std::endian::big ? "big" : "little";
  other.damage.insert(
      other.damage.begin(),
      {kHeaderSize,
       "format 0x0501 written on a " + machine + "-endian machine: libkrb5 here finds no entry in it, " +
           counted(other.entries.size(), "entry", "entries") + " can be read in that order",
       0, true});
  return other;
}

Error not_a_keytab(Bytes bytes) {
  if (bytes.empty()) return {Errc::not_a_keytab, "not a keytab: the file is empty"};
  constexpr char kHex[] = "0123456789abcdef";
  std::string first;
  for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 2))) {
    first += {' ', kHex[byte >> 4], kHex[byte & 15]};
  }
  if (bytes.size() == 1) return {Errc::not_a_keytab, "not a keytab: one byte," + first};
  const bool version = bytes[0] == 5;
  return {Errc::not_a_keytab, (version ? "not a keytab of a known format: first bytes" : "not a keytab: first bytes") +
                                  first + ", a keytab has 05 02"};
}

}  // namespace

Result<Scan> scan(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kHeaderSize || bytes[0] != 5 || (bytes[1] != 1 && bytes[1] != 2)) return not_a_keytab(bytes);
  if (bytes[1] == 1) return scan_version_1(bytes);
  return Scanner(bytes, {2, std::endian::big}).run();
}

}  // namespace kerbgate::keytab
