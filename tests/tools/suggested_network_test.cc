#include "tools/suggested_network.h"

#include <nlohmann/json.hpp>

#include "policy/network_rule.h"
#include "tests/tools/network_fixture.h"

namespace runward {
namespace {

class SuggestedNetworkTest : public NetworkFixture {
 protected:
  void See(const EventFlow& flow, EventAction action = EventAction::kWouldDeny) {
    map_.Add(Logged(Flow(action, flow, "network.egress.default")));
  }
  [[nodiscard]] nlohmann::json Suggested() const {
    return nlohmann::json::parse(SuggestNetwork(map_.Flows()).text)["network"];
  }
  NetworkMap map_;
};

TEST_F(SuggestedNetworkTest, MergesAddressesAndPortsWithoutAllowingMore) {
  for (const char* last : {"0", "1", "2", "3", "9"}) {
    for (const int port : {80, 81, 82, 443}) See(To("10.0.0." + std::string(last), "tcp", port));
  }
  const auto egress = Suggested()["egress"];
  EXPECT_EQ(egress, nlohmann::json::parse(R"({"default": "deny", "allow": [
      {"to": ["10.0.0.0/30", "10.0.0.9"], "ports": ["80-82/tcp", "443/tcp"]}]})"));
  EXPECT_EQ(Suggested()["ingress"], nlohmann::json::parse(R"({"default": "deny"})"));
}

TEST_F(SuggestedNetworkTest, ServicesOfOtherPeersAreOtherRules) {
  See(To("10.0.0.1", "tcp", 443), EventAction::kAllowed);
  See(To("10.0.0.2", "udp", 53), EventAction::kDenied);
  See(To("fd00::1", "icmpv6", 128));
  See(To("10.0.0.1", "icmp", 0));
  See(To("10.0.0.5", "47", 0));
  See(From("10.0.0.7", "tcp", 8080));
  EXPECT_EQ(Suggested(), nlohmann::json::parse(R"({
    "egress": {"default": "deny", "allow": [
      {"to": ["10.0.0.1"], "icmp": ["icmp/0"], "ports": ["443/tcp"]},
      {"to": ["10.0.0.2"], "ports": ["53/udp"]},
      {"to": ["10.0.0.5"], "protocols": ["gre"]},
      {"to": ["fd00::1"], "icmp": ["icmpv6/128"]}]},
    "ingress": {"default": "deny", "allow": [{"from": ["10.0.0.7"], "ports": ["8080/tcp"]}]}})"));
}

TEST_F(SuggestedNetworkTest, WhatHadANameIsMeantByIt) {
  EventFlow flow = To("198.18.0.1", "tcp", 443);
  for (const char* peer : {"198.18.0.1", "93.184.216.34"}) {
    flow.peer = peer;
    flow.peer_name = "api.example.com";
    flow.port = 443;
    See(flow, EventAction::kAllowed);
  }
  flow.port = 80;
  See(flow, EventAction::kAllowed);
  EXPECT_EQ(Suggested()["egress"]["allow"], nlohmann::json::parse(R"([
      {"to": ["dns:api.example.com"], "ports": ["80/tcp"]},
      {"to": ["dns:api.example.com"], "privateAddresses": true, "ports": ["443/tcp"]}])"));
}

TEST_F(SuggestedNetworkTest, MakesNoRuleOfWhatIsNotKnown) {
  See(To("", "", 0, 7));
  See(To("10.0.0.1", "udp", 0));
  See(To("10.0.0.1", "103", 0));
  See(To("nonsense", "tcp", 1));
  const SuggestedNetwork suggested = SuggestNetwork(map_.Flows());
  EXPECT_EQ(suggested.left_out.size(), 4U);
  const auto network = nlohmann::json::parse(suggested.text)["network"];
  EXPECT_FALSE(network["egress"].contains("allow"));
  EXPECT_FALSE(network["ingress"].contains("allow"));
}

TEST_F(SuggestedNetworkTest, IsReadAsAProfilesSection) {
  See(To("10.0.0.1", "tcp", 443));
  const auto document = JsonDocument::Parse(SuggestNetwork(map_.Flows()).text);
  const NetworkRule rule = ReadNetworkRule(document.value().root().Find("network"), {});
  EXPECT_FALSE(rule.egress.default_allow);
  ASSERT_EQ(rule.egress.rules.size(), 1U);
  EXPECT_EQ(FormatRange(rule.egress.rules[0].ranges.at(0)), "10.0.0.1");
}

}  // namespace
}  // namespace runward
