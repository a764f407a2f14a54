#include "policy/network_schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "policy/network_words.h"

namespace runward {
namespace {

constexpr std::array<KeySpec, 2> kBothKeys = {{
    {.name = "addressGroups",
     .shape = Shape::kObject,
     .count = Count::kAny,
     .object = &kAddressGroupSchema},
    {.name = "network", .shape = Shape::kObject, .object = &kNetworkSchema},
}};
constexpr ObjectSpec kBoth = {"policy", "", kBothKeys};

// All problems of a section: "line:column message; hint".
std::string ProblemsOf(const std::string& network, const std::string& groups = "[]") {
  auto document =
      JsonDocument::Parse("{\"addressGroups\":" + groups + ",\n\"network\":" + network + "}");
  if (!document.ok()) return document.error().message;
  Problems problems(document.value());
  Validate(document.value(), kBoth, problems);
  if (problems.empty()) {
    const JsonValue root = document.value().root();
    CheckAddressGroups(root.Find("addressGroups"), problems);
    CheckNetwork(root.Find("network"), root.Find("addressGroups"), problems);
  }
  std::string all;
  for (const PolicyProblem& one : problems.Take()) {
    all += std::to_string(one.position.line) + ":" + std::to_string(one.position.column) + " " +
           one.message + "; " + one.hint + "\n";
  }
  return all;
}

std::string Egress(const std::string& rule) {
  return ProblemsOf(R"({"egress":{"default":"deny","allow":[)" + rule + "]}}");
}

TEST(NetworkSchema, KeysAreSortedAndProtocolsAreThoseThatAreKnown) {
  std::vector<const ObjectSpec*> todo = {&kNetworkSchema, &kAddressGroupSchema};
  while (!todo.empty()) {
    const ObjectSpec* object = todo.back();
    todo.pop_back();
    EXPECT_TRUE(std::ranges::is_sorted(object->keys, {}, &KeySpec::name)) << object->name;
    for (const KeySpec& key : object->keys) {
      EXPECT_FALSE(key.help.empty()) << key.name;
      if (key.object != nullptr) todo.push_back(key.object);
      if (key.name != "protocols") continue;
      EXPECT_TRUE(std::ranges::equal(key.choices, Protocols(), {}, {}, &ProtocolName::name));
    }
  }
}

TEST(NetworkSchema, TakesEveryRuleForm) {
  EXPECT_EQ(ProblemsOf(R"({"egress":{"default":"deny","deny":[{"to":["@metadata"]}],
    "allow":[{"name":"a","to":["10.0.0.0/8","fd00::/8","@db"],
              "ports":["443/tcp","8000-8100/udp","53"],"rate":"10/second"},
             {"icmp":["echo-request","icmp/13"]},{"protocols":["gre"]},{"to":["0.0.0.0/0"]}]},
    "ingress":{"rules":[{"action":"deny","from":["10.0.0.1-10.0.0.9"]}]},
    "capabilities":"refuse","hostNetwork":"allow"})",
                       R"([{"name":"db","addresses":["10.1.2.3"]}])"),
            "");
}

TEST(NetworkSchema, SaysWhatIsWrongWhereAndWhatIsNear) {
  const std::string long_hint =
      "write an address, \"10.0.0.0/8\", \"10.0.0.1-10.0.0.9\" or \"@group\"\n";
  EXPECT_EQ(Egress(R"({"to":["10.0.0.1/8"]})"),
            "2:55 \"10.0.0.1/8\" has bits beyond its prefix; write \"10.0.0.0/8\"\n");
  EXPECT_EQ(Egress(R"({"to":["10.0.0.9-10.0.0.1"]})"),
            "2:55 \"10.0.0.9-10.0.0.1\" ends before it begins; write \"10.0.0.1-10.0.0.9\"\n");
  EXPECT_EQ(Egress(R"({"to":["10.0.0"]})"), "2:55 \"10.0.0\" is no address; " + long_hint);
  EXPECT_EQ(Egress(R"({"to":["@metdata"]})"),
            "2:55 there is no address group \"@metdata\"; did you mean \"@metadata\"?\n");
  EXPECT_EQ(Egress(R"({"ports":["9000-8000/tcp"]})"),
            "2:58 \"9000-8000/tcp\" ends before it begins; write \"443/tcp\", \"8000-8100/udp\" or "
            "\"53\"\n");
  EXPECT_EQ(Egress(R"({"icmp":["echo-requests"]})"),
            "2:57 \"echo-requests\" is no type of ICMP message; did you mean \"echo-request\"?\n");
  EXPECT_EQ(Egress(R"({"port":["443/tcp"]})"),
            "2:49 unknown key \"port\" in the egress rule; did you mean \"ports\"?\n");
  EXPECT_EQ(Egress(R"({"protocols":["tpc"]})"),
            "2:62 an element of \"protocols\" must be \"ah\" or \"esp\" or \"gre\" or \"icmp\" or "
            "\"icmpv6\" or \"sctp\" or \"tcp\" or \"udp\" or \"udplite\"; did you mean \"tcp\"?\n");
  EXPECT_EQ(
      ProblemsOf(R"({"egress":{"default":"deny"}})",
                 R"([{"name":"a","addresses":["1.2.3.4/40"]},{"name":"a","addresses":["::"]}])")
          .substr(0, 46),
      "1:44 \"1.2.3.4/40\" has no prefix length from 0 ");
}

TEST(NetworkSchema, RefusesWhatDoesNothingOrContradicts) {
  const auto bad = [](const std::string& problems, std::string_view text) {
    EXPECT_NE(problems.find(text), std::string::npos) << problems << " lacks " << text;
  };
  bad(ProblemsOf("{}"), "\"network\" restricts nothing");
  bad(ProblemsOf(R"({"egress":{}})"), "the section restricts nothing");
  bad(ProblemsOf(R"({"egress":{"allow":[{"ports":["1"]}]}})"),
      "has no effect where the default is");
  bad(ProblemsOf(R"({"egress":{"default":"deny","allow":[{"ports":["1"]}],
                    "rules":[{"action":"allow","ports":["1"]}]}})"),
      "\"rules\" stands instead");
  bad(Egress("{}"), "the rule fits everything");
  bad(Egress(R"({"ports":["1/tcp"],"protocols":["tcp"]})"), "all ports are listed already");
  bad(Egress(R"({"to":["10.0.0.1"],"rate":"fast"})"), "is no rate");
  bad(Egress(R"({"to":["dns:a..b"]})"), "\"a..b\" is no name");
  bad(Egress(R"({"to":["dns:*"]})"), "is no name");
  bad(Egress(R"({"to":["10.0.0.1"],"privateAddresses":true})"), "the rule has no names");
  bad(ProblemsOf(R"({"egress":{"deny":[{"to":["dns:a.example"]}]}})"), "stay within reach");
  bad(Egress(R"({"to":["image:"]})"), "names no containers");
  bad(Egress(R"({"to":["profile:"]})"), "names no containers");
  bad(Egress(R"({"to":["images:web"]})"), "is no address");
  bad(ProblemsOf(R"({"egress":{"deny":[{"to":["10.0.0.1"],"rate":"1/second"}]}})"),
      "what is denied has no rate");
  bad(ProblemsOf(R"({"ingress":{"default":"deny","allow":[{"from":["dns:a.example"]}]}})"),
      "names are for egress");
  bad(ProblemsOf(R"({"ingress":{"default":"deny","allow":[{"to":["10.0.0.1"]}]}})"), "unknown key");
  bad(ProblemsOf(R"({"egress":{"default":"deny"}})",
                 R"([{"name":"metadata","addresses":["::1"]}])"),
      "a second address group");
}

std::string Laxer(const std::string& was, const std::string& is) {
  const auto first = JsonDocument::Parse(was);
  const auto second = JsonDocument::Parse(is);
  return NetworkLaxerWays(first.value().root(), second.value().root());
}

TEST(NetworkSchema, KnowsWhatIsLaxer) {
  const std::string one = R"({"egress":{"default":"deny","allow":[{"to":["10.0.0.1"]}]}})";
  EXPECT_EQ(Laxer(one, one), "");
  EXPECT_EQ(Laxer(one, R"({"egress":{"default":"deny"}})"), "");
  EXPECT_EQ(Laxer(R"({"egress":{"default":"deny"}})", one), "egress allows more");
  EXPECT_EQ(Laxer(one, R"({"ingress":{"default":"deny"}})"), "egress allowed by default");
  const std::string denies = R"({"egress":{"deny":[{"to":["10.0.0.1"]}]}})";
  EXPECT_EQ(Laxer(denies, R"({"egress":{"deny":[{"to":["10.0.0.2"]}]}})"), "egress denies less");
  const std::string ordered = R"({"egress":{"rules":[{"action":"deny","to":["10.0.0.1"]}]}})";
  EXPECT_EQ(Laxer(ordered, denies), "egress has other rules");
  EXPECT_EQ(Laxer(R"({"ingress":{"default":"deny"}})",
                  R"({"ingress":{"default":"deny"},"capabilities":"keep","hostNetwork":"allow"})"),
            "network capabilities kept, the host's network allowed");
  const std::string held = R"({"ingress":{"default":"deny"},"hostNetwork":"cgroup"})";
  EXPECT_EQ(Laxer(R"({"ingress":{"default":"deny"}})", held),
            "the host's network allowed under rules");
  EXPECT_EQ(Laxer(held, R"({"ingress":{"default":"deny"}})"), "");
  EXPECT_EQ(Laxer(held, R"({"ingress":{"default":"deny"},"hostNetwork":"allow"})"),
            "the host's network allowed");
  const std::string outside = R"({"ingress":{"default":"deny"},"capabilities":"veth"})";
  EXPECT_EQ(Laxer(R"({"ingress":{"default":"deny"}})", outside),
            "network capabilities kept under rules");
  EXPECT_EQ(Laxer(outside, R"({"ingress":{"default":"deny"},"capabilities":"refuse"})"), "");
  EXPECT_EQ(Laxer(outside, R"({"ingress":{"default":"deny"},"capabilities":"keep"})"),
            "network capabilities kept");
  EXPECT_EQ(Laxer(R"({"ingress":{"default":"deny"},"capabilities":"keep"})", outside), "");
  EXPECT_EQ(NetworkLaxerWays(JsonDocument::Parse(one).value().root(), {}), "no network rules");
  EXPECT_EQ(NetworkLaxerWays({}, {}), "");
}

}  // namespace
}  // namespace runward
