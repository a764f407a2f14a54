#include "netfilter/dns_wire.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tests/base/hex.h"

namespace runward {
namespace {

std::optional<std::string> NameAt(std::string_view hex, size_t at, bool may_point = true) {
  static std::string bytes;
  bytes = fixtures::Unhex(hex);
  DnsReader reader({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  reader.Skip(at);
  auto name = reader.Name(may_point);
  if (reader.failed()) return "failed";
  return name;
}

TEST(DnsWire, ReadsNames) {
  EXPECT_EQ(NameAt("00", 0), "");
  EXPECT_EQ(NameAt("0361504903636f6d00", 0), "aPI.com");
  EXPECT_EQ(NameAt("03636f6d00"
                   "03617069c000",
                   5),
            "api.com");
  EXPECT_EQ(NameAt("03636f6d00"
                   "03612e69c000",
                   5),
            std::nullopt);  // a dot within a label
}

TEST(DnsWire, RefusesNamesThatAreNotWellFormed) {
  for (const auto& [hex, at] :
       std::initializer_list<std::pair<std::string, size_t>>{{"", 0},
                                                             {"03636f", 0},
                                                             {"c000", 0},
                                                             {"c001", 0},
                                                             {"4061", 0},
                                                             {"8061", 0},
                                                             {"c0", 0},
                                                             {"0161c002", 2},          // at itself
                                                             {"0161c0040162c000", 4},  // a circle
                                                             {"0161c004"
                                                              "0162c004",
                                                              4}}) {  // forwards
    EXPECT_EQ(NameAt(hex, at), "failed") << hex;
  }
  EXPECT_EQ(NameAt("03636f6d00c000", 5, false), "failed");
  std::string longest;
  for (int i = 0; i < 127; ++i) longest += "0161";
  EXPECT_EQ(NameAt(longest + "00", 0)->size(), 253U);
  EXPECT_EQ(NameAt(longest + "016100", 0), "failed");
}

TEST(DnsWire, FailsForGoodPastTheEnd) {
  const std::string bytes = "ab";
  DnsReader reader({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  EXPECT_EQ(reader.Short(), 0x6162);
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.Byte(), 0);
  EXPECT_TRUE(reader.failed());
  EXPECT_FALSE(reader.done());
}

TEST(DnsWire, APartEndsWhereItEnds) {
  const std::string bytes = "abcd";
  DnsReader reader({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  DnsReader part = reader.Part(2);
  EXPECT_EQ(part.Short(), 0x6162);
  EXPECT_TRUE(part.done());
  EXPECT_EQ(reader.Short(), 0x6364);
}

TEST(DnsWire, WritesNames) {
  std::string text;
  PutDnsName(text, "api.com");
  PutDnsName(text, "");
  EXPECT_EQ(HexEncode(text), "0361706903636f6d0000");
}

}  // namespace
}  // namespace runward
