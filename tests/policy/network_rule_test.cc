#include "policy/network_rule.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

class NetworkRuleTest : public testing::Test {
 protected:
  NetworkRule Read(const std::string& network, const std::string& groups = "[]") {
    document_.emplace(
        std::move(JsonDocument::Parse(R"({"network":)" + network + R"(,"groups":)" + groups + "}"))
            .value());
    return ReadNetworkRule(document_->root().Find("network"), document_->root().Find("groups"));
  }
  std::optional<JsonDocument> document_;
};

std::string Ranges(const NetworkRuleItem& item) {
  std::string all;
  for (const AddressRange& range : item.ranges) all += FormatRange(range) + " ";
  return all;
}

TEST_F(NetworkRuleTest, WithoutASectionNothingIsRestricted) {
  const NetworkRule rule = ReadNetworkRule({}, {});
  EXPECT_FALSE(rule.given);
  EXPECT_TRUE(rule.egress.default_allow && rule.ingress.default_allow);
  EXPECT_EQ(rule.host_network, HostNetwork::kDeny);
}

TEST_F(NetworkRuleTest, WhatIsDeniedIsLookedAtFirst) {
  const NetworkRule rule = Read(R"({"egress":{"default":"deny","allow":[{"to":["10.0.0.0/8"]}],
      "deny":[{"name":"no-db","to":["10.9.0.0/16"]}]}})");
  ASSERT_EQ(rule.egress.rules.size(), 2U);
  EXPECT_FALSE(rule.egress.rules[0].allow);
  EXPECT_TRUE(rule.egress.rules[1].allow);
  EXPECT_FALSE(rule.egress.default_allow);
  EXPECT_TRUE(rule.ingress.default_allow);
  EXPECT_EQ(RuleName(rule, Direction::kEgress, 0), "no-db (network.egress.deny[0])");
  EXPECT_EQ(RuleName(rule, Direction::kEgress, 1), "network.egress.allow[0]");
  EXPECT_EQ(RuleName(rule, Direction::kIngress, {}), "network.ingress.default");
  EXPECT_EQ(RuleName(rule, Direction::kIngress, 7), "network.ingress.rule 7");
}

TEST_F(NetworkRuleTest, OrderedRulesKeepTheirOrder) {
  const NetworkRule rule = Read(R"({"ingress":{"rules":[{"action":"allow","from":["10.0.0.1"]},
      {"action":"deny","from":["10.0.0.0/8"]}]}})");
  ASSERT_EQ(rule.ingress.rules.size(), 2U);
  EXPECT_TRUE(rule.ingress.rules[0].allow);
  EXPECT_EQ(rule.ingress.rules[1].place, "network.ingress.rules[1]");
}

TEST_F(NetworkRuleTest, PeersAreRangesGroupsAndNames) {
  const NetworkRule rule = Read(
      R"({"egress":{"default":"deny","allow":[{"to":["@db","10.1.0.5","dns:API.example.com",
         "dns:*.example.org","10.1.0.6-10.1.0.9"]},{"to":["@metadata"]},{"ports":["53"]}]}})",
      R"([{"name":"db","addresses":["10.1.0.0-10.1.0.4","fd00::/8"]}])");
  const NetworkRuleItem& first = rule.egress.rules[0];
  EXPECT_EQ(Ranges(first), "10.1.0.0-10.1.0.9 fd00::/8 ");
  EXPECT_EQ(first.dns, (std::vector<std::string>{"api.example.com", "*.example.org"}));
  EXPECT_FALSE(first.any_peer);
  EXPECT_NE(Ranges(rule.egress.rules[1]).find("169.254.169.254"), std::string::npos);
  EXPECT_TRUE(rule.egress.rules[2].any_peer);
  EXPECT_TRUE(NeedsDns(rule));
  EXPECT_FALSE(NeedsDns(Read(R"({"egress":{"default":"deny"}})")));
}

TEST_F(NetworkRuleTest, ContainersArePeersOfBothDirections) {
  const NetworkRule rule = Read(
      R"({"egress":{"default":"deny","allow":[{"to":["profile:db","image:r/*","10.0.0.1"]}]}})");
  EXPECT_EQ(rule.egress.rules[0].containers,
            (std::vector<ContainerPeer>{{.image = false, .pattern = "db"},
                                        {.image = true, .pattern = "r/*"}}));
  EXPECT_FALSE(rule.egress.rules[0].any_peer);
  EXPECT_TRUE(NeedsPeers(rule));
  EXPECT_TRUE(NeedsPeers(Read(R"({"ingress":{"deny":[{"from":["profile:db"]}]}})")));
  EXPECT_FALSE(NeedsPeers(Read(R"({"egress":{"default":"deny"}})")));
}

TEST_F(NetworkRuleTest, ProtocolsPortsAndTypesBecomeOneList) {
  const NetworkRule rule = Read(
      R"({"egress":{"default":"deny","allow":[{"protocols":["sctp"],"rate":"10/minute",
         "ports":["53","54/udp","443/tcp"],"icmp":["echo-request","icmp/8"]}]}})");
  const auto& protocols = rule.egress.rules[0].protocols;
  ASSERT_EQ(protocols.size(), 5U);  // icmp, tcp, udp, icmpv6, sctp
  EXPECT_EQ(protocols[0].types, std::vector<uint8_t>{8});
  EXPECT_EQ(protocols[1].ports, (std::vector<PortRange>{{53, 53}, {443, 443}}));
  EXPECT_EQ(protocols[2].ports, (std::vector<PortRange>{{53, 54}}));
  EXPECT_EQ(protocols[3].types, std::vector<uint8_t>{128});
  EXPECT_TRUE(protocols[4].ports.empty());
  EXPECT_EQ(rule.egress.rules[0].rate->unit_seconds, 60U);
}

TEST_F(NetworkRuleTest, TheOtherKeysHaveSafeDefaults) {
  NetworkRule rule = Read(R"({"egress":{"default":"deny"}})");
  EXPECT_EQ(rule.capabilities, NetworkCapabilities::kWithhold);
  EXPECT_EQ(rule.host_network, HostNetwork::kDeny);
  rule = Read(R"({"capabilities":"keep","hostNetwork":"allow"})");
  EXPECT_EQ(rule.capabilities, NetworkCapabilities::kKeep);
  EXPECT_EQ(rule.host_network, HostNetwork::kAllow);
  EXPECT_EQ(Read(R"({"hostNetwork":"cgroup"})").host_network, HostNetwork::kCgroup);
}

}  // namespace
}  // namespace runward
