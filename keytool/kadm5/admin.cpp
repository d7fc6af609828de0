#include "kadm5/admin.hpp"

#include <kadm5/admin.h>

#include "kadm5/failure.hpp"
#include "kadm5/library.hpp"
#include "krb5/error.hpp"
#include "krb5/principal.hpp"

namespace kerbgate::kadm5 {
namespace {

Record record_of(const kadm5_principal_ent_rec& entry) {
  Record out;
  out.kvno = entry.kvno;
  out.max_life = std::chrono::seconds(entry.max_life);
  out.key_changed = static_cast<std::uint32_t>(entry.last_pwd_change);
  for (int i = 0; i < entry.n_key_data; ++i) {
    const krb5_key_data& key = entry.key_data[i];
    out.keys.push_back({key.key_data_kvno, key.key_data_type[0]});
  }
  return out;
}

}  // namespace

struct Admin::State {
  Library library;
  Krb5Context context;
  void* handle = nullptr;
  std::string cache_owner;  ///< of the credential cache

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (handle != nullptr) library.destroy(handle);
  }

  long log_in(const Access& access, kadm5_config_params& parameters);
  long log_in_with_ccache(kadm5_config_params& parameters);
};

long Admin::State::log_in_with_ccache(kadm5_config_params& parameters) {
  krb5_ccache cache = nullptr;
  if (const auto code = krb5_cc_default(context.get(), &cache); code != 0) return code;
  krb5_principal owner = nullptr;
  char* name = nullptr;
  long code = krb5_cc_get_principal(context.get(), cache, &owner);
  if (code == 0) code = krb5_unparse_name(context.get(), owner, &name);
  if (code == 0) {
    cache_owner = name;
    code = library.init_with_ccache(context.get(), name, cache, nullptr, &parameters, KADM5_STRUCT_VERSION,
                                    KADM5_API_VERSION_4, nullptr, &handle);
  }
  krb5_free_unparsed_name(context.get(), name);
  krb5_free_principal(context.get(), owner);
  krb5_cc_close(context.get(), cache);
  return code;
}

long Admin::State::log_in(const Access& access, kadm5_config_params& parameters) {
  if (access.way == Access::Way::ccache) return log_in_with_ccache(parameters);
  // The local library wants the name alone, for the database's record of who changed it.
  std::string name =
      access.way == Access::Way::local ? "keytool/admin@" + std::string(parameters.realm) : access.principal;
  std::string keytab = access.keytab;
  std::string service = KADM5_ADMIN_SERVICE;
  const bool local = access.way == Access::Way::local;
  return library.init_with_key(context.get(), name.data(), local ? nullptr : keytab.data(),
                               local ? service.data() : nullptr, &parameters, KADM5_STRUCT_VERSION, KADM5_API_VERSION_4,
                               nullptr, &handle);
}

Admin::Admin(std::unique_ptr<State> state) : state_(std::move(state)) {}
Admin::Admin(Admin&&) noexcept = default;
Admin& Admin::operator=(Admin&&) noexcept = default;
Admin::~Admin() = default;

Result<Admin> Admin::connect(const Access& access, const std::string& realm) {
  auto state = std::make_unique<State>();
  if (access.way == Access::Way::local) {
    auto library = server_library();
    if (!library) return std::move(library).error();
    state->library = *library;
  } else {
    state->library = client_library();
  }
  krb5_context raw = nullptr;
  if (const auto code = state->library.init_context(&raw); code != 0)
    return krb5_failure(nullptr, code, "read krb5.conf for kadmin");
  state->context.reset(raw);
  std::string realm_text = realm;
  kadm5_config_params parameters{};
  parameters.mask = KADM5_CONFIG_REALM;
  parameters.realm = realm_text.data();
  if (const long code = state->log_in(access, parameters); code != 0)
    return connect_failure(raw, code, access, realm, state->cache_owner);
  return Admin(std::move(state));
}

Result<Record> Admin::get(const Principal& principal) {
  krb5_context context = state_->context.get();
  const Call call{"read " + principal.printable() + " at the KDC", "i", principal.printable()};
  Krb5Principal name(context);
  if (const auto code = name.parse(principal); code != 0) return failure(context, code, call);
  kadm5_principal_ent_rec entry{};
  const long code =
      state_->library.get(state_->handle, name.get(), &entry, KADM5_PRINCIPAL_NORMAL_MASK | KADM5_KEY_DATA);
  if (code != 0) return failure(context, code, call);
  Record record = record_of(entry);
  state_->library.free_entry(state_->handle, &entry);
  return record;
}

Result<void> Admin::add_keys(const Principal& principal, std::span<const keytab::Entry> keys) {
  krb5_context context = state_->context.get();
  const Call call{"set the key of " + principal.printable(), "s", principal.printable()};
  Krb5Principal name(context);
  if (const auto code = name.parse(principal); code != 0) return failure(context, code, call);
  std::vector<kadm5_key_data> data(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    data[i].kvno = keys[i].kvno;
    data[i].key.enctype = keys[i].enctype;
    data[i].key.length = static_cast<unsigned>(keys[i].key.size());
    data[i].key.contents = const_cast<krb5_octet*>(keys[i].key.bytes().data());  // read only, and not copied
  }
  const int count = static_cast<int>(data.size());
  const long code = state_->library.set_key(state_->handle, name.get(), 1, data.data(), count);
  if (code != 0) return failure(context, code, call);
  return {};
}

Result<void> Admin::purge(const Principal& principal, std::uint32_t keep) {
  krb5_context context = state_->context.get();
  const Call call{"purge old keys of " + principal.printable(), "m", principal.printable()};
  Krb5Principal name(context);
  if (const auto code = name.parse(principal); code != 0) return failure(context, code, call);
  const long code = state_->library.purge(state_->handle, name.get(), static_cast<int>(keep));
  if (code != 0) return failure(context, code, call);
  return {};
}

}  // namespace kerbgate::kadm5
