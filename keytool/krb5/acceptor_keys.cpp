#include "krb5/acceptor_keys.hpp"

#include <atomic>

#include "kerbgate/keytab.hpp"
#include "krb5/context.hpp"
#include "krb5/principal.hpp"

namespace kerbgate {
namespace {

krb5_error_code add(krb5_context context, krb5_keytab keytab, const keytab::Entry& entry) {
  Krb5Principal principal(context);
  if (const auto code = principal.parse(entry.principal)) return code;
  krb5_keytab_entry added{};
  added.principal = principal.get();
  added.timestamp = krb5_timestamp(entry.timestamp);
  added.vno = entry.kvno;
  added.key.enctype = entry.enctype;
  added.key.length = unsigned(entry.key.size());
  added.key.contents = const_cast<krb5_octet*>(entry.key.bytes().data());  // copied there
  return krb5_kt_add_entry(context, keytab, &added);
}

}  // namespace

AcceptorKeys::AcceptorKeys(std::vector<Slot> slots, std::unique_ptr<State> state)
    : slots_(std::move(slots)), state_(std::move(state)) {}
AcceptorKeys::~AcceptorKeys() = default;

Result<std::shared_ptr<const AcceptorKeys>> AcceptorKeys::make(std::span<const std::uint8_t> keytab) {
  static std::atomic<unsigned> count{0};
  const Result<keytab::Scan> scan = keytab::scan(keytab);
  if (!scan) return scan.error();
  for (const keytab::Damage& damage : scan->damage)
    if (damage.fatal) return Error(Errc::damaged, keytab::damage_text(damage));
  if (scan->entries.empty()) return Error(Errc::not_found, "holds no key");
  auto state = std::make_unique<State>();
  Result<Krb5Context> context = configuration_free_context();
  if (!context) return std::move(context).error();
  state->context = std::move(*context);
  krb5_context raw = state->context.get();
  const std::string name = "MEMORY:kerbgate-" + std::to_string(++count);
  if (const auto code = krb5_kt_resolve(raw, name.c_str(), &state->keytab)) return krb5_failure(raw, code, name);
  std::vector<Slot> slots;
  for (const keytab::Entry& entry : scan->entries) {
    if (const auto code = add(raw, state->keytab, entry)) return krb5_failure(raw, code, keytab::slot_text(entry));
    slots.push_back({entry.principal, entry.kvno, entry.enctype});
  }
  return std::shared_ptr<const AcceptorKeys>(new AcceptorKeys(std::move(slots), std::move(state)));
}

}  // namespace kerbgate
