#include "agent/dns_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "netfilter/dns_chain.h"

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

NetworkRule Read(const std::string& network) {
  static std::optional<JsonDocument> document;
  document.emplace(std::move(JsonDocument::Parse(network)).value());
  return ReadNetworkRule(document->root(), {});
}

std::vector<std::string> SetsOf(const DnsVerdict& verdict) {
  std::vector<std::string> sets;
  for (const DnsName* one : verdict.names) sets.push_back(one->set4);
  return sets;
}

TEST(DnsGateTest, AStarFitsWhatIsBelowOfAnyDepth) {
  EXPECT_TRUE(FitsName("*.example.com", "a.example.com"));
  EXPECT_TRUE(FitsName("*.example.com", "b.a.example.com"));
  EXPECT_TRUE(FitsName("api.example.com", "api.example.com"));
  EXPECT_FALSE(FitsName("*.example.com", "example.com"));
  EXPECT_FALSE(FitsName("*.example.com", "badexample.com"));
  EXPECT_FALSE(FitsName("*.example.com", ".example.com"));
  EXPECT_FALSE(FitsName("example.com", "a.example.com"));
  EXPECT_FALSE(FitsName("*.example.com", "a.example.com.evil"));
}

TEST(DnsGateTest, ADeniedNameIsDeniedWhateverAllowsIt) {
  const NetworkRule rule = Read(R"({"egress":{"default":"deny",
      "deny":[{"to":["dns:bad.example.com"]}],
      "allow":[{"to":["dns:*.example.com"],"ports":["443/tcp"]},
               {"to":["dns:a.example.com"],"privateAddresses":true}]}})");
  const std::vector<DnsName> names = DnsNames(rule);
  const DnsVerdict both = JudgeName(names, false, "a.example.com");
  EXPECT_TRUE(both.allowed && both.private_ok);
  EXPECT_THAT(SetsOf(both), ElementsAre("e1_dns4", "e2_dns4"));
  const DnsVerdict one = JudgeName(names, false, "b.example.com");
  EXPECT_TRUE(one.allowed && !one.private_ok);
  EXPECT_FALSE(JudgeName(names, false, "bad.example.com").allowed);
  EXPECT_FALSE(JudgeName(names, false, "example.org").allowed);
  EXPECT_FALSE(JudgeName(names, true, "bad.example.com").allowed);
  EXPECT_THAT(SetsOf(JudgeName(names, true, "example.org")), IsEmpty());
  EXPECT_TRUE(JudgeName(names, true, "example.org").allowed);
}

TEST(DnsGateTest, ASearchedNameIsAnAllowedOneWithADomainBehindIt) {
  const NetworkRule rule =
      Read(R"({"egress":{"default":"deny","allow":[{"to":["dns:db","dns:*.example.com"]}]}})");
  const std::vector<DnsName> names = DnsNames(rule);
  EXPECT_TRUE(IsSearched(names, "db.default.svc.cluster.local"));
  EXPECT_TRUE(IsSearched(names, "a.example.com.corp"));
  EXPECT_FALSE(IsSearched(names, "db"));
  EXPECT_FALSE(IsSearched(names, "example.com.corp"));
  EXPECT_FALSE(IsSearched(names, "x.db.corp"));
  EXPECT_FALSE(IsSearched(names, "db.1.2.3.4.5.6.7.8.9.10.11"));
}

TEST(DnsGateTest, LivesAreBoundedBothWays) {
  EXPECT_EQ(DnsAddresses::LifeOf(0), DnsAddresses::kLeastSeconds + DnsAddresses::kGrace);
  EXPECT_EQ(DnsAddresses::LifeOf(300), 300 + DnsAddresses::kGrace);
  EXPECT_EQ(DnsAddresses::LifeOf(4'000'000'000), kMaxDnsTtl + DnsAddresses::kGrace);
}

TEST(DnsGateTest, AddressesAreBoundedUntilSomeHaveEnded) {
  DnsAddresses known;
  for (size_t i = 0; i < DnsAddresses::kMost; ++i) {
    Address address{.v6 = false};
    address.bytes = {9, 0, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)};
    ASSERT_TRUE(known.Note(address, "a.example", 60, /*now=*/100));
  }
  const Address more = *ParseAddress("8.8.8.8");
  EXPECT_FALSE(known.Note(more, "b.example", 60, 150));
  EXPECT_TRUE(known.Note(*ParseAddress("9.0.0.1"), "a.example", 60, 150));  // known already
  EXPECT_TRUE(known.Note(more, "b.example", 60, 161));
  EXPECT_EQ(known.NameOf(more), "b.example");
  EXPECT_EQ(known.size(), 2U);
}

TEST(DnsGateTest, ChangedRulesBeginWithWhatTheyAllowOfIt) {
  DnsAddresses known;
  const auto note = [&known](const char* address, const char* name, uint32_t life) {
    ASSERT_TRUE(known.Note(*ParseAddress(address), name, life, 100));
  };
  note("8.8.4.1", "a.example.com", 60);
  note("8.8.4.1", "b.example.com", 90);
  note("2001:4860::1", "a.example.com", 60);
  note("8.8.4.2", "gone.example.org", 60);
  note("8.8.4.3", "late.example.com", 20);
  note("10.0.0.1", "private.example.com", 60);
  const NetworkRule rule =
      Read(R"({"egress":{"default":"deny","allow":[{"to":["dns:*.example.com"]}]}})");
  NetfilterPlan plan = BuildPlan(rule, {.key = std::string(64, 'a')});
  known.Fill(DnsNames(rule), false, /*now=*/130, plan);
  for (const PlanSet& set : plan.sets) {
    if (!set.timed) continue;
    ASSERT_EQ(set.names.size(), 1U) << set.name;
    EXPECT_EQ(FormatAddress(set.names[0].address),
              set.kind == SetKind::kIpv6 ? "2001:4860::1" : "8.8.4.1");
    EXPECT_EQ(set.names[0].seconds, set.kind == SetKind::kIpv6 ? 30U : 60U);
  }
  const std::vector<std::string>& patterns = rule.egress.rules[0].dns;
  EXPECT_TRUE(known.HadName(*ParseAddress("8.8.4.3"), patterns));  // even if long ago
  EXPECT_FALSE(known.HadName(*ParseAddress("8.8.4.2"), patterns));
  EXPECT_FALSE(known.HadName(*ParseAddress("8.8.4.4"), patterns));
}

}  // namespace
}  // namespace runward
