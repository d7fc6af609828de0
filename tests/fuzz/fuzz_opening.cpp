#include <algorithm>
#include <cstdlib>

#include "login/opening.hpp"

using namespace kerbgate::login;

namespace {

void require(bool fact) {
  if (!fact) std::abort();
}

void require_sound(const Opening& opening, std::size_t seen) {
  require(opening.length <= seen);
  require(opening.refusal == plain(opening.refusal, kMaxText));
  require(opening.reason == plain(opening.reason, kMaxText));
  require((opening.cause != Cause::none) == (opening.next == Opening::Next::refuse));
  require(opening.next == Opening::Next::dial || (opening.length == 0 && !opening.resendable));
  require(opening.next != Opening::Next::refuse || !opening.reason.empty());
}

/// Each place of a text has its value; a client may well send braces of its own.
void require_filled(const Opening& opening, Bytes seen) {
  if (std::find(seen.begin(), seen.end(), '{') == seen.end()) require(opening.reason.find('{') == std::string::npos);
}

/// More bytes never change what has been decided.
void require_settled(const Opening& before, const Opening& after) {
  if (before.next == Opening::Next::more) return;
  require(before.next == after.next && before.kind == after.kind && before.cause == after.cause);
  require(before.reason == after.reason && before.resendable == after.resendable);
  require(before.length == after.length || before.kind == Kind::http || before.kind == Kind::thrift);
}

}  // namespace

/// The first byte says where the rest is cut; the next which policy judges it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Policy policy;
  if (data[1] & 1) policy.principals = {"impala/lb.example.test", "impala/b.example.test@EXAMPLE.TEST"};
  if (data[1] & 2) policy.mechanisms = {};
  policy.plain_allowed = (data[1] & 4) != 0;
  const Bytes whole(data + 2, size - 2);
  const Bytes part = whole.first(whole.size() * data[0] / 255);
  const Opening first = classify(part, policy);
  const Opening all = classify(whole, policy);
  require_sound(first, part.size());
  require_sound(all, whole.size());
  require_filled(all, whole);
  require_settled(first, all);
  if (all.resendable) {
    require(classify(whole.first(all.length), policy).next == Opening::Next::dial);
    require(classify(whole.first(all.length - 1), policy).next == Opening::Next::more);
  }
  return 0;
}
