#include "kerbgate/inventory.hpp"

#include <gtest/gtest.h>

namespace kerbgate {
namespace {

/// "host: role role [keytab=K] [port=N]" a line.
std::string summary(const Inventory& inventory) {
  std::string text;
  for (const auto& host : inventory.hosts) {
    text += host.name.str() + ":";
    for (const Role role : host.roles) text += " " + std::string(role_name(role));
    if (!host.keytab.empty()) text += " keytab=" + host.keytab;
    if (host.port != 0) text += " port=" + std::to_string(host.port);
    text += "\n";
  }
  return text;
}

TEST(Inventory, ReadsWhatAnsibleReads) {
  const struct {
    const char* name;
    const char* text;
    const char* hosts;
  } table[] = {
      {"a plain list is coordinators", "# all\na.example.com\n\n; old\nB.Example.com port=21000\n",
       "a.example.com: coordinator\nb.example.com: coordinator port=21000\n"},
      {"CRLF, BOM and no line end", "\xef\xbb\xbf[catalogd]\r\na.example.com\r\n[executors]\r\nb.example.com",
       "a.example.com: catalogd\nb.example.com: executor\n"},
      {"every group",
       "[coordinators]\nc.example.com\n[executors]\ne.example.com\n[statestored]\ns.example.com\n"
       "[catalogd]\ns.example.com\n[admissiond]\na.example.com\n[impalad]\ni.example.com\n[kdc]\nk\n",
       "c.example.com: coordinator\ne.example.com: executor\ns.example.com: statestored catalogd\n"
       "a.example.com: admissiond\ni.example.com: coordinator\n"},
      {"a host in two groups has both roles", "[executors]\na.example.com\n[coordinators]\na.example.com\n",
       "a.example.com: coordinator executor\n"},
      {"padded range", "[coordinators]\nhost[08:11].example.com\n",
       "host08.example.com: coordinator\nhost09.example.com: coordinator\nhost10.example.com: coordinator\n"
       "host11.example.com: coordinator\n"},
      {"letters, step and two ranges", "rack[a:b]-[1:5:2].example.com\n",
       "racka-1.example.com: coordinator\nracka-3.example.com: coordinator\nracka-5.example.com: coordinator\n"
       "rackb-1.example.com: coordinator\nrackb-3.example.com: coordinator\nrackb-5.example.com: coordinator\n"},
      {"quotes and a comment", "[catalogd]\na.example.com keytab='/a b' x=\"#\" y=\\# # keytab=/no\n",
       "a.example.com: catalogd keytab=/a b\n"},
      {"children", "[impala:children]\ncoordinators # top\n[coordinators:children]\nrack1\n[rack1]\na.example.com\n",
       "a.example.com: coordinator\n"},
      {"impalad as a heading",
       "[impalad:children]\ncoordinators\nexecutors\n[coordinators]\na.example.com\n[executors]\nb.example.com\n",
       "a.example.com: coordinator\nb.example.com: executor\n"},
      {"the nearest variable wins",
       "[all:vars]\nkeytab = /all\nport=1\n[top:children]\ncoordinators\n[top:vars]\nkeytab='/top'\nport=2\n"
       "[coordinators]\na.example.com\nb.example.com keytab=/host\n[coordinators:vars]\nport = 3\n"
       "[catalogd]\nc.example.com\n",
       "a.example.com: coordinator keytab=/top port=3\nb.example.com: coordinator keytab=/host port=3\n"
       "c.example.com: catalogd keytab=/all port=1\n"},
      {"variables before the group", "a.example.com port=7\n[coordinators]\na.example.com\n",
       "a.example.com: coordinator port=7\n"},
      {"a variable that ends in a colon", "[catalogd]\na.example.com\n[catalogd:vars]\nx=http:\n",
       "a.example.com: catalogd\n"},
      {"a plain list with variables for all", "a.example.com\n[all:vars]\nport=9\n",
       "a.example.com: coordinator port=9\n"},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.name);
    const auto inventory = parse_inventory(row.text, "hosts.ini");
    ASSERT_TRUE(inventory) << inventory.error().what;
    EXPECT_EQ(summary(*inventory), row.hosts);
    EXPECT_TRUE(inventory->notes.empty()) << inventory->notes[0];
  }
}

TEST(Inventory, EveryErrorNamesFileAndLine) {
  const struct {
    const char* name;
    const char* text;
    const char* error;
  } table[] = {
      {"empty", "# nothing\n", "hosts.ini: names no host in [coordinators]"},
      {"only other groups", "[kdc]\nk.example.com\n", "hosts.ini: names no host in"},
      {"a slip in the only group", "\n[cordinators]\nk.example.com\n",
       "hosts.ini:2: group [cordinators] is left aside; did you mean 'coordinators'?"},
      {"short name", "[catalogd]\nnode1\n", "hosts.ini:2: 'node1' is not fully qualified"},
      {"address", "10.0.0.7\n", "hosts.ini:1: '10.0.0.7' is an IP address"},
      {"macro", "x._HOST.com\n", "hosts.ini:1: host name 'x._HOST.com' cannot be used"},
      {"SSH port", "a.example.com:21050\n", "hosts.ini:1: 'a.example.com:21050': Ansible takes"},
      {"two hosts on a line", "a.example.com b.example.com\n", "hosts.ini:1: 'b.example.com' is no variable"},
      {"quote", "a.example.com keytab='/x\n", "hosts.ini:1: a ' is not closed"},
      {"bad port", "[catalogd]\na.example.com port=0\n", "hosts.ini:2: port=0 is not a number from 1 to 65535"},
      {"bad group port", "[catalogd]\na.example.com\n[catalogd:vars]\nport=x\n", "hosts.ini:4: port=x is not a number"},
      {"header without bracket", "[catalogd\n", "hosts.ini:1: '[catalogd' has no closing bracket"},
      {"YAML", "all:\n  hosts:\n    a.example.com:\n",
       "hosts.ini:1: 'all:' looks like YAML; an inventory is read as INI"},
      {"YAML's first line", "---\nall:\n", "hosts.ini:1: '---' looks like YAML"},
      {"YAML's list", "a.example.com\n- b.example.com\n", "hosts.ini:2: '- b.example.com' looks like YAML"},
      {"words behind a header", "[catalogd] a.example.com\n", "hosts.ini:1: 'a.example.com' stands behind"},
      {"empty header", "[]\n", "hosts.ini:1: '[]' names no group"},
      {"unknown kind", "[a:hosts2]\n", "hosts.ini:1: [a:hosts2]: only :children and :vars"},
      {"variables of no group", "[catalogd]\na.example.com\n[x:vars]\na=b\n", "hosts.ini:3: [x:vars] is about a group"},
      {"child that is no group", "[catalogd:children]\nrack1\n", "hosts.ini:2: [catalogd:children] names rack1"},
      {"no variable", "[all:vars]\nkeytab\n", "hosts.ini:2: 'keytab' is no variable"},
      {"two children on a line", "[a:children]\nb c\n", "hosts.ini:2: 'b c' is no group's name"},
      {"a ring of groups", "[a:children]\nb\n[b:children]\na\n", "hosts.ini:1: group [a] is its own descendant"},
      {"one host spelled two ways", "a.example.com\nA.example.com.\n",
       "hosts.ini:2: a.example.com is spelled another way"},
      {"range without end", "a[1:2\n", "hosts.ini:1: host range '[1:2' has no closing bracket"},
      {"range without colon", "a[1]\n", "hosts.ini:1: host range [1] has no colon"},
      {"range backwards", "a[3:1].b\n", "hosts.ini:1: host range [3:1] runs backwards"},
      {"range of mixed ends", "a[1:c].b\n", "hosts.ini:1: host range [1:c] needs two numbers or two letters"},
      {"range of uneven width", "a[01:100].b\n", "hosts.ini:1: host range [01:100] has ends of different width"},
      {"range without step", "a[1:9:0].b\n", "hosts.ini:1: host range [1:9:0] has a step"},
      {"too many hosts", "a[0:999999].b\n", "hosts.ini:1: host range [0:999999] makes more than 100000 hosts"},
      {"too many in product", "a[1:999][1:999].b\n", "hosts.ini:1: host range [1:999] makes more than 100000 hosts"},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.name);
    const auto inventory = parse_inventory(row.text, "hosts.ini");
    ASSERT_FALSE(inventory);
    EXPECT_TRUE(inventory.error().is(Errc::invalid));
    EXPECT_NE(inventory.error().what.find(row.error), std::string::npos) << inventory.error().what;
  }
}

TEST(Inventory, NotesWhatIsLeftAsideAndSoundsLikeOurs) {
  const auto inventory = parse_inventory(
      "loose.example.com\n[coordinators]\na.example.com\n[executor]\nb.example.com\n[web]\nc\n[catalog]\na.example."
      "com\n",
      "h");
  ASSERT_TRUE(inventory) << inventory.error().what;
  ASSERT_EQ(inventory->notes.size(), 2U);
  EXPECT_EQ(inventory->notes[0], "h:4: group [executor] is left aside; did you mean 'executors'?");
  EXPECT_TRUE(inventory->notes[1].starts_with("h:1: hosts before the first group")) << inventory->notes[1];
}

TEST(Inventory, ADeepNestIsRefusedWhateverItsNames) {
  std::string text;
  for (int i = 0; i < 200; ++i) {
    text += "[g" + std::to_string(i) + ":children]\ng" + std::to_string(i + 1) + "\n";
  }
  text += "[g200]\na.example.com\n";
  const auto inventory = parse_inventory(text, "h");
  ASSERT_FALSE(inventory);
  EXPECT_NE(inventory.error().what.find("nested more than 100 deep"), std::string::npos) << inventory.error().what;
}

}  // namespace
}  // namespace kerbgate
