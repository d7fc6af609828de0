#include <cstdlib>

#include "kerbgate/sasl_frame.hpp"
#include "sasl/unknown_call.hpp"

using namespace kerbgate::sasl;

/// What has been decided stays so however many bytes follow, and a text can be shown as it is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const Bytes whole(data + 1, size - 1);
  const Reply part = classify_reply(whole.first(whole.size() * data[0] / 255));
  const Reply all = classify_reply(whole);
  if (all.text != plain(all.text, 512)) std::abort();
  if (!all.text.empty() && all.next != Reply::Next::rejected) std::abort();
  const Answer early = classify_answer(whole.first(whole.size() * data[0] / 255));
  if (early != Answer::more && early != classify_answer(whole)) std::abort();
  if (part.next == Reply::Next::more) return 0;
  if (part.next != all.next || part.status != all.status || part.text != all.text) std::abort();
  return 0;
}
