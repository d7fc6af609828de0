// The keeper and the state file: what the worker knows goes into it, what another process put there to the worker.
#include "keeper/keeper.hpp"

namespace kerbgate::keeper {

std::chrono::steady_clock::time_point Keeper::next_save() const {
  return last_save_ + (draining_ ? kSaveDraining : kSave);
}

void Keeper::check_state_file(Channel& worker) {
  if (!keeps_state()) return;
  Outfit outfit;
  outfit.handles = state_file_.news(config_.global.state_file, outfit.notices);
  if (outfit.handles.empty() && outfit.notices.empty()) return;
  for (const Notice& notice : outfit.notices) say(notice.priority, notice.text);
  const Packed packed = pack(outfit);
  if (!worker.post(Word::handles, packed.bytes.bytes())) return;
}

void Keeper::ask_for_handles(Channel& worker) {
  last_save_ = std::chrono::steady_clock::now();
  if (keeps_state() && !worker.post(Word::save)) return;
}

void Keeper::keep_handles(Channel& worker, const Message& said) {
  if (!keeps_state() || said.fds.size() != 1) return;
  Result<StateFile::Known> mine = handles_in(said.fds[0].get());
  if (!mine) return say(log::Priority::warning, "the worker's table of handles is not kept: " + mine.error().what);
  std::vector<Notice> notices;
  StateFile::Known others = state_file_.news(config_.global.state_file, notices);
  if (!others.empty()) {
    Outfit outfit;
    outfit.handles = others;
    const Packed packed = pack(outfit);
    if (!worker.post(Word::handles, packed.bytes.bytes())) others = std::move(outfit.handles);  // it has ended
  }
  state_file_.write(config_.global.state_file, std::move(*mine), std::move(others), notices);
  for (const Notice& notice : notices) say(notice.priority, notice.text);
  if (!notices.empty()) tell_worker(worker, std::move(notices));
}

}  // namespace kerbgate::keeper
