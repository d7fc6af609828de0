#include "kerbgate/principal.hpp"

#include <gtest/gtest.h>
#include <krb5.h>

#include <memory>
#include <optional>
#include <random>

namespace {

using namespace std::string_view_literals;
using kerbgate::Errc;
using kerbgate::Principal;

constexpr char kDefaultRealm[] = "DEFAULT.REALM";

/// libkrb5, asked directly.
class Library {
 public:
  Library() {
    EXPECT_EQ(krb5_init_context(&context_), 0);
    EXPECT_EQ(krb5_set_default_realm(context_, kDefaultRealm), 0);
  }
  ~Library() { krb5_free_context(context_); }
  Library(const Library&) = delete;

  std::optional<Principal> parse(const std::string& text) const {
    krb5_principal p = nullptr;
    if (krb5_parse_name(context_, text.c_str(), &p) != 0) return std::nullopt;
    Principal out;
    for (krb5_int32 i = 0; i < p->length; ++i) out.components.emplace_back(p->data[i].data, p->data[i].length);
    out.realm.assign(p->realm.data, p->realm.length);
    out.name_type = p->type;
    krb5_free_principal(context_, p);
    return out;
  }

  std::string unparse(const Principal& principal) const {
    std::vector<krb5_data> parts;
    for (const std::string& c : principal.components) parts.push_back(data(c));
    krb5_principal_data p{};
    p.realm = data(principal.realm);
    p.data = parts.data();
    p.length = static_cast<krb5_int32>(parts.size());
    char* text = nullptr;
    EXPECT_EQ(krb5_unparse_name(context_, &p, &text), 0);
    std::string out = text;
    krb5_free_unparsed_name(context_, text);
    return out;
  }

 private:
  static krb5_data data(const std::string& text) {
    return {0, static_cast<unsigned>(text.size()), const_cast<char*>(text.data())};
  }
  krb5_context context_ = nullptr;
};

/// One random string over the octets that principals trip on.
std::string nasty(std::mt19937& random, std::size_t longest, std::string_view alphabet) {
  std::string out(std::uniform_int_distribution<std::size_t>(0, longest)(random), ' ');
  for (char& c : out) c = alphabet[std::uniform_int_distribution<std::size_t>(0, alphabet.size() - 1)(random)];
  return out;
}

constexpr auto kNasty = "//@@\\\ntb0q \t\n\b\x1b\x7f\x80\xc3\xa9\xff"sv;
constexpr auto kNastyWithNul = "\0/@\\ntb0 \t\n\b\xff"sv;

struct TextCase {
  const char* name;
  const char* text;
};

void PrintTo(const TextCase& c, std::ostream* out) { *out << c.text; }

class PrincipalText : public testing::TestWithParam<TextCase> {};

TEST_P(PrincipalText, ParsesAndPrintsAsLibkrb5Does) {
  const Library library;
  const auto theirs = library.parse(GetParam().text);
  const auto ours = Principal::parse(GetParam().text, kDefaultRealm);
  ASSERT_EQ(ours.ok(), theirs.has_value());
  if (!theirs) {
    EXPECT_TRUE(ours.error().is(Errc::invalid));
    return;
  }
  EXPECT_EQ(ours->components, theirs->components);
  EXPECT_EQ(ours->realm, theirs->realm);
  EXPECT_EQ(ours->name_type, theirs->name_type);
  EXPECT_EQ(ours->str(), library.unparse(*theirs));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, PrincipalText,
    testing::Values(TextCase{"service", "impala/lb.example.com@EXAMPLE.COM"}, TextCase{"empty", ""},
                    TextCase{"at_alone", "@"}, TextCase{"empty_realm", "a@"}, TextCase{"no_realm", "a/b"},
                    TextCase{"only_realm", "@R"}, TextCase{"trailing_slash", "a/@R"}, TextCase{"leading_slash", "/a@R"},
                    TextCase{"slash_in_realm", "a@R/S"}, TextCase{"two_ats", "a@b@c"},
                    TextCase{"last_backslash", "a\\"}, TextCase{"last_backslash_in_realm", "a@R\\"},
                    TextCase{"nul_in_realm", "a@R\\0x"}, TextCase{"slash_escaped_in_realm", "a@R\\/x"},
                    TextCase{"unknown_escape", "\\q\\x@R"}, TextCase{"all_escapes", "\\n\\t\\b\\0\\\\\\/\\@@R"},
                    TextCase{"krbtgt", "krbtgt/X@R"}, TextCase{"krbtgt_alone", "krbtgt@R"},
                    TextCase{"krbtgt_of_three", "krbtgt/X/Y@R"}, TextCase{"anonymous", "WELLKNOWN/ANONYMOUS@R"},
                    TextCase{"well_known_alone", "WELLKNOWN@R"}, TextCase{"well_known_of_three", "WELLKNOWN/a/b@R"},
                    TextCase{"high_bytes", "\xc3\xa9/\xff@\x80"},
                    TextCase{"twelve_components", "a/b/c/d/e/f/g/h/i/j/k/l@R"}),
    [](const auto& row) { return row.param.name; });

TEST(Principal, ParsesRandomTextAsLibkrb5Does) {
  const Library library;
  std::mt19937 random(20260101);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::string text = nasty(random, 14, kNasty);
    const auto theirs = library.parse(text);
    const auto ours = Principal::parse(text, kDefaultRealm);
    ASSERT_EQ(ours.ok(), theirs.has_value()) << testing::PrintToString(text);
    if (!theirs) {
      ++refused;
      continue;
    }
    ASSERT_EQ(ours->components, theirs->components) << testing::PrintToString(text);
    ASSERT_EQ(ours->realm, theirs->realm) << testing::PrintToString(text);
    ASSERT_EQ(ours->name_type, theirs->name_type) << testing::PrintToString(text);
  }
  EXPECT_GT(refused, 1000);
  EXPECT_LT(refused, 19000);
}

TEST(Principal, PrintsRandomOctetsAsLibkrb5DoesAndReadsThemBack) {
  const Library library;
  std::mt19937 random(20260102);
  for (int round = 0; round < 20000; ++round) {
    Principal principal;
    const auto parts = std::uniform_int_distribution<int>(1, 4)(random);
    for (int i = 0; i < parts; ++i) principal.components.push_back(nasty(random, 6, kNastyWithNul));
    principal.realm = nasty(random, 6, kNastyWithNul);
    const std::string text = principal.str();
    ASSERT_EQ(text, library.unparse(principal));
    const auto again = Principal::parse(text, kDefaultRealm);
    ASSERT_TRUE(again) << again.error().what;
    ASSERT_EQ(*again, principal) << testing::PrintToString(text);
  }
}

TEST(Principal, NeedsARealmWhenThereIsNoDefault) {
  const auto parsed = Principal::parse("impala/lb.example.com");
  ASSERT_FALSE(parsed);
  EXPECT_TRUE(parsed.error().is(Errc::invalid));
  EXPECT_EQ(parsed.error().what, "principal \"impala/lb.example.com\": no realm; write it as NAME@REALM");
}

TEST(Principal, RefusesARawNulThatACStringWouldEndAt) {
  EXPECT_FALSE(Principal::parse(std::string_view("a\0b@R", 5)));
  EXPECT_FALSE(Principal::parse(std::string_view("a\\\0b@R", 6)));
}

TEST(Principal, PrintableShowsEveryOtherByteAsHex) {
  const Principal principal{{"\x1b[31mroot", "\xc3\xa9"}, "R\r", 1};
  EXPECT_EQ(principal.printable(), "\\x1b[31mroot/\\xc3\\xa9@R\\x0d");
}

TEST(Principal, NameTypeDoesNotCountWhenCompared) {
  EXPECT_EQ((Principal{{"a"}, "R", 1}), (Principal{{"a"}, "R", 3}));
  EXPECT_FALSE((Principal{{"a", "b"}, "R", 1}) == (Principal{{"a/b"}, "R", 1}));
}

}  // namespace
