#include "support/thrift.hpp"

#include <stdexcept>

namespace kerbgate::e2e::thrift {
namespace {

constexpr std::uint32_t kVersion = 0x80010000;
constexpr std::size_t kLongest = 1u << 28;
constexpr int kDeepest = 32;

std::size_t checked(std::uint64_t length) {
  if (length > kLongest) throw std::runtime_error("Thrift: a length of " + std::to_string(length) + " bytes");
  return length;
}

template <class T>
std::int64_t extended(std::uint64_t bits) {
  return static_cast<T>(bits);
}

}  // namespace

const Value& Value::operator[](std::int16_t field) const {
  static const Value absent;
  const auto found = fields.find(field);
  return found == fields.end() ? absent : found->second;
}

Writer& Writer::number(std::uint64_t value, int octets) {
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) bytes_ += static_cast<char>(value >> shift & 0xff);
  return *this;
}

Writer& Writer::raw_text(std::string_view value) {
  number(value.size(), 4);
  bytes_ += value;
  return *this;
}

Writer& Writer::header(Type type, std::int16_t field) {
  return number(static_cast<std::uint8_t>(type), 1).number(static_cast<std::uint16_t>(field), 2);
}

Writer& Writer::boolean(std::int16_t field, bool value) { return header(Type::boolean, field).number(value, 1); }
Writer& Writer::i32(std::int16_t field, std::int32_t value) {
  return header(Type::i32, field).number(static_cast<std::uint32_t>(value), 4);
}
Writer& Writer::i64(std::int16_t field, std::int64_t value) {
  return header(Type::i64, field).number(static_cast<std::uint64_t>(value), 8);
}
Writer& Writer::text(std::int16_t field, std::string_view value) { return header(Type::text, field).raw_text(value); }

Writer& Writer::texts(std::int16_t field, const std::vector<std::string>& values) {
  header(Type::list, field).number(static_cast<std::uint8_t>(Type::text), 1).number(values.size(), 4);
  for (const auto& value : values) raw_text(value);
  return *this;
}

Writer& Writer::pairs(std::int16_t field, const std::map<std::string, std::string>& values) {
  constexpr auto kText = static_cast<std::uint8_t>(Type::text);
  header(Type::map, field).number(kText, 1).number(kText, 1).number(values.size(), 4);
  for (const auto& [key, value] : values) raw_text(key).raw_text(value);
  return *this;
}

Writer& Writer::structure(std::int16_t field) { return header(Type::structure, field); }
Writer& Writer::structures(std::int16_t field, std::size_t count) {
  return header(Type::list, field).number(static_cast<std::uint8_t>(Type::structure), 1).number(count, 4);
}
Writer& Writer::end() { return number(static_cast<std::uint8_t>(Type::stop), 1); }

std::string message_bytes(const Message& head, const Writer& body) {
  Writer message;
  message.number(kVersion | static_cast<std::uint32_t>(head.kind), 4)
      .raw_text(head.method)
      .number(static_cast<std::uint32_t>(head.sequence), 4);
  Writer frame;
  frame.number(message.bytes_.size() + body.bytes_.size(), 4);
  return frame.bytes_ + message.bytes_ + body.bytes_;
}

std::string Connection::take(std::size_t n) {
  while (frame_.size() < n) {
    std::uint64_t length = 0;
    for (const char octet : socket_.read(4)) length = length << 8 | static_cast<std::uint8_t>(octet);
    frame_ += socket_.read(checked(length));
  }
  std::string taken = frame_.substr(0, n);
  frame_.erase(0, n);
  return taken;
}

std::uint64_t Connection::number(int octets) {
  std::uint64_t bits = 0;
  for (const char octet : take(static_cast<std::size_t>(octets))) bits = bits << 8 | static_cast<std::uint8_t>(octet);
  return bits;
}

std::string Connection::text() { return take(checked(number(4))); }

Value Connection::value(Type type, int depth) {
  if (depth > kDeepest) throw std::runtime_error("Thrift: nested too deeply");
  Value out;
  out.type = type;
  switch (type) {
    case Type::boolean:
    case Type::byte:
      out.number = extended<std::int8_t>(number(1));
      break;
    case Type::i16:
      out.number = extended<std::int16_t>(number(2));
      break;
    case Type::i32:
      out.number = extended<std::int32_t>(number(4));
      break;
    case Type::real:
    case Type::i64:
      out.number = extended<std::int64_t>(number(8));
      break;
    case Type::text:
      out.text = text();
      break;
    case Type::structure:
      for (auto field = static_cast<Type>(number(1)); field != Type::stop; field = static_cast<Type>(number(1))) {
        const auto id = static_cast<std::int16_t>(number(2));
        out.fields[id] = value(field, depth + 1);
      }
      break;
    case Type::map: {
      const auto key = static_cast<Type>(number(1)), mapped = static_cast<Type>(number(1));
      for (auto left = number(4); left > 0; --left) {
        out.items.push_back(value(key, depth + 1));
        out.items.push_back(value(mapped, depth + 1));
      }
      break;
    }
    case Type::set:
    case Type::list: {
      const auto item = static_cast<Type>(number(1));
      for (auto left = number(4); left > 0; --left) out.items.push_back(value(item, depth + 1));
      break;
    }
    default:
      throw std::runtime_error("Thrift: unknown type " + std::to_string(static_cast<int>(type)));
  }
  return out;
}

Message Connection::receive() {
  const auto word = static_cast<std::uint32_t>(number(4));
  if ((word & 0xffff0000) != kVersion) throw std::runtime_error("Thrift: not a strict binary message");
  Message message;
  message.kind = static_cast<Kind>(word & 0xff);
  message.method = text();
  message.sequence = static_cast<std::int32_t>(number(4));
  message.body = value(Type::structure, 0);
  return message;
}

void Connection::send(Kind kind, const std::string& method, std::int32_t sequence, const Writer& body) {
  socket_.send(message_bytes({kind, method, sequence, {}}, body));
}

}  // namespace kerbgate::e2e::thrift
