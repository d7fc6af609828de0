#include "rules/condition.hpp"

#include <algorithm>

namespace kerbgate::rules {
namespace {

Verdict verdict(bool yes) { return yes ? Verdict::yes : Verdict::no; }

Verdict negated(Verdict of) {
  if (of == Verdict::more) return of;
  return of == Verdict::yes ? Verdict::no : Verdict::yes;
}

bool matches(const Test& test, std::uint64_t value) {
  const auto number = std::int64_t(std::min<std::uint64_t>(value, INT64_MAX));
  return std::any_of(test.numbers.begin(), test.numbers.end(),
                     [number](const NumberRange& range) { return number >= range.least && number <= range.most; });
}

Verdict of_count(const Test& test, Count what, const Facts& facts) {
  if (facts.around == nullptr) return Verdict::no;
  const auto value = facts.around->tracked(what);
  return verdict(value && matches(test, *value));
}

Verdict of_source(const Test& test, Count what, const Facts& facts) {
  return verdict(facts.around != nullptr && matches(test, facts.around->counted(what, test.argument, facts.source)));
}

Verdict of_hello(const Test& test, const Facts& facts) {
  using Hello = Facts::Hello;
  if (facts.hello == Hello::more) return facts.complete ? Verdict::no : Verdict::more;
  if (facts.hello == Hello::none) return Verdict::no;
  if (test.fetch == Fetch::ssl_hello_type) return verdict(matches(test, 1));
  return verdict(!facts.server_name.empty() && test.texts.match(facts.server_name));
}

}  // namespace

Verdict evaluate(const Test& test, const Facts& facts) {
  switch (test.fetch) {
    case Fetch::always_true:
      return Verdict::yes;
    case Fetch::always_false:
      return Verdict::no;
    case Fetch::wait_end:
      return facts.waited ? Verdict::yes : Verdict::more;
    case Fetch::src:
      return verdict(test.networks.contains(facts.source));
    case Fetch::src_port:
      return verdict(matches(test, facts.source_port));
    case Fetch::dst:
      return verdict(test.networks.contains(facts.destination));
    case Fetch::dst_port:
      return verdict(matches(test, facts.destination_port));
    case Fetch::req_len:
      if (matches(test, facts.length)) return Verdict::yes;
      return facts.complete ? Verdict::no : Verdict::more;
    case Fetch::ssl_hello_type:
    case Fetch::ssl_sni:
      return of_hello(test, facts);
    case Fetch::tracked_current:
      return of_count(test, Count::current, facts);
    case Fetch::tracked_rate:
      return of_count(test, Count::rate, facts);
    case Fetch::tracked_total:
      return of_count(test, Count::total, facts);
    case Fetch::source_current:
      return of_source(test, Count::current, facts);
    case Fetch::source_rate:
      return of_source(test, Count::rate, facts);
    case Fetch::source_total:
      return of_source(test, Count::total, facts);
    case Fetch::servers_up:
      return verdict(facts.around != nullptr && matches(test, facts.around->servers_up(test.argument)));
  }
  return Verdict::no;
}

std::optional<std::string> look(Fetch fetch, const std::string& argument, const Facts& facts) {
  const auto tracked = [&](Count what) -> std::optional<std::string> {
    const auto value = facts.around != nullptr ? facts.around->tracked(what) : std::nullopt;
    return value ? std::optional(std::to_string(*value)) : std::nullopt;
  };
  const auto counted = [&](Count what) -> std::optional<std::string> {
    if (facts.around == nullptr) return std::nullopt;
    return std::to_string(facts.around->counted(what, argument, facts.source));
  };
  switch (fetch) {
    case Fetch::always_true:
      return "1";
    case Fetch::always_false:
      return "0";
    case Fetch::src:
      return facts.source.str();
    case Fetch::src_port:
      return std::to_string(facts.source_port);
    case Fetch::dst:
      return facts.destination.str();
    case Fetch::dst_port:
      return std::to_string(facts.destination_port);
    case Fetch::tracked_current:
      return tracked(Count::current);
    case Fetch::tracked_rate:
      return tracked(Count::rate);
    case Fetch::tracked_total:
      return tracked(Count::total);
    case Fetch::source_current:
      return counted(Count::current);
    case Fetch::source_rate:
      return counted(Count::rate);
    case Fetch::source_total:
      return counted(Count::total);
    case Fetch::servers_up:
      return facts.around != nullptr ? std::optional(std::to_string(facts.around->servers_up(argument))) : std::nullopt;
    default:
      return std::nullopt;
  }
}

namespace {

Verdict evaluate(const Term& term, const Facts& facts) {
  Verdict out = Verdict::no;
  for (const auto& test : term.any_of) {
    const Verdict one = rules::evaluate(*test, facts);
    if (one == Verdict::yes) return term.negated ? Verdict::no : Verdict::yes;
    if (one == Verdict::more) out = Verdict::more;
  }
  return term.negated ? negated(out) : out;
}

Verdict evaluate(const std::vector<Term>& all_of, const Facts& facts) {
  Verdict out = Verdict::yes;
  for (const Term& term : all_of) {
    const Verdict one = evaluate(term, facts);
    if (one == Verdict::no) return one;
    if (one == Verdict::more) out = one;
  }
  return out;
}

}  // namespace

bool Condition::reads() const {
  for (const auto& all_of : any_of)
    for (const Term& term : all_of)
      for (const auto& test : term.any_of)
        if (test->reads) return true;
  return false;
}

Verdict evaluate(const Condition& condition, const Facts& facts) {
  if (condition.any_of.empty()) return Verdict::yes;
  Verdict out = Verdict::no;
  for (const auto& all_of : condition.any_of) {
    const Verdict one = evaluate(all_of, facts);
    if (one == Verdict::yes) {
      out = one;
      break;
    }
    if (one == Verdict::more) out = one;
  }
  return condition.unless ? negated(out) : out;
}

}  // namespace kerbgate::rules
