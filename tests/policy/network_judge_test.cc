#include "policy/network_judge.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint8_t kIcmp = 1;

NetworkRule Read(const std::string& network) {
  static std::optional<JsonDocument> document;
  document.emplace(std::move(JsonDocument::Parse(network)).value());
  return ReadNetworkRule(document->root(), {});
}

bool Nobody(const NetworkRuleItem& /*item*/, const Address& /*peer*/) { return false; }

struct Case {
  Direction direction;
  const char* peer;
  uint8_t protocol;
  uint16_t port;
  uint8_t type;
  bool allow;
  int rule;  // -1: the default
};

void Check(const NetworkRule& rule, const std::vector<Case>& cases, const PeerIsNamed& named) {
  for (const Case& one : cases) {
    const FlowVerdict verdict = JudgeFlow(rule,
                                          {.direction = one.direction,
                                           .peer = *ParseAddress(one.peer),
                                           .protocol = one.protocol,
                                           .port = one.port,
                                           .icmp_type = one.type},
                                          named);
    EXPECT_EQ(verdict.allow, one.allow) << one.peer << " " << one.port;
    EXPECT_EQ(verdict.rule ? static_cast<int>(*verdict.rule) : -1, one.rule) << one.peer;
  }
}

TEST(NetworkJudgeTest, TheFirstRuleThatFitsDecides) {
  const NetworkRule rule = Read(R"({"egress":{"default":"deny","deny":[{"to":["10.0.0.9"]}],
      "allow":[{"to":["10.0.0.0/24","fd00::/64"],"ports":["443/tcp","53"]},
               {"to":["10.1.0.0/16"],"icmp":["echo-request"]}]},
      "ingress":{"deny":[{"from":["10.0.0.0/8"],"protocols":["udp"]}]}})");
  constexpr Direction kOut = Direction::kEgress;
  constexpr Direction kIn = Direction::kIngress;
  Check(rule,
        {{kOut, "10.0.0.9", kTcp, 443, 0, false, 0},
         {kOut, "10.0.0.1", kTcp, 443, 0, true, 1},
         {kOut, "fd00::1", kUdp, 53, 0, true, 1},
         {kOut, "10.0.0.1", kUdp, 443, 0, false, -1},
         {kOut, "10.0.0.1", kTcp, 80, 0, false, -1},
         {kOut, "10.0.1.1", kTcp, 443, 0, false, -1},
         {kOut, "::ffff:10.0.0.1", kTcp, 443, 0, false, -1},
         {kOut, "10.1.2.3", kIcmp, 0, 8, true, 2},
         {kOut, "10.1.2.3", kIcmp, 0, 13, false, -1},
         {kIn, "10.0.0.1", kUdp, 9, 0, false, 0},
         {kIn, "10.0.0.1", kTcp, 9, 0, true, -1},
         {kIn, "11.0.0.1", kUdp, 9, 0, true, -1}},
        Nobody);
}

TEST(NetworkJudgeTest, ANamesAddressesAreItsRules) {
  const NetworkRule rule = Read(
      R"({"egress":{"default":"deny","allow":[{"to":["dns:a.example"],"ports":["443/tcp"]}]}})");
  const auto named = [](const NetworkRuleItem& item, const Address& /*peer*/) {
    return item.dns.front() == "a.example";
  };
  const Case one = {Direction::kEgress, "192.0.2.1", kTcp, 443, 0, true, 0};
  Check(rule, {one}, named);
  Check(rule, {{Direction::kEgress, "192.0.2.1", kTcp, 443, 0, false, -1}}, Nobody);
}

TEST(NetworkJudgeTest, WithoutRulesAllIsAllowed) {
  Check(NetworkRule{}, {{Direction::kIngress, "192.0.2.1", kTcp, 22, 0, true, -1}}, Nobody);
}

}  // namespace
}  // namespace runward
