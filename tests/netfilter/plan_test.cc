#include "netfilter/plan.h"

#include <gtest/gtest.h>

#include "netfilter/plan_text.h"

namespace runward {
namespace {

NetworkRule RuleOf(const std::string& text) {
  const auto document = JsonDocument::Parse(text);
  EXPECT_TRUE(document.ok()) << text;
  return ReadNetworkRule(document.value().root(), {});
}

std::string ChainText(const NetfilterPlan& plan, std::string_view name) {
  for (const PlanChain& chain : plan.chains) {
    std::string text;
    if (chain.name != name) continue;
    for (const PlanRule& rule : chain.rules) text += RuleText(rule) + "\n";
    return text;
  }
  return "no such chain";
}

const std::string kKey(64, '0');

TEST(Plan, WhatADefaultDenyMustLetThroughComesFirst) {
  const NetfilterPlan plan = BuildPlan(RuleOf(R"({"egress":{"default":"deny"}})"), {.key = kKey});
  EXPECT_EQ(ChainText(plan, "output"),
            "ct state established,related accept\n"
            "oifname \"lo\" accept\n"
            "meta nfproto ipv4 ip daddr 127.0.0.0-127.255.255.255 accept\n"
            "meta nfproto ipv6 ip6 daddr ::1 accept\n"
            "meta nfproto ipv6 meta l4proto ipv6-icmp icmpv6 type @neighbours accept\n"
            "jump egress\n");
  EXPECT_EQ(ChainText(plan, "forward"), "ct state established,related accept\njump egress\n");
}

TEST(Plan, TheLogHasItsOwnRuleSoThatItsLimitLetsNothingThrough) {
  const NetworkRule rule = RuleOf(R"({"egress":{"default":"deny"}})");
  EXPECT_EQ(ChainText(BuildPlan(rule, {.key = kKey}), "egress_deny_default"),
            "limit rate 10000/second burst 20000 packets log prefix \"rw:d:e:default\" group 1024 "
            "snaplen 128 queue-threshold 32\ncounter drop\n");
  EXPECT_EQ(ChainText(BuildPlan(rule, {.key = kKey, .audit = true}), "egress_deny_default"),
            "limit rate 10000/second burst 20000 packets log prefix \"rw:w:e:default\" group 1024 "
            "snaplen 128 queue-threshold 32\ncounter accept\n");
}

TEST(Plan, ARuleIsOneRuleHoweverManyItsAddresses) {
  const NetworkRule rule = RuleOf(R"({"egress":{"default":"deny","allow":[
      {"to":["10.0.0.0/8","192.0.2.1","198.51.100.0/24"],"ports":["443/tcp"]}]}})");
  const NetfilterPlan plan = BuildPlan(rule, {.key = kKey});
  EXPECT_EQ(
      ChainText(plan, "egress"),
      "ct state new meta l4proto tcp tcp flags & (fin | syn | rst | ack) != syn jump "
      "egress_deny_default\n"
      "meta nfproto ipv4 ip daddr @e0_4 meta l4proto tcp tcp dport 443 ct mark set 0x08000001 "
      "accept\n"
      "jump egress_deny_default\n");
  EXPECT_EQ(plan.sets.back().ranges.size(), 3U);
}

TEST(Plan, ContainersAreSetsThatBeginEmptyAndAreFilledLater) {
  const NetworkRule rule = RuleOf(R"({"ingress":{"default":"deny","allow":[
      {"from":["profile:web","10.0.0.1"],"ports":["80/tcp"]}]}})");
  const NetfilterPlan plan = BuildPlan(rule, {.key = kKey});
  EXPECT_NE(ChainText(plan, "ingress")
                .find("meta nfproto ipv4 ip saddr @i0_peer4 meta l4proto tcp tcp dport 80"),
            std::string::npos);
  EXPECT_NE(ChainText(plan, "ingress").find("ip6 saddr @i0_peer6"), std::string::npos);
  EXPECT_NE(PlanText(plan).find("  set i0_peer4 {\n    type ipv4_addr\n  }\n"), std::string::npos)
      << PlanText(plan);
}

TEST(Plan, AuditChangesNoVerdictButWhetherItIsKept) {
  for (const PlanChain& chain :
       BuildPlan(RuleOf(R"({"egress":{"default":"deny","deny":[{"ports":["1"]}],
                            "allow":[{"ports":["2"],"rate":"1/second"}]},
                            "ingress":{"default":"deny"}})"),
                 {.key = kKey, .audit = true})
           .chains) {
    for (const PlanRule& rule : chain.rules) {
      EXPECT_EQ(RuleText(rule).find("drop"), std::string::npos) << RuleText(rule);
    }
  }
}

TEST(Plan, OneOfSeveralContainersIsToldByItsControlGroup) {
  const NetfilterPlan plan = BuildPlan(RuleOf(R"({"egress":{"default":"deny"}})"),
                                       {.key = kKey, .cgroup = CgroupScope{7, 2, "pod/one"}});
  EXPECT_NE(ChainText(plan, "output").find("socket cgroupv2 level 2 \"pod/one\" jump egress"),
            std::string::npos);
  EXPECT_EQ(ChainText(plan, "forward"), "no such chain");
}

TEST(Plan, NamesKnowTheirSets) {
  const auto names = DnsNames(RuleOf(R"({"egress":{"default":"deny","deny":[{"ports":["1"]}],
      "allow":[{"to":["dns:A.example","dns:*.b.example"],"privateAddresses":true}]}})"));
  ASSERT_EQ(names.size(), 2U);
  EXPECT_EQ(names[1].pattern, "*.b.example");
  EXPECT_EQ(names[1].set6, "e1_dns6");
  EXPECT_TRUE(names[0].allow && names[0].private_ok);
}

}  // namespace
}  // namespace runward
