#include "policy/network_words.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace runward {
namespace {

TEST(NetworkWords, ProtocolsAreSortedAndFoundByName) {
  EXPECT_TRUE(std::ranges::is_sorted(Protocols(), {}, &ProtocolName::name));
  for (const ProtocolName& one : Protocols()) EXPECT_EQ(ProtocolOf(one.name), one.number);
  EXPECT_FALSE(ProtocolOf("TCP"));
}

std::string Ports(std::string_view text) {
  std::string_view why;
  const auto word = ParsePorts(text, why);
  if (!word) return std::string(why);
  std::string all = std::to_string(word->ports.first) + "-" + std::to_string(word->ports.last);
  for (const uint8_t protocol : word->protocols) all += " " + std::to_string(protocol);
  return all;
}

TEST(NetworkWords, PortsHaveAProtocolOrTwo) {
  EXPECT_EQ(Ports("443/tcp"), "443-443 6");
  EXPECT_EQ(Ports("53"), "53-53 6 17");
  EXPECT_EQ(Ports("1-65535/udp"), "1-65535 17");
  EXPECT_EQ(Ports("9000-8000/tcp"), "ends before it begins");
  EXPECT_EQ(Ports("443/icmp"), "names no protocol that has ports");
  for (const char* text : {"", "0", "65536", "443-", "-443", "0-9", "44x", "443-444-445"}) {
    EXPECT_EQ(Ports(text), "is no port from 1 to 65535, nor a range of them") << text;
  }
}

TEST(NetworkWords, IcmpTypesHaveNamesAndNumbers) {
  EXPECT_EQ(ParseIcmp("echo-request")->v4, 8);
  EXPECT_EQ(ParseIcmp("echo-request")->v6, 128);
  EXPECT_FALSE(ParseIcmp("packet-too-big")->v4);
  EXPECT_EQ(ParseIcmp("icmp/13")->v4, 13);
  EXPECT_EQ(ParseIcmp("icmpv6/255")->v6, 255);
  for (const char* text : {"", "ping", "icmp/", "icmp/256", "tcp/8", "8"}) {
    EXPECT_FALSE(ParseIcmp(text)) << text;
  }
  EXPECT_TRUE(std::ranges::is_sorted(IcmpNames()));
}

TEST(NetworkWords, RatesAreNotNothing) {
  EXPECT_EQ(ParseRate("10/second")->count, 10U);
  EXPECT_EQ(ParseRate("10/second")->burst, 5U);
  EXPECT_EQ(ParseRate("7/minute burst 20")->unit_seconds, 60U);
  EXPECT_EQ(ParseRate("7/minute burst 20")->burst, 20U);
  for (const char* text : {"", "10", "0/second", "10/week", "10/second burst 0", "10/second burst",
                           "-1/second", "99999999999/second"}) {
    EXPECT_FALSE(ParseRate(text)) << text;
  }
}

TEST(NetworkWords, NamesAreHostsOrAllBelowOne) {
  for (const char* text :
       {"api.example.com", "*.example.com", "localhost", "_srv.example.com", "1.example"}) {
    EXPECT_TRUE(IsDnsPattern(text)) << text;
  }
  for (const char* text :
       {"", "*", "*.", "a.*.com", "a..b", ".a", "a.", "-a.com", "a b", "10.0.0.1"}) {
    EXPECT_FALSE(IsDnsPattern(text)) << text;
  }
}

}  // namespace
}  // namespace runward
