#include "balance/rotation.hpp"

namespace kerbgate::balance {

Rotation::Rotation(const std::vector<Slot>& slots) : slots_(slots), hands_(slots.size()) {}

void Rotation::changed(ServerIndex server) {
  const Slot& slot = slots_[server];
  Hand& hand = hands_[server];
  const bool came = slot.candidate() && !hand.present;
  hand.present = slot.candidate();
  if (!hand.present || (slot.effective == hand.weight && !(came && earlier(hand.due, present_)))) return;
  hand.weight = slot.effective;
  join(hand);
  hand.due = due(server);
}

void Rotation::chosen(ServerIndex server) {
  Hand& hand = hands_[server];
  if (earlier(present_, hand.due)) present_ = hand.due;
  if (++hand.taken >= hand.weight) {
    hand.taken = 0;
    hand.turn += kTurn;
  }
  hand.due = due(server);
}

void Rotation::join(Hand& hand) const {
  hand.turn = present_;
  hand.taken = 0;
}

Rotation::Moment Rotation::due(ServerIndex server) const {
  // At most 2^14 choices a turn, 2^17 half steps between them and 2^32 a turn: the product stays within 64 bits.
  const Hand& hand = hands_[server];
  const std::uint64_t steps = 2 * slots_.size();
  const std::uint64_t position = hand.taken * steps + 2 * std::uint64_t{server} + 1;
  return hand.turn + position * kTurn / (steps * hand.weight);
}

}  // namespace kerbgate::balance
