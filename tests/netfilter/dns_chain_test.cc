#include "netfilter/dns_chain.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

const DnsQuestion kFour{.name = "api.example.com", .sent = "api.example.com", .type = kDnsA};

DnsRecord AddressRecord(const std::string& name, const std::string& text, uint32_t ttl = 60) {
  const Address address = ParseAddress(text).value();
  return {.name = name, .type = address.v6 ? kDnsAaaa : kDnsA, .ttl = ttl, .address = address};
}

DnsRecord Alias(const std::string& name, const std::string& target, uint32_t ttl = 60) {
  return {.name = name, .type = kDnsCname, .ttl = ttl, .target = target};
}

TEST(DnsChain, FollowsAliasesInAnyOrder) {
  const DnsResolved resolved = FollowDns(
      kFour,
      {AddressRecord("c.example.net", "8.8.8.8", 50), Alias("b.example.net", "c.example.net", 20),
       Alias("api.example.com", "b.example.net", 90)},
      false);
  ASSERT_EQ(resolved.records.size(), 3U);
  EXPECT_EQ(resolved.records[0].target, "b.example.net");
  EXPECT_EQ(FormatAddress(resolved.records[2].address), "8.8.8.8");
  EXPECT_EQ(resolved.ttl, 20U);  // the least of the chain
  EXPECT_EQ(resolved.records[2].ttl, 20U);
}

TEST(DnsChain, TakesNothingThatIsNotOfTheChain) {
  const DnsResolved resolved = FollowDns(
      kFour,
      {AddressRecord("api.example.com", "8.8.8.8"), AddressRecord("other.example.com", "9.9.9.9"),
       AddressRecord("api.example.com", "2606:4700::1")},
      false);
  ASSERT_EQ(resolved.addresses.size(), 1U);
  EXPECT_EQ(FormatAddress(resolved.addresses[0]), "8.8.8.8");
}

TEST(DnsChain, EndsInACircleAndAtTooManyAliases) {
  EXPECT_TRUE(
      FollowDns(kFour, {Alias("api.example.com", "api.example.com")}, false).addresses.empty());
  std::vector<DnsRecord> chain = {Alias("api.example.com", "n0")};
  for (int i = 0; i < 30; ++i) {
    chain.push_back(Alias("n" + std::to_string(i), "n" + std::to_string(i + 1)));
  }
  chain.push_back(AddressRecord("n30", "8.8.8.8"));
  const DnsResolved resolved = FollowDns(kFour, chain, false);
  EXPECT_TRUE(resolved.addresses.empty());
  EXPECT_LE(resolved.records.size(), kMaxDnsAliases);
}

TEST(DnsChain, KeepsPrivateAddressesBackUnlessTheNameMayHaveThem) {
  const std::vector<DnsRecord> records = {AddressRecord("api.example.com", "10.0.0.1"),
                                          AddressRecord("api.example.com", "8.8.8.8")};
  const DnsResolved kept = FollowDns(kFour, records, false);
  ASSERT_EQ(kept.addresses.size(), 1U);
  ASSERT_EQ(kept.kept_back.size(), 1U);
  EXPECT_EQ(FormatAddress(kept.kept_back[0]), "10.0.0.1");
  EXPECT_EQ(kept.records.size(), 1U);
  EXPECT_EQ(FollowDns(kFour, records, true).addresses.size(), 2U);
}

TEST(DnsChain, KeepsTheHostsOwnAddressesBackAlways) {
  for (const char* text : {"127.0.0.1", "169.254.169.254", "0.0.0.0"}) {
    const DnsResolved resolved = FollowDns(kFour, {AddressRecord("api.example.com", text)}, true);
    EXPECT_TRUE(resolved.addresses.empty()) << text;
    EXPECT_TRUE(resolved.records.empty()) << text;
  }
}

TEST(DnsChain, BoundsAddressesAndTimes) {
  std::vector<DnsRecord> many;
  for (int i = 0; i < 200; ++i) {
    many.push_back(AddressRecord("api.example.com", "8.8.8." + std::to_string(i), 1'000'000));
    many.push_back(many.back());
  }
  const DnsResolved resolved = FollowDns(kFour, many, false);
  EXPECT_EQ(resolved.addresses.size(), kMaxDnsAddresses);
  EXPECT_EQ(resolved.records.size(), kMaxDnsAddresses);
  EXPECT_EQ(resolved.ttl, kMaxDnsTtl);
}

TEST(DnsChain, KnowsNamesThatNoPublicDnsHas) {
  for (const char* name : {"db", "db.default.svc.cluster.local", "a.internal", "x.home.arpa"}) {
    EXPECT_TRUE(IsPrivateName(name)) << name;
  }
  for (const char* name : {"example.com", "local.example.com", "notlocal.com", "a.xlocal"}) {
    EXPECT_FALSE(IsPrivateName(name)) << name;
  }
}

}  // namespace
}  // namespace runward
