#include "hs2/follower.hpp"

#include <algorithm>

namespace kerbgate::hs2 {
namespace {

// Thrift's types
constexpr std::uint8_t kStop = 0, kBool = 2, kByte = 3, kDouble = 4, kI16 = 6, kI32 = 8, kI64 = 10, kText = 11,
                       kStruct = 12, kMap = 13, kSet = 14, kList = 15;
constexpr std::uint32_t kVersion = 0x8001;
constexpr std::uint32_t kLongestName = 128;
constexpr std::size_t kDeepest = 64;

/// Octets of a value that always has as many; 0: of any other.
std::uint8_t fixed_size(std::uint8_t type) {
  switch (type) {
    case kBool:
    case kByte:
      return 1;
    case kI16:
      return 2;
    case kI32:
      return 4;
    case kI64:
    case kDouble:
      return 8;
    default:
      return 0;
  }
}

bool fits(Follower::Side side, std::uint32_t kind) {
  const bool call = kind == std::uint32_t(Kind::call) || kind == std::uint32_t(Kind::oneway);
  const bool answer = kind == std::uint32_t(Kind::reply) || kind == std::uint32_t(Kind::exception);
  return side == Follower::Side::calls ? call : answer;
}

}  // namespace

void Follower::lose() noexcept {
  lost_ = true;
  event_ = Event::lost;
}

Follower::Step Follower::feed(Bytes bytes) {
  event_ = lost_ ? Event::lost : Event::none;
  std::size_t at = 0;
  while (at < bytes.size() && event_ == Event::none) {
    if (frame_left_ == 0) {
      frame_length(bytes[at++]);
      continue;
    }
    const std::size_t there = std::min<std::size_t>(bytes.size() - at, frame_left_);
    const std::size_t taken = run_left_ != 0 ? std::min<std::uint64_t>(run_left_, there) : 1;
    frame_left_ -= std::uint32_t(taken);
    if (run_left_ != 0) {
      take(bytes.subspan(at, taken));
    } else {
      octet(bytes[at]);
    }
    at += taken;
  }
  return {event_ == Event::lost ? bytes.size() : at, event_};
}

void Follower::frame_length(std::uint8_t value) {
  frame_left_ = 0;
  frame_number_ = frame_number_ << 8 | value;
  if (++frame_octets_ < 4) return;
  frame_octets_ = 0;
  if (frame_number_ >> 31 != 0) return lose();
  frame_left_ = frame_number_;
}

void Follower::want(Part part, std::uint8_t octets) noexcept {
  part_ = part;
  number_left_ = octets;
  number_ = 0;
}

void Follower::run(Part part, std::uint64_t octets) {
  part_ = part;
  run_left_ = octets;
  if (octets == 0) run_done();
}

void Follower::octet(std::uint8_t value) {
  if (!inside_) {
    inside_ = true;
    message_ = {};
  }
  number_ = number_ << 8 | value;
  if (--number_left_ == 0) number_done();
}

void Follower::take(Bytes octets) {
  const auto* text = reinterpret_cast<const char*>(octets.data());
  if (part_ == Part::name) message_.method.append(text, octets.size());
  if (part_ == Part::capture) message_.handle.append(text, octets.size());
  run_left_ -= octets.size();
  if (run_left_ == 0) run_done();
}

void Follower::run_done() {
  if (part_ == Part::name) return want(Part::sequence, 4);
  if (part_ == Part::capture) event_ = Event::handle;
  value_done();
}

void Follower::number_done() {
  switch (part_) {
    case Part::version:
      if (number_ >> 16 != kVersion || !fits(side_, number_ & 0xff)) return lose();
      message_.kind = Kind(number_ & 0xff);
      return want(Part::name_length, 4);
    case Part::name_length:
      return number_ > kLongestName ? lose() : run(Part::name, number_);
    case Part::sequence:
      message_.sequence = std::int32_t(number_);
      return begin_body();
    case Part::field:
      field_type_ = std::uint8_t(number_);
      return field_type_ == kStop ? struct_done() : want(Part::field_id, 2);
    case Part::field_id:
      field_id_ = std::int16_t(std::uint16_t(number_));
      return begin_value(field_type_);
    case Part::length:
      return begin_text(number_);
    case Part::elements:
      types_.first = types_.second = std::uint8_t(number_);
      return want(Part::count, 4);
    case Part::pairs:
      types_.first = std::uint8_t(number_ >> 8);
      types_.second = std::uint8_t(number_);
      return want(Part::count, 4);
    case Part::count:
      return number_ >> 31 != 0 ? lose() : begin_elements(number_);
    case Part::name:
    case Part::skip:
    case Part::capture:
      return;
  }
}

void Follower::begin_body() {
  const Method& known = method(message_.method);
  path_ = side_ == Side::calls ? known.asks : known.answers;
  if (message_.kind == Kind::exception) path_ = {};
  matched_ = 0;
  levels_.clear();
  open({});
}

// The field that is being read is the next one of the path.
bool Follower::wanted_field() const noexcept {
  return field_type_ != kStop && matched_ + 1 == levels_.size() && matched_ < path_.depth &&
         path_.fields[matched_] == field_id_ && message_.handle.empty();
}

void Follower::begin_value(std::uint8_t type) {
  if (const std::uint8_t size = fixed_size(type)) return run(Part::skip, size);
  switch (type) {
    case kText:
      return want(Part::length, 4);
    case kStruct:
      if (wanted_field() && !last_of_path()) ++matched_;
      return open({});
    case kSet:
    case kList:
      types_ = {false};
      return want(Part::elements, 1);
    case kMap:
      types_ = {false};
      types_.map = true;
      return want(Part::pairs, 2);
    default:
      return lose();
  }
}

void Follower::begin_text(std::uint32_t length) {
  if (length >> 31 != 0) return lose();
  const bool handle = wanted_field() && last_of_path() && length >= path_.shortest && length <= path_.longest;
  run(handle ? Part::capture : Part::skip, length);
}

void Follower::begin_elements(std::uint64_t count) {
  const std::uint64_t first = fixed_size(types_.first), second = fixed_size(types_.second);
  if (count == 0) return value_done();
  if (types_.map && first != 0 && second != 0) return run(Part::skip, count * (first + second));
  if (!types_.map && first != 0) return run(Part::skip, count * first);
  types_.left = types_.map ? 2 * count : count;
  open(types_);
}

void Follower::open(Level level) {
  if (levels_.size() == kDeepest) return lose();
  levels_.push_back(level);
  value_done();
}

// What comes next, after a value or at the head of what holds some. Each round takes a level off.
void Follower::value_done() {
  while (!levels_.empty()) {
    Level& level = levels_.back();
    if (level.structure) return want(Part::field, 1);
    if (level.left != 0) {
      --level.left;
      field_type_ = kStop;
      return begin_value(level.map && level.left % 2 == 0 ? level.second : level.first);
    }
    levels_.pop_back();
  }
  inside_ = false;
  event_ = Event::end;
  want(Part::version, 4);
}

void Follower::struct_done() {
  levels_.pop_back();
  matched_ = std::min(matched_, levels_.empty() ? 0 : levels_.size() - 1);
  value_done();
}

}  // namespace kerbgate::hs2
