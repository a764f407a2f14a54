#include "peers/peer_sets.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

std::vector<Address> Addresses(std::vector<const char*> texts) {
  std::vector<Address> all;
  for (const char* text : texts) all.push_back(*ParseAddress(text));
  return all;
}

PeerEntry Entry(std::string key, std::string profile, std::vector<const char*> addresses) {
  PeerEntry entry;
  entry.key = std::move(key);
  entry.profile = std::move(profile);
  entry.vouched = entry.alone = true;
  entry.own = entry.seen = Addresses(std::move(addresses));
  return entry;
}

const std::vector<ContainerPeer> kWeb = {{.image = false, .pattern = "web"}};
const PeerSets::Near kAllNear = [](const Address&) { return true; };

std::vector<Address> Allowed(const std::vector<PeerEntry>& all) {
  return PeerSets(all, "me", kAllNear).Of(/*allow=*/true, kWeb);
}
std::vector<Address> Denied(const std::vector<PeerEntry>& all) {
  return PeerSets(all, "me", kAllNear).Of(/*allow=*/false, kWeb);
}

TEST(PeerSets, HoldTheAddressesOfThoseThatFit) {
  const std::vector<PeerEntry> all = {
      Entry("me", "web", {"10.0.0.1"}), Entry("a", "web", {"10.0.0.2", "fd00::2"}),
      Entry("b", "web", {"10.0.0.3"}), Entry("c", "db", {"10.0.0.4"})};
  EXPECT_EQ(Allowed(all), Addresses({"10.0.0.2", "10.0.0.3", "fd00::2"}));
  EXPECT_EQ(Denied(all), Addresses({"10.0.0.2", "10.0.0.3", "fd00::2"}));
}

TEST(PeerSets, AllowNothingThatSomebodyElseHasOrShares) {
  const std::vector<PeerEntry> all = {
      Entry("a", "web", {"10.0.0.2"}), Entry("b", "db", {"10.0.0.2"}),
      Entry("c", "web", {"10.0.0.3"}), Entry("d", "web", {"10.0.0.3"}),
      Entry("e", "web", {"10.0.0.5"}), Entry("me", "x", {"10.0.0.5"})};
  EXPECT_EQ(Allowed(all), Addresses({}));
  EXPECT_EQ(Denied(all), Addresses({"10.0.0.2", "10.0.0.3", "10.0.0.5"}));
}

TEST(PeerSets, AllowOnlyWhoIsVouchedForAndStartedAlone) {
  std::vector<PeerEntry> all = {Entry("a", "web", {"10.0.0.2"}), Entry("b", "web", {"10.0.0.3"})};
  all[0].vouched = false;
  all[1].alone = false;
  EXPECT_EQ(Allowed(all), Addresses({}));
  EXPECT_EQ(Denied(all), Addresses({"10.0.0.2", "10.0.0.3"}));
}

// As of a pod: "pause" came first.
std::vector<PeerEntry> Pod() {
  std::vector<PeerEntry> pod = {Entry("p", "pause", {"10.0.0.2"}), Entry("a", "web", {"10.0.0.2"})};
  for (PeerEntry& entry : pod) entry.space = 7;
  return pod;
}
const std::vector<ContainerPeer> kWebOrPause = {{.image = false, .pattern = "web"},
                                                {.image = false, .pattern = "pause"}};
std::vector<Address> AllowedPod(const std::vector<PeerEntry>& all, const std::string& key = "me") {
  return PeerSets(all, key, kAllNear).Of(/*allow=*/true, kWebOrPause);
}

TEST(PeerSets, AllowTheAddressOfASharedNetworkWhereEachOfThoseInItIsListed) {
  EXPECT_EQ(AllowedPod(Pod()), Addresses({"10.0.0.2"}));
  EXPECT_EQ(Allowed(Pod()), Addresses({}));
  EXPECT_EQ(AllowedPod(Pod(), "p"), Addresses({}));
  std::vector<PeerEntry> all = Pod();
  all.push_back(
      Entry("b", "db", {"10.0.0.9"}));  // it shares the network, whatever it has seen of it
  all[2].space = 7;
  EXPECT_EQ(AllowedPod(all), Addresses({}));
  all[2].space = 8;
  EXPECT_EQ(AllowedPod(all), Addresses({"10.0.0.2"}));
  all[2].seen = Addresses({"10.0.0.2"});
  EXPECT_EQ(AllowedPod(all), Addresses({}));
}

TEST(PeerSets, AllowOfASharedNetworkOnlyWhatEachIsVouchedForWith) {
  const auto allowed = [](const auto& change) {
    std::vector<PeerEntry> all = Pod();
    change(all);
    return AllowedPod(all);
  };
  EXPECT_EQ(allowed([](auto& all) { all[1].vouched = false; }), Addresses({}));
  EXPECT_EQ(allowed([](auto& all) { all[1].alone = false; }), Addresses({}));
  EXPECT_EQ(allowed([](auto& all) { all[0].own.clear(); }), Addresses({}));
  EXPECT_EQ(allowed([](auto& all) { all[0].space = all[1].space = 0; }), Addresses({}));
  EXPECT_EQ(allowed([](auto& all) {
              all[1].own = all[1].seen = Addresses({"10.0.0.2", "10.0.0.3"});  // not pause's
            }),
            Addresses({"10.0.0.2"}));
}

TEST(PeerSets, AllowNothingThatItGotLaterOrLost) {
  std::vector<PeerEntry> all = {Entry("a", "web", {"10.0.0.2"})};
  all[0].seen = Addresses({"10.0.0.2", "8.8.8.8"});
  EXPECT_EQ(Allowed(all), Addresses({"10.0.0.2"}));
  all[0].own.clear();
  EXPECT_EQ(Allowed(all), Addresses({}));
  EXPECT_EQ(Denied(all), Addresses({"8.8.8.8", "10.0.0.2"}));
}

TEST(PeerSets, AllowOnlyWhatIsNear) {
  const std::vector<PeerEntry> all = {Entry("a", "web", {"10.0.0.2", "8.8.8.8"})};
  const PeerSets sets(all, "me",
                      [](const Address& one) { return one != *ParseAddress("8.8.8.8"); });
  EXPECT_EQ(sets.Of(true, kWeb), Addresses({"10.0.0.2"}));
  EXPECT_EQ(sets.Of(false, kWeb).size(), 2U);
}

TEST(PeerSets, AreFilledForEachRuleAndFamily) {
  std::vector<PeerEntry> all = {Entry("a", "web", {"10.0.0.2", "fd00::2"})};
  all[0].image = "r.example/web:1";
  const PeerSets sets(all, "me", kAllNear);
  const std::vector<PeerRule> rules = {
      {"e0_peer4", "e0_peer6", true, {{.image = true, .pattern = "r.example/*"}}},
      {"i0_peer4", "i0_peer6", true, {{.image = false, .pattern = "db"}}}};
  const std::vector<PlanSet> filled = sets.For(rules);
  ASSERT_EQ(filled.size(), 4U);
  EXPECT_EQ(filled[0].name, "e0_peer4");
  EXPECT_EQ(filled[0].names.at(0).address, *ParseAddress("10.0.0.2"));
  EXPECT_EQ(filled[1].names.at(0).address, *ParseAddress("fd00::2"));
  EXPECT_TRUE(filled[2].names.empty());
  NetfilterPlan plan{.table = "t", .sets = {{.name = "e0_peer6", .kind = SetKind::kIpv6}}};
  sets.Fill(rules, plan);
  EXPECT_EQ(plan.sets[0].names.size(), 1U);
}

TEST(PeerSets, KnowWhoseAddressARuleMeans) {
  const std::vector<PeerEntry> all = {Entry("a", "web", {"10.0.0.2"})};
  const PeerSets sets(all, "me", kAllNear);
  NetworkRuleItem item;
  item.allow = true;
  EXPECT_FALSE(sets.Has(item, *ParseAddress("10.0.0.2")));
  item.containers = kWeb;
  EXPECT_TRUE(sets.Has(item, *ParseAddress("10.0.0.2")));
  EXPECT_FALSE(sets.Has(item, *ParseAddress("10.0.0.3")));
}

}  // namespace
}  // namespace runward
