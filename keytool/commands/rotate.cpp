#include <algorithm>
#include <array>

#include "commands/cluster_options.hpp"
#include "commands/rotate_request.hpp"
#include "commands/rows.hpp"
#include "counted.hpp"
#include "kerbgate/nearest.hpp"
#include "kerbgate/printable.hpp"
#include "kerbgate/quoted.hpp"
#include "kerbgate/realm.hpp"
#include "rotate/keytab_files.hpp"
#include "rotate/span.hpp"

namespace kerbgate::commands {
namespace {

struct Step {
  std::string_view name;
  Result<Exit> (*run)(RotateRequest&, Environment&);
};
constexpr std::array<Step, 4> kSteps{
    {{"stage", rotate_stage}, {"commit", rotate_commit}, {"purge", rotate_purge}, {"status", rotate_status}}};

struct StepOption {
  const char* name;
  std::string_view steps;
};
/// The others are every step's. status changes nothing: a dry run of it is no other.
constexpr std::array<StepOption, 5> kStepOptions{{{"enctype", "stage"},
                                                  {"ticket-life", "purge"},
                                                  {"now", "purge"},
                                                  {"dry-run", "stage, commit and purge"},
                                                  {"json", "status"}}};

/// An option that the step would not look at is a misunderstanding: --now at commit hurries nothing.
Result<void> check_step_options(const Values& values, std::string_view step) {
  for (const auto& [name, steps] : kStepOptions) {
    const bool given = values.count(name) > 0 && !values[name].defaulted();
    if (given && steps.find(step) == std::string_view::npos)
      return usage("rotate " + std::string(step) + " takes no --" + name + ": that is for " + std::string(steps));
  }
  return {};
}

Result<Principal> principal_of(const Values& values) {
  if (values.count("principal") == 0) return usage("which key? give --principal impala/PROXY@REALM");
  const std::string written = text(values, "principal");
  auto parsed = Principal::parse(written);
  if (!parsed && written.find('@') == std::string::npos) {
    auto realm = default_realm();
    if (!realm) return Error(realm.error().code, "--principal has no @REALM; " + realm.error().what);
    parsed = Principal::parse(written, *realm);
  }
  if (!parsed) return usage("--principal: " + parsed.error().what);
  if (parsed->realm.empty()) return usage("--principal: the realm after @ is empty");
  return parsed;
}

/// The principal of an administrator's keytab, when it holds only one.
Result<std::string> only_principal(const std::string& keytab) {
  const auto scan = keytab::read(keytab);
  if (!scan) return scan.error();
  const auto& entries = scan->entries;
  const bool one = !entries.empty() && std::ranges::all_of(entries, [&](const keytab::Entry& entry) {
    return entry.principal == entries.front().principal;
  });
  if (one) return entries.front().principal.str();
  return usage(printable(keytab) + " does not hold exactly one principal: say which with --kadmin-principal");
}

Result<std::optional<kadm5::Access>> access_of(const Values& values) {
  using Way = kadm5::Access::Way;
  const bool keytab = values.count("kadmin-keytab") > 0, ccache = values["ccache"].as<bool>(),
             local = values["local"].as<bool>();
  if (keytab + ccache + local > 1) return usage("--kadmin-keytab, --ccache and --local exclude each other");
  if (values.count("kadmin-principal") > 0 && !keytab) return usage("--kadmin-principal needs --kadmin-keytab");
  if (ccache) return std::optional(kadm5::Access{Way::ccache, "", ""});
  if (local) return std::optional(kadm5::Access{Way::local, "", ""});
  if (!keytab) return std::optional<kadm5::Access>();
  kadm5::Access access{Way::keytab, text(values, "kadmin-principal"), text(values, "kadmin-keytab")};
  if (access.principal.empty()) {
    auto only = only_principal(access.keytab);
    if (!only) return std::move(only).error();
    access.principal = std::move(*only);
  }
  return std::optional(std::move(access));
}

/// Those that hold the principal; the others are counted.
Result<void> keep_holders(RotateRequest& request, std::vector<rotate::HostKeytab> all) {
  std::vector<std::string> principals;
  for (rotate::HostKeytab& one : all) {
    if (rotate::holds(one, request.principal)) {
      request.keytabs.push_back(std::move(one));
      continue;
    }
    ++request.others;
    for (const keytab::Entry& entry : one.entries) principals.push_back(entry.principal.printable());
  }
  if (!request.keytabs.empty()) return {};
  const std::vector<std::string_view> known(principals.begin(), principals.end());
  return Error(Errc::not_found, "none of " + counted(request.others, "keytab") + " holds " +
                                    request.principal.printable() + did_you_mean(request.principal.printable(), known));
}

Result<Exit> run(const Values& values, Environment& environment) {
  const std::string word = operands(values).front();
  const auto step = std::ranges::find(kSteps, word, &Step::name);
  if (step == kSteps.end()) {
    std::vector<std::string_view> names;
    for (const Step& one : kSteps) names.push_back(one.name);
    return usage("rotate what? stage, commit, purge or status, not " + quoted(word) + did_you_mean(word, names));
  }
  if (auto fit = check_step_options(values, step->name); !fit) return fit.error();
  auto request = rotate_request(values);
  if (!request) return std::move(request).error();
  if (!request->access && step->run != rotate_status) {
    return usage(
        "how is the KDC reached? --kadmin-keytab FILE [--kadmin-principal ADMIN], --ccache (after kinit -S "
        "kadmin/admin ADMIN), or --local on the KDC's host");
  }
  return step->run(*request, environment);
}

}  // namespace

po::options_description rotate_options() {
  po::options_description all;
  auto add = all.add_options();
  const auto text_value = [](const char* name) { return po::value<std::string>()->value_name(name); };
  add("principal", text_value("P"), "whose key: the one that the hosts share, impala/PROXY@REALM");
  add("keytabs", text_value("DIR"),
      "every host's keytab, DIR/HOST/*.keytab as keytool plan writes them; DIR/*.keytab too");
  add("kadmin-keytab", text_value("FILE"), "log in at kadmind with a key in FILE");
  add("kadmin-principal", text_value("ADMIN"), "as ADMIN; default: the only principal in --kadmin-keytab");
  add("ccache", po::bool_switch(), "log in at kadmind with the ticket that kinit -S kadmin/admin ADMIN got");
  add("local", po::bool_switch(), "on the KDC's host: open its database, as kadmin.local does");
  add("enctype", po::value<std::vector<std::string>>()->value_name("E"),
      "stage: enctype of a new key, may repeat; default: those of the present key");
  add("ticket-life", text_value("T"),
      "purge: wait for T (24h, 7d) after the commit where the KDC's limits are shorter");
  add("now", po::bool_switch(), "purge: do not wait; tickets of the old key become worthless (a key that leaked)");
  add("dry-run", po::bool_switch(), "say what would be done, and change nothing");
  add("json", po::bool_switch(), "status: print JSON");
  return all;
}

Result<RotateRequest> rotate_request(const Values& values) {
  RotateRequest out;
  auto principal = principal_of(values);
  if (!principal) return std::move(principal).error();
  out.principal = std::move(*principal);
  auto access = access_of(values);
  if (!access) return std::move(access).error();
  out.access = std::move(*access);
  for (const std::string& word : repeated(values, "enctype")) {
    const auto enctype = keytab::parse_enctype(word);
    if (!enctype) return enctype.error();
    if (std::ranges::find(out.enctypes, *enctype) == out.enctypes.end()) out.enctypes.push_back(*enctype);
  }
  if (values.count("ticket-life") > 0) {
    const auto life = rotate::parse_span(text(values, "ticket-life"));
    if (!life) return Error(Errc::invalid, "--ticket-life: " + life.error().what);
    out.ticket_life = *life;
  }
  out.now = values["now"].as<bool>();
  out.dry_run = values["dry-run"].as<bool>();
  out.json = values["json"].as<bool>();
  auto files = operands(values);
  files.erase(files.begin());
  if (values.count("keytabs") == 0 && files.empty())
    return usage("which keytabs? give --keytabs DIR, or files after the step");
  auto keytabs = rotate::read_keytabs(text(values, "keytabs"), files);
  if (!keytabs) return std::move(keytabs).error();
  if (auto kept = keep_holders(out, std::move(*keytabs)); !kept) return kept.error();
  return out;
}

const Command kRotate{
    "Keytabs",
    "rotate",
    "a new key for a principal that many hosts share, without a failed login",
    "stage|commit|purge|status --principal P --keytabs DIR [KEYTAB...] [OPTION...]",
    "stage   makes a key of the next kvno and adds it to every keytab that holds P. The KDC is not touched.\n"
    "        Then bring the keytabs to their hosts.\n"
    "commit  gives the staged key to the KDC. Refused while a keytab lacks it.\n"
    "purge   when the tickets of the old key have ended: drops it at the KDC, then in the keytabs.\n"
    "status  which keytab holds which kvno, what the KDC has, and what to do next. Needs no administrator.\n"
    "\n"
    "Every step can be said again: it goes on where it was stopped. No key is printed. For MIT KDCs;\n"
    "docs/rotation.md has the procedure, kadm5.acl, and what to do with Active Directory.",
    "keytool rotate status --principal impala/proxy.example.com@EXAMPLE.COM --keytabs out\n"
    "keytool rotate stage --principal impala/proxy.example.com@EXAMPLE.COM --keytabs out keytabs/proxy.keytab \\\n"
    "    --kadmin-keytab admin.keytab\n"
    "keytool rotate commit --principal impala/proxy.example.com@EXAMPLE.COM --keytabs out --local --dry-run",
    {"stage|commit|purge|status", 1, Operands::kAny},
    rotate_options,
    run,
};

}  // namespace kerbgate::commands
