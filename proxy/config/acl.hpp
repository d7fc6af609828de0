#pragma once

#include <optional>
#include <span>

#include "config/keyword.hpp"

/// acls and the conditions made of them, from words. What they come to: rules/condition.hpp.
namespace kerbgate::config {

/// `TEST [flags] [VALUE...]`, as after `acl NAME` or within braces. nullptr after saying what is wrong. `place.who`
/// names the acl.
std::shared_ptr<const rules::Test> parse_test(const Statement& line, const Place& place, std::span<const Word> words);

/// Where `if` or `unless` stands in a line's arguments; its length when there is none.
std::size_t find_condition(std::span<const Word> args);

/// `if|unless COND` to the end; nothing: always. nullopt after saying what is wrong. `where` names the rule in messages
/// ("switching rule"). `reads`: whether bytes can be looked at there; a test that would is warned of, as it never
/// matches.
std::optional<rules::Condition> parse_condition(const Statement& line, std::span<const Word> words,
                                                const std::string& where, bool reads);

}  // namespace kerbgate::config
