#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/principal.hpp"
#include "kerbgate/result.hpp"
#include "kerbgate/secret.hpp"

/// Keytab files: MIT's format 0x0502 (doc/formats/keytab_file_format.rst in krb5), and 0x0501 for reading.
namespace kerbgate::keytab {

/// One key. Everything that the format holds is kept; nothing is renumbered, restamped or renamed.
struct Entry {
  Principal principal;          ///< name type 1 where the file has none (0x0501)
  std::uint32_t timestamp = 0;  ///< seconds since 1970, unsigned: to 2106
  std::uint32_t kvno = 0;       ///< the 32-bit one where the record has it and it is not 0, else the 8-bit one
  std::int32_t enctype = 0;     ///< IANA number; the format holds 16 bits
  Secret key;
  std::uint64_t offset = 0;  ///< where the record's length field stands in the file it was read from; 0 when made here

  [[nodiscard]] Entry copy() const;
};

/// Same principal, kvno and enctype: what must not hold two different keys.
bool same_slot(const Entry& a, const Entry& b);
/// Same slot, key and name type. The timestamp does not count: the same key exported twice is one key.
bool same_key(const Entry& a, const Entry& b);

/// One thing wrong with a file.
struct Damage {
  std::uint64_t offset = 0;  ///< byte offset in the file
  std::string reason;        ///< "record needs 72 bytes, 52 left"
  std::size_t entries_lost = 0;
  bool fatal = true;  ///< false: a doubt about an entry that can still be read (a key length wrong for its enctype)
  bool cut = false;   ///< the file ends inside this record: it has been cut short
};

/// Which file, in which state: two that are equal hold the same bytes.
struct FileState {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_seconds = 0, modified_nanoseconds = 0;
  friend bool operator==(const FileState&, const FileState&) = default;
};

/// A file as a strict reader sees it. Holes (negative lengths) are counted, not damage.
struct Scan {
  int version = 2;  ///< 1 for 0x0501, 2 for 0x0502
  std::vector<Entry> entries;
  std::vector<Damage> damage;
  std::size_t holes = 0;
  std::uint64_t size = 0;          ///< bytes
  std::optional<FileState> state;  ///< of a regular file, when it was read

  [[nodiscard]] bool sound() const noexcept { return damage.empty(); }
};

/// Reads every byte; pure. Errc::not_a_keytab when the first two bytes are not 05 01 or 05 02 (an empty file included).
/// Everything else that is wrong becomes Damage with its offset, and the records that can still be trusted are kept.
Result<Scan> scan(std::span<const std::uint8_t> bytes);

/// scan() of a file, held against libkrb5's own reader: an entry on which the two disagree is Damage.
/// `path` may carry the FILE: or WRFILE: prefix; "-" is standard input. Other types are Errc::unsupported.
Result<Scan> read(const std::string& path);

/// The same of a regular file alone: a pipe or a device is Errc::io at once, and never waited for.
Result<Scan> read_regular(const std::string& path);

/// Which key stays when one slot holds two.
enum class Prefer { fail, first, last };

struct MergeOptions {
  Prefer prefer = Prefer::fail;
  bool newest_kvno_only = false;  ///< per principal, as libkrb5 tells the newest
  bool account_only = false;      ///< leave `Merged::entries` empty: no key is copied to be looked at
};

/// A conflict that merge() met: indexes into the list of inputs and their entries.
struct Clash {
  std::size_t first_input, first_entry, second_input, second_entry;
};

/// An entry of merge()'s input: which list, and which of its entries.
struct Origin {
  std::size_t input = 0, entry = 0;
  friend bool operator==(const Origin&, const Origin&) = default;
};

struct Merged {
  enum class Why { duplicate, older, conflict };
  struct Dropped {
    Origin entry;
    Why why;
    Origin winner;  ///< what stays instead; meaningless for `older`
  };

  std::vector<Entry> entries;    ///< order of first appearance
  std::vector<Origin> origins;   ///< of each entry of `entries`
  std::vector<Dropped> dropped;  ///< every input entry that is not in `entries`, unless refused
  std::size_t duplicates = 0;    ///< exact ones dropped
  std::size_t older = 0;         ///< dropped by newest_kvno_only
  std::vector<Clash> clashes;    ///< all of them, resolved or not
  bool refused = false;          ///< there are clashes and `prefer` is fail: entries is empty
};

/// Pure. Of two exact duplicates the newer timestamp stays, in the place of the first. One key under two name types is
/// no conflict: both stay. With newest_kvno_only the older kvnos are gone before conflicts are looked for; the newest
/// is the one that libkrb5 would use (the largest, mind the wrap of 8-bit numbers, which timestamps tell).
Merged merge(std::span<const std::vector<Entry>> inputs, const MergeOptions& options);

/// 0x0502 bytes: 8-bit and 32-bit kvno both written. Errc::unrepresentable for what the format or libkrb5 cannot read
/// back: a component, realm or key of 0 or of more than 32,767 octets, no components, an enctype outside 16 bits.
Result<Secret> encode(std::span<const Entry> entries);

struct WriteOptions {
  std::optional<std::string> owner;  ///< USER[:GROUP], names or numbers
  std::optional<unsigned> mode;      ///< 0400; only these 12 bits
  /// How long to wait for a libkrb5 program that has the replaced file locked, before Errc::io.
  std::chrono::milliseconds lock_wait{5000};
  /// The state in which the file that is replaced was read: if it has changed since (another program added a key), it
  /// stays and Errc::conflict says so. Without it any state is replaced.
  std::optional<FileState> unchanged_since;
};

/// Replaces `path` (symbolic links followed) as one act: a temporary file in the same directory, mode and owner (those
/// of the file that is replaced unless told), fsync, read back through libkrb5 and compared field by field, rename,
/// fsync of the directory. On any failure the target is as it was and the temporary file is gone. What is there and is
/// neither empty nor a keytab is not replaced; other hard links to it keep the old content.
Result<void> write_file(const std::string& path, std::span<const Entry> entries, const WriteOptions& options);

/// "aes256-cts-hmac-sha1-96" for 18; the number for one that libkrb5 does not know.
std::string enctype_name(std::int32_t enctype);
/// Name, alias or number; Errc::invalid with the known ones otherwise.
Result<std::int32_t> parse_enctype(std::string_view text);
/// Octets of a key, 0 when the enctype is unknown.
std::size_t enctype_key_length(std::int32_t enctype);
/// DES, RC4 and what libkrb5 calls weak or deprecated.
bool enctype_is_weak(std::int32_t enctype);

/// "impala/lb@R kvno 3 aes256-cts-hmac-sha1-96", safe to print.
std::string slot_text(const Entry& entry);
/// "damaged at byte 82: record needs 72 bytes, 52 left; 1 entry unreadable", or "doubtful entry at byte 82: ...".
std::string damage_text(const Damage& damage);

}  // namespace kerbgate::keytab
