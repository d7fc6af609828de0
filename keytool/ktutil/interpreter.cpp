#include "ktutil/interpreter.hpp"

#include <algorithm>
#include <array>

#include "counted.hpp"
#include "kerbgate/printable.hpp"
#include "ktutil/addent.hpp"
#include "ktutil/list.hpp"
#include "ktutil/words.hpp"

namespace kerbgate::ktutil {
namespace {

enum RequestIndex { kClear, kReadKeytab, kReadSrvtab, kWriteKeytab, kWriteSrvtab, kAdd, kDelete, kList, kHelp, kQuit };

const std::array<Request, 10>& table() {
  static const std::array<Request, 10> rows{{
      {{"clear_list", "clear"}, "Clear the current keylist."},
      {{"read_kt", "rkt"}, "Read a krb5 keytab into the current keylist."},
      {{"read_st", "rst"}, "Deprecated and removed."},
      {{"write_kt", "wkt"}, "Write the current keylist to a krb5 keytab."},
      {{"write_st", "wst"}, "Deprecated and removed."},
      {{"add_entry", "addent"}, "Add an entry to the current keylist."},
      {{"delete_entry", "delent"}, "Delete an entry from the current keylist."},
      {{"list", "l"}, "List the current keylist."},
      {{"list_requests", "lr", "?"}, "List available requests."},
      {{"quit", "exit", "q"}, "Exit program."},
  }};
  return rows;
}

Reply refusal(const std::string& text) { return {{}, {printable(text)}, true, false}; }

/// The words that ktutil's users know for a failure; empty where libkrb5 has none of its own.
std::string known_words(const Error& error) {
  if (error.is(Errc::not_found)) return "No such file or directory";
  if (error.is(Errc::permission)) return "Permission denied";
  if (error.is(Errc::not_a_keytab)) return "Unsupported key table format version number";
  if (error.is(Errc::unsupported)) return "Unknown Key table type";
  if (error.is(Errc::damaged)) return "Bad format in keytab";
  return error.code.category() == std::generic_category() ? error.code.message() : std::string();
}

/// "rkt: Permission denied while reading keytab "x": owned by impala, mode 0400, ..."
Reply file_failure(const std::string& name, const Error& error, const std::string& doing, const std::string& path) {
  const std::string known = known_words(error);
  const std::string place = " while " + doing + " keytab \"" + path + '"';
  if (known.empty()) return refusal(name + ": " + error.what + place);
  const bool all_said = error.is(Errc::not_found) || error.code.category() == std::generic_category();
  return refusal(name + ": " + known + place + (all_said ? std::string() : ": " + error.what));
}

std::string at_byte(const keytab::Damage& damage) {
  return "at byte " + std::to_string(damage.offset) + ": " + damage.reason;
}

/// The first damage that costs entries, as an error; doubts alone are none.
Result<void> trust(const keytab::Scan& scan) {
  const auto first = std::ranges::find_if(scan.damage, &keytab::Damage::fatal);
  if (first == scan.damage.end()) return {};
  std::string text = "damaged " + at_byte(*first);
  if (first->entries_lost > 0) text += "; " + counted(first->entries_lost, "entry", "entries") + " unreadable";
  return Error(Errc::damaged, text + "; keytool merge --salvage takes what is left");
}

Reply add_failure(const std::string& name, const std::string& words) {
  return refusal(name + ": " + words + " while adding new entry");
}

/// krb5.conf is asked for a realm only when the name has none.
Result<Principal> principal_of(const std::string& text, Outside& outside) {
  auto with_realm = Principal::parse(text);
  if (with_realm) return with_realm;
  const auto realm = outside.default_realm();
  if (!realm) return realm.error();
  auto principal = Principal::parse(text, *realm);
  if (!principal) return Error(Errc::invalid, "Malformed representation of principal");
  return principal;
}

void warn_of_length(Reply& reply, const std::string& name, const keytab::Entry& entry) {
  const std::size_t wanted = keytab::enctype_key_length(entry.enctype);
  if (wanted == 0 || wanted == entry.key.size()) return;
  reply.said.push_back(name + ": warning: the key has " + counted(entry.key.size(), "octet") + ", a key of " +
                       keytab::enctype_name(entry.enctype) + " has " + std::to_string(wanted));
}

std::string request_list() {
  std::string out = "Available ktutil requests:\n\n";
  for (const Request& request : table()) {
    std::string names;
    for (const std::string_view name : request.names) names += (names.empty() ? "" : ", ") + std::string(name);
    names.resize(std::max<std::size_t>(names.size() + 1, 25), ' ');
    out += names + std::string(request.summary) + '\n';
  }
  return out;
}

}  // namespace

std::span<const Request> requests() { return table(); }

Reply Interpreter::run(std::string_view line) {
  const auto words = words_of(line);
  if (!words) return refusal("ktutil: Unbalanced quotes in command line");
  if (words->empty()) return {};
  const std::string& name = words->front();
  const auto& rows = table();
  const auto row =
      std::ranges::find_if(rows, [&](const Request& r) { return std::ranges::find(r.names, name) != r.names.end(); });
  switch (row - rows.begin()) {
    case kClear:
      return clear(*words);
    case kReadKeytab:
      return read(*words);
    case kReadSrvtab:
      return refusal(name + ": reading srvtabs is no longer supported");
    case kWriteKeytab:
      return write(*words);
    case kWriteSrvtab:
      return refusal(name + ": writing srvtabs is no longer supported");
    case kAdd:
      return add(*words);
    case kDelete:
      return remove(*words);
    case kList:
      return list(*words);
    case kHelp:
      return {request_list(), {}, false, false};
    case kQuit:
      return {{}, {}, false, true};
    default:
      return refusal("ktutil: Unknown request \"" + name + "\".  Type \"?\" for a request list.");
  }
}

Reply Interpreter::clear(Words words) {
  if (words.size() != 1) return refusal(words[0] + ": invalid arguments");
  entries_.clear();
  return {};
}

Reply Interpreter::read(Words words) {
  if (words.size() != 2) return refusal(words[0] + ": must specify keytab to read");
  auto scan = outside_.read(words[1]);
  if (!scan) return file_failure(words[0], scan.error(), "reading", words[1]);
  if (const auto sound = trust(*scan); !sound) return file_failure(words[0], sound.error(), "reading", words[1]);
  Reply reply;
  for (const keytab::Damage& doubt : scan->damage) {
    reply.said.push_back(printable(words[0] + ": warning: " + words[1] + ' ' + at_byte(doubt)));
  }
  std::ranges::move(scan->entries, std::back_inserter(entries_));
  return reply;
}

Reply Interpreter::write(Words words) {
  if (words.size() != 2) return refusal(words[0] + ": must specify keytab to write");
  const auto done = append_to(words[1]);
  return done ? Reply{} : file_failure(words[0], done.error(), "writing", words[1]);
}

Result<void> Interpreter::append_to(const std::string& path) {
  if (entries_.empty()) return Error(Errc::invalid, "The list is empty (did an earlier request fail?)");
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    auto target = outside_.read_target(path);
    if (!target) return target.error();
    if (auto sound = trust(*target); !sound) return sound;
    const auto content = appended(std::move(target->entries), entries_);
    auto written = outside_.write(path, content, *target);
    // Another program has added to the file meanwhile: its entries must not be lost, so the file is read again.
    if (written || !written.error().is(Errc::conflict) || attempt == kAttempts) return written;
  }
}

Reply Interpreter::add(Words words) {
  const auto parsed = parse_addent(words);
  if (const auto* refused = std::get_if<Refusal>(&parsed)) return refusal(refused->text);
  const auto& wanted = std::get<AddEntry>(parsed);
  auto principal = principal_of(wanted.principal, outside_);
  if (!principal) return add_failure(words[0], principal.error().what);
  std::int32_t enctype = 0;
  if (wanted.enctype) {
    const auto number = enctype_by_name(*wanted.enctype);
    if (!number) return add_failure(words[0], "Bad encryption type");
    enctype = *number;
  }
  keytab::Entry entry;
  if (wanted.from_password) {
    const auto password = outside_.ask("Password for " + principal->printable() + ": ");
    if (!password) return add_failure(words[0], "Cannot read password");
    auto made = outside_.password_key({*principal, enctype, wanted.salt, wanted.ask_kdc}, *password);
    if (!made) return add_failure(words[0], made.error().what);
    enctype = made->enctype;
    entry.key = std::move(made->key);
  } else {
    const auto digits = outside_.ask("Key for " + principal->printable() + " (hex): ");
    if (!digits || digits->empty()) return refusal("addent: Error reading key.");
    auto key = key_from_hex(digits->bytes());
    if (!key) return refusal("addent: Illegal character in key.");
    entry.key = std::move(*key);
  }
  entry.principal = std::move(*principal);
  entry.enctype = enctype;
  entry.kvno = static_cast<std::uint32_t>(leading_number(wanted.kvno));
  entry.timestamp = outside_.now();
  Reply reply;
  if (!is_plain_number(wanted.kvno)) {
    reply.said.push_back(
        printable(words[0] + ": warning: kvno '" + wanted.kvno + "' is taken as " + std::to_string(entry.kvno)));
  }
  warn_of_length(reply, words[0], entry);
  entries_.push_back(std::move(entry));
  return reply;
}

Reply Interpreter::remove(Words words) {
  if (words.size() != 2) return refusal(words[0] + ": must specify entry to delete");
  const std::int32_t slot = leading_number(words[1]);
  if (slot < 1 || static_cast<std::size_t>(slot) > entries_.size()) {
    return refusal(words[0] + ": Invalid argument while deleting entry " + std::to_string(slot));
  }
  entries_.erase(entries_.begin() + (slot - 1));
  return {};
}

Reply Interpreter::list(Words words) const {
  const auto options = parse_list_options(words.subspan(1));
  if (!options) return refusal(words[0] + ": usage: " + words[0] + " [-t] [-k] [-e]");
  return {listing(entries_, *options), {}, false, false};
}

}  // namespace kerbgate::ktutil
