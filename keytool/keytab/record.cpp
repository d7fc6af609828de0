#include "keytab/record.hpp"

namespace kerbgate::keytab {
namespace {

/// Takes fields one after the other; the first fault stays and everything after it takes nothing.
class FieldReader {
 public:
  FieldReader(Bytes bytes, std::size_t at, std::size_t limit, Format format)
      : bytes_(bytes), at_(at), limit_(limit), format_(format) {}

  void skip(const char* field, std::size_t size) {
    if (fault_) return;
    if (limit_ - at_ < size) {
      fault_ = Fault{Fault::Kind::runs_past, field, at_, size};
      return;
    }
    at_ += size;
  }

  /// A 16-bit number that has to be in 1..kMaxOctets once `less` is taken off it.
  std::size_t count(const char* field, std::size_t less = 0) {
    const std::size_t begin = at_;
    skip(field, 2);
    if (fault_) return 0;
    const std::size_t value = number16(bytes_, begin, format_.order);
    if (value <= less) fault_ = Fault{Fault::Kind::empty, field, begin, 0};
    if (value > kMaxOctets) fault_ = Fault{Fault::Kind::too_long, field, begin, value};
    return fault_ ? 0 : value - less;
  }

  void octets(const char* field) {
    const std::size_t begin = at_;
    const std::size_t size = count(field);
    if (fault_) return;
    skip(field, size);
    if (fault_) fault_->at = begin;
  }

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool failed() const { return fault_.has_value(); }
  [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }

 private:
  Bytes bytes_;
  std::size_t at_;
  std::size_t limit_;
  Format format_;
  std::optional<Fault> fault_;
};

std::string text_at(Bytes bytes, std::size_t& at, std::endian order) {
  const std::size_t size = number16(bytes, at, order);
  const auto octets = bytes.subspan(at + 2, size);
  at += 2 + size;
  return {octets.begin(), octets.end()};
}

}  // namespace

std::uint16_t number16(Bytes bytes, std::size_t at, std::endian order) {
  const unsigned first = bytes[at], second = bytes[at + 1];
  return static_cast<std::uint16_t>(order == std::endian::big ? first << 8 | second : second << 8 | first);
}

std::uint32_t number32(Bytes bytes, std::size_t at, std::endian order) {
  const std::uint32_t first = number16(bytes, at, order), second = number16(bytes, at + 2, order);
  return order == std::endian::big ? first << 16 | second : second << 16 | first;
}

Layout layout_of(Bytes bytes, std::size_t begin, std::size_t limit, Format format) {
  Layout out;
  FieldReader reader(bytes, begin, limit, format);
  out.components = reader.count("component count", format.version == 1 ? 1 : 0);
  out.names = reader.at();
  reader.octets("realm");
  for (std::size_t i = 0; i < out.components && !reader.failed(); ++i) reader.octets("component");
  out.fixed = reader.at();
  if (format.version != 1) reader.skip("name type", 4);
  reader.skip("timestamp", 4);
  reader.skip("kvno", 1);
  reader.skip("enctype", 2);
  out.key = reader.at() + 2;
  reader.octets("key");
  out.end = reader.at();
  out.fault = reader.fault();
  return out;
}

std::string describe(const Fault& fault, std::size_t limit) {
  const std::string what = std::string(fault.field) + " at byte " + std::to_string(fault.at);
  switch (fault.kind) {
    case Fault::Kind::empty:
      return what + (what.starts_with("component count") ? " is zero" : " is empty");
    case Fault::Kind::too_long:
      return what + " is " + std::to_string(fault.value) + ", above " + std::to_string(kMaxOctets);
    case Fault::Kind::runs_past:
      break;
  }
  return what + " (" + std::to_string(fault.value) + " bytes) runs past the record's end at byte " +
         std::to_string(limit);
}

Entry entry_of(Bytes bytes, const Layout& layout, std::size_t limit, Format format) {
  Entry entry;
  std::size_t at = layout.names;
  entry.principal.realm = text_at(bytes, at, format.order);
  entry.principal.components.reserve(layout.components);
  for (std::size_t i = 0; i < layout.components; ++i) {
    entry.principal.components.push_back(text_at(bytes, at, format.order));
  }
  if (format.version != 1) {
    entry.principal.name_type = static_cast<std::int32_t>(number32(bytes, at, format.order));
    at += 4;
  }
  entry.timestamp = number32(bytes, at, format.order);
  entry.kvno = bytes[at + 4];
  entry.enctype = static_cast<std::int16_t>(number16(bytes, at + 5, format.order));
  entry.key = Secret(bytes.subspan(layout.key, layout.end - layout.key));
  if (limit - layout.end >= 4) {
    const std::uint32_t wide = number32(bytes, layout.end, format.order);
    if (wide != 0) entry.kvno = wide;
  }
  return entry;
}

}  // namespace kerbgate::keytab
