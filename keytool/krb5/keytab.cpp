#include "krb5/keytab.hpp"

#include <algorithm>
#include <memory>

#include "krb5/context.hpp"

namespace kerbgate::keytab {
namespace {

/// An open keytab and its cursor; closed in the order that libkrb5 wants.
class Reader {
 public:
  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    if (reading_) krb5_kt_end_seq_get(context_.get(), keytab_, &cursor_);
    if (keytab_ != nullptr) krb5_kt_close(context_.get(), keytab_);
  }

  Result<void> open(const std::string& path) {
    auto made = configuration_free_context();
    if (!made) return std::move(made).error();
    context_ = std::move(*made);
    krb5_context context = context_.get();
    const std::string name = "FILE:" + path;
    if (const auto code = krb5_kt_resolve(context, name.c_str(), &keytab_)) return krb5_failure(context, code, name);
    if (const auto code = krb5_kt_start_seq_get(context, keytab_, &cursor_)) return krb5_failure(context, code, name);
    reading_ = true;
    return {};
  }

  /// False at the end.
  Result<bool> next(krb5_keytab_entry& entry) {
    const auto code = krb5_kt_next_entry(context_.get(), keytab_, &entry, &cursor_);
    if (code == 0) return true;
    if (code == KRB5_KT_END) return false;
    return krb5_failure(context_.get(), code, "libkrb5 cannot read on");
  }

  void release(krb5_keytab_entry& entry) { krb5_kt_free_entry(context_.get(), &entry); }

 private:
  Krb5Context context_;
  krb5_keytab keytab_ = nullptr;
  krb5_kt_cursor cursor_ = nullptr;
  bool reading_ = false;
};

std::string_view view(const krb5_data& data) { return {data.data, data.length}; }

void fill(LibraryEntry& out, const krb5_keytab_entry& entry) {
  const auto* principal = entry.principal;
  out.components.clear();
  for (krb5_int32 i = 0; i < principal->length; ++i) out.components.push_back(view(principal->data[i]));
  out.realm = view(principal->realm);
  out.name_type = principal->type;
  out.timestamp = static_cast<std::uint32_t>(entry.timestamp);
  out.kvno = entry.vno;
  out.enctype = entry.key.enctype;
  out.key = {entry.key.contents, entry.key.length};
}

std::string differs(const char* field, std::int64_t ours, std::int64_t theirs) {
  return std::string(field) + ' ' + std::to_string(ours) + ", libkrb5 reads " + std::to_string(theirs);
}

}  // namespace

Result<void> each_library_entry(const std::string& path, const std::function<bool(const LibraryEntry&)>& visit) {
  Reader reader;
  if (auto opened = reader.open(path); !opened) return opened;
  LibraryEntry view_of_it;
  for (;;) {
    krb5_keytab_entry entry{};
    const auto more = reader.next(entry);
    if (!more) return more.error();
    if (!*more) return {};
    fill(view_of_it, entry);
    const bool go_on = visit(view_of_it);
    reader.release(entry);
    if (!go_on) return {};
  }
}

std::string difference(const Entry& ours, const LibraryEntry& theirs, int format_version) {
  const Principal& principal = ours.principal;
  if (principal.realm != theirs.realm || !std::ranges::equal(principal.components, theirs.components)) {
    Principal other{{theirs.components.begin(), theirs.components.end()}, std::string(theirs.realm), 1};
    return "principal " + principal.printable() + ", libkrb5 reads " + other.printable();
  }
  if (format_version != 1 && principal.name_type != theirs.name_type)
    return differs("name type", principal.name_type, theirs.name_type);
  if (ours.timestamp != theirs.timestamp) return differs("timestamp", ours.timestamp, theirs.timestamp);
  if (ours.kvno != theirs.kvno) return differs("kvno", ours.kvno, theirs.kvno);
  if (ours.enctype != theirs.enctype) return differs("enctype", ours.enctype, theirs.enctype);
  if (!std::ranges::equal(ours.key.bytes(), theirs.key)) return "another key than libkrb5 reads";
  return {};
}

}  // namespace kerbgate::keytab
