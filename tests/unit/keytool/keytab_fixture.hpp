#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kerbgate/keytab.hpp"

/// Keytab files for tests, built field by field and apart from the code under test.
namespace keytab_fixture {

using Octets = std::vector<std::uint8_t>;

struct Record {
  std::vector<std::string> components{"impala", "lb.example.com"};
  std::string realm = "EXAMPLE.COM";
  std::int32_t name_type = 1;
  std::uint32_t timestamp = 1700000000;
  std::uint32_t kvno8 = 3;
  std::int32_t enctype = 18;
  std::string key = std::string(32, 'k');
  bool wide_kvno = true;
  std::uint32_t kvno32 = 3;
  Octets extra;                           ///< after the last field: Heimdal's flags, a re-used hole's zeros
  std::int64_t add_to_length = 0;         ///< makes the length field lie by so much
  std::optional<std::uint32_t> length{};  ///< makes it say this
  // What the counts say where it is not the truth.
  std::int64_t components_claimed = -1;
  std::int64_t realm_claimed = -1;
  std::int64_t first_component_claimed = -1;
  std::int64_t key_claimed = -1;
};

class File {
 public:
  explicit File(int version = 2, std::endian order = std::endian::big) : version_(version), order_(order) {
    octets_ = {5, static_cast<std::uint8_t>(version)};
  }

  /// Appends a record; returns the offset of its length field.
  std::size_t add(const Record& record) {
    const std::size_t at = octets_.size();
    const Octets fields = fields_of(record);
    const auto size = static_cast<std::int64_t>(fields.size()) + record.add_to_length;
    number32(octets_, record.length.value_or(static_cast<std::uint32_t>(size)));
    octets_.insert(octets_.end(), fields.begin(), fields.end());
    return at;
  }

  std::size_t hole(std::uint32_t size) {
    const std::size_t at = octets_.size();
    number32(octets_, static_cast<std::uint32_t>(-static_cast<std::int64_t>(size)));
    octets_.insert(octets_.end(), size, 0);
    return at;
  }

  std::size_t length(std::uint32_t value) {
    const std::size_t at = octets_.size();
    number32(octets_, value);
    return at;
  }

  void raw(const Octets& more) { octets_.insert(octets_.end(), more.begin(), more.end()); }
  [[nodiscard]] const Octets& octets() const { return octets_; }
  [[nodiscard]] Octets first(std::size_t size) const {
    return {octets_.begin(), octets_.begin() + static_cast<std::ptrdiff_t>(size)};
  }

 private:
  Octets fields_of(const Record& r) const {
    Octets out;
    const auto claimed = [](std::int64_t claim, std::size_t real) {
      return static_cast<std::uint16_t>(claim < 0 ? static_cast<std::int64_t>(real) : claim);
    };
    number16(out, claimed(r.components_claimed, r.components.size() + (version_ == 1 ? 1 : 0)));
    text(out, r.realm, claimed(r.realm_claimed, r.realm.size()));
    for (std::size_t i = 0; i < r.components.size(); ++i) {
      text(out, r.components[i], claimed(i == 0 ? r.first_component_claimed : -1, r.components[i].size()));
    }
    if (version_ != 1) number32(out, static_cast<std::uint32_t>(r.name_type));
    number32(out, r.timestamp);
    out.push_back(static_cast<std::uint8_t>(r.kvno8));
    number16(out, static_cast<std::uint16_t>(r.enctype));
    text(out, r.key, claimed(r.key_claimed, r.key.size()));
    if (r.wide_kvno) number32(out, r.kvno32);
    out.insert(out.end(), r.extra.begin(), r.extra.end());
    return out;
  }
  void text(Octets& out, const std::string& octets, std::uint16_t size) const {
    number16(out, size);
    out.insert(out.end(), octets.begin(), octets.end());
  }
  void number16(Octets& out, std::uint16_t value) const {
    const auto high = static_cast<std::uint8_t>(value >> 8), low = static_cast<std::uint8_t>(value);
    out.push_back(order_ == std::endian::big ? high : low);
    out.push_back(order_ == std::endian::big ? low : high);
  }
  void number32(Octets& out, std::uint32_t value) const {
    const auto high = static_cast<std::uint16_t>(value >> 16), low = static_cast<std::uint16_t>(value);
    number16(out, order_ == std::endian::big ? high : low);
    number16(out, order_ == std::endian::big ? low : high);
  }

  int version_;
  std::endian order_;
  Octets octets_;
};

/// impala/NAME.example.com@EXAMPLE.COM with a key made of one letter.
inline Record record(std::string name, std::uint32_t kvno = 3, char letter = 'k') {
  Record out;
  out.components = {"impala", std::move(name) + ".example.com"};
  out.kvno8 = kvno;
  out.kvno32 = kvno;
  out.key = std::string(32, letter);
  return out;
}

/// The same as an Entry that a program made.
inline kerbgate::keytab::Entry entry(std::string name, std::uint32_t kvno = 3, char letter = 'k') {
  kerbgate::keytab::Entry out;
  out.principal = {{"impala", std::move(name) + ".example.com"}, "EXAMPLE.COM", 1};
  out.timestamp = 1700000000;
  out.kvno = kvno;
  out.enctype = 18;
  const Octets key(32, static_cast<std::uint8_t>(letter));
  out.key = kerbgate::Secret(key);
  return out;
}

}  // namespace keytab_fixture
