#include "netfilter/cgroup_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "policy/network_judge.h"

namespace runward {
namespace {

NetworkRule Read(const std::string& network) {
  static std::optional<JsonDocument> document;
  document.emplace(std::move(JsonDocument::Parse(network)).value());
  return ReadNetworkRule(document->root(), {});
}

bool Begins(const std::array<uint8_t, 20>& bytes, const PrefixEntry& entry) {
  for (uint32_t bit = 0; bit < entry.bits; ++bit) {
    const int mask = 0x80 >> bit % 8;
    if (((bytes.at(bit / 8) ^ entry.bytes.at(bit / 8)) & mask) != 0) return false;
  }
  return true;
}

// As the kernel's tries do: the longest prefix.
RuleBits Look(const std::vector<PrefixEntry>& entries, const std::array<uint8_t, 20>& bytes) {
  const PrefixEntry* longest = nullptr;
  for (const PrefixEntry& entry : entries) {
    if (!Begins(bytes, entry)) continue;
    if (longest == nullptr || entry.bits > longest->bits) longest = &entry;
  }
  return longest == nullptr ? RuleBits{} : longest->rules;
}

FlowVerdict Judge(const CgroupPlan& plan, const NetworkFlow& flow) {
  const uint8_t ingress = flow.direction == Direction::kIngress ? 1 : 0;
  std::array<uint8_t, 20> peer = {ingress, flow.peer.v6};
  std::copy_n(flow.peer.bytes.begin(), flow.peer.size(), peer.begin() + 4);
  std::array<uint8_t, 20> service = {ingress, flow.protocol};
  const bool icmp = flow.protocol == 1 || flow.protocol == 58;
  service[2] = icmp ? flow.icmp_type : static_cast<uint8_t>(flow.port >> 8);
  service[3] = icmp ? 0 : static_cast<uint8_t>(flow.port);
  const RuleBits peers = Look(plan.peers, peer);
  const RuleBits services = Look(plan.services, service);
  for (uint32_t rule = 0; rule < kCgroupWords * 64; ++rule) {
    if ((peers.at(rule / 64) & services.at(rule / 64) & uint64_t{1} << rule % 64) == 0) continue;
    const bool allow = (plan.allow.at(ingress).at(rule / 64) >> rule % 64 & 1) != 0;
    return {.allow = allow, .rule = rule};
  }
  return {.allow = plan.default_allow.at(ingress), .rule = std::nullopt};
}

bool Nobody(const NetworkRuleItem& /*item*/, const Address& /*peer*/) { return false; }

const char* const kRules = R"({"egress":{"default":"deny",
    "deny":[{"to":["10.0.0.9"]},{"to":["10.0.0.64-10.0.0.130"],"ports":["400-444/tcp"]}],
    "allow":[{"to":["10.0.0.0/24","fd00::/64"],"ports":["443/tcp","53"]},
             {"to":["10.0.0.0/8"],"icmp":["echo-request"]},{"ports":["500-65535/udp"]},
             {"to":["0.0.0.0-9.255.255.254","fd00::5-fd00::1:0"]}]},
    "ingress":{"rules":[{"action":"deny","from":["10.0.0.0/25"],"protocols":["udp"]},
                        {"action":"allow","protocols":["udp"]},
                        {"action":"deny","ports":["1-1023/tcp"]}]}})";

TEST(CgroupPlan, DecidesAsTheRulesDo) {
  const NetworkRule rule = Read(kRules);
  const CgroupPlan plan = BuildCgroupPlan(rule).value();
  std::mt19937 random(5);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
  const auto pick = [&random](auto list) { return list[random() % list.size()]; };
  size_t allowed = 0;
  for (int i = 0; i < 20000; ++i) {
    NetworkFlow flow{.direction = random() % 2 == 0 ? Direction::kEgress : Direction::kIngress};
    flow.peer =
        *ParseAddress(pick(std::to_array<const char*>({"10.0.0.0", "9.255.255.0", "fd00::"})));
    flow.peer.bytes[flow.peer.size() - 1] = static_cast<uint8_t>(random());
    flow.protocol = pick(std::to_array<uint8_t>({1, 6, 17, 58, 132}));
    const bool icmp = flow.protocol == 1 || flow.protocol == 58;
    if (icmp) flow.icmp_type = pick(std::to_array<uint8_t>({0, 8, 128, 129}));
    if (!icmp) flow.port = static_cast<uint16_t>(random() % 2 == 0 ? random() % 600 : random());
    const FlowVerdict expected = JudgeFlow(rule, flow, Nobody);
    const FlowVerdict verdict = Judge(plan, flow);
    ASSERT_EQ(verdict.allow, expected.allow) << FormatAddress(flow.peer) << " " << flow.port;
    ASSERT_EQ(verdict.rule, expected.rule) << FormatAddress(flow.peer) << " " << flow.port;
    allowed += expected.allow ? 1 : 0;
  }
  EXPECT_GT(allowed, 2000U);
  EXPECT_LT(allowed, 18000U);
}

TEST(CgroupPlan, CoversWholeFamiliesAndLastAddresses) {
  const CgroupPlan plan = BuildCgroupPlan(Read(R"({"egress":{"default":"deny","allow":[
      {"to":["0.0.0.0/0"]},{"to":["255.255.255.255","ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]},
      {"to":["::/0"],"ports":["1-65535/tcp"]}]}})"))
                              .value();
  const auto verdict = [&plan](const char* peer, uint16_t port) {
    return Judge(plan, {.peer = *ParseAddress(peer), .protocol = 6, .port = port}).rule;
  };
  EXPECT_EQ(verdict("192.0.2.1", 80), 0U);
  EXPECT_EQ(verdict("255.255.255.255", 80), 0U);
  EXPECT_EQ(verdict("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0), 1U);
  EXPECT_EQ(verdict("2001:db8::1", 65535), 2U);
  EXPECT_EQ(verdict("2001:db8::1", 0), std::nullopt);
}

TEST(CgroupPlan, ItsDigestIsThatOfWhatItSays) {
  const auto digest = [](const std::string& network) {
    return DigestOf(BuildCgroupPlan(Read(network)).value());
  };
  const std::string allow = R"({"egress":{"default":"deny","allow":[{"to":["10.0.0.0/24"]}]}})";
  EXPECT_EQ(digest(allow), digest(R"({"egress":{"allow":[{"to":["10.0.0.0-10.0.0.255"]}],
                                      "default":"deny"},"onChange":"cut"})"));
  for (const char* other :
       {R"({"egress":{"allow":[{"to":["10.0.0.0/24"]}]}})",
        R"({"egress":{"default":"deny","deny":[{"to":["10.0.0.0/24"]}]}})",
        R"({"ingress":{"default":"deny","allow":[{"from":["10.0.0.0/24"]}]}})",
        R"({"egress":{"default":"deny","allow":[{"to":["10.0.0.0/25"]}]}})",
        R"({"egress":{"default":"deny","allow":[{"to":["10.0.0.0/24"],"ports":["1/tcp"]}]}})"}) {
    EXPECT_NE(digest(allow), digest(other)) << other;
  }
}

TEST(CgroupPlan, RefusesWhatItCannotHold) {
  for (const char* peer : {"dns:api.example.com", "profile:web", "image:a/*"}) {
    const NetworkRule rule =
        Read(std::string(R"({"egress":{"default":"deny","allow":[{"to":[")") + peer + R"("]}]}})");
    EXPECT_FALSE(BuildCgroupPlan(rule).ok()) << peer;
  }
  EXPECT_FALSE(
      BuildCgroupPlan(Read(R"({"ingress":{"default":"deny","allow":[{"rate":"1/hour"}]}})")).ok());
  NetworkRule many = Read(R"({"egress":{"default":"deny","allow":[{"to":["10.0.0.1"]}]}})");
  many.egress.rules.resize(kCgroupWords * 64, many.egress.rules.front());
  EXPECT_TRUE(BuildCgroupPlan(many).ok());
  many.egress.rules.push_back(many.egress.rules.front());
  EXPECT_FALSE(BuildCgroupPlan(many).ok());
}

}  // namespace
}  // namespace runward
