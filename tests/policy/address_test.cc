#include "policy/address.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(Address, IsReadAndWrittenAsRfc5952Says) {
  const std::vector<std::pair<std::string, std::string>> good = {
      {"0.0.0.0", ""},
      {"255.255.255.255", ""},
      {"::", ""},
      {"::1", ""},
      {"1::", ""},
      {"2001:DB8::0:1", "2001:db8::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"1:2:3:4:5:6:7:8", ""},
      {"1:0:3:4:5:6:7:8", ""},
      {"fe80::1:0:0:0", ""},
      {"::ffff:192.0.2.1", "::ffff:c000:201"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
  };
  for (const auto& [text, canonical] : good) {
    const auto address = ParseAddress(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(FormatAddress(*address), canonical.empty() ? text : canonical);
    EXPECT_EQ(ParseAddress(FormatAddress(*address)), address) << text;
  }
}

TEST(Address, IsNothingElse) {
  for (const char* text : {"",
                           "1.2.3",
                           "1.2.3.4.5",
                           "01.2.3.4",
                           "1.2.3.256",
                           "1.2.3.-4",
                           "1.2.3.4 ",
                           " 1.2.3.4",
                           "1..2.3",
                           "0x1.2.3.4",
                           ":",
                           ":::",
                           "1:2",
                           "1::2::3",
                           "12345::",
                           "::g",
                           "1:2:3:4:5:6:7:8:9",
                           "::1%eth0",
                           "1:2:3:4:5:6:7::8",
                           "1.2.3.4::",
                           ":1::",
                           "1::2:",
                           "::1.2.3",
                           "api.example.com"}) {
    EXPECT_FALSE(ParseAddress(text)) << text;
  }
}

std::string Text(const std::string& text) {
  const RangeOrWhy parsed = ParseAddressRange(text);
  return parsed.range ? FormatRange(*parsed.range) : parsed.why + "; " + parsed.hint;
}

TEST(AddressRange, IsAnAddressAPrefixOrARange) {
  EXPECT_EQ(Text("10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(Text("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(Text("::/0"), "::/0");
  EXPECT_EQ(Text("2001:db8::/33"), "2001:db8::/33");
  EXPECT_EQ(Text("10.0.0.1/32"), "10.0.0.1");
  EXPECT_EQ(Text("10.0.0.1-10.0.0.9"), "10.0.0.1-10.0.0.9");
  EXPECT_EQ(Text("10.0.0.0-10.0.0.255"), "10.0.0.0/24");
  EXPECT_EQ(Text("10.0.0.1/8"), "has bits beyond its prefix; write \"10.0.0.0/8\"");
  EXPECT_EQ(Text("10.0.0.9-10.0.0.1"), "ends before it begins; write \"10.0.0.1-10.0.0.9\"");
  EXPECT_EQ(Text("10.0.0.9-::1"), "mixes IPv4 and IPv6; ");
  for (const char* text : {"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/08", "/8", "x/8",
                           "1.2.3.4-", "10.0.0.0/8/8", "10.0.0.0/-1"}) {
    EXPECT_FALSE(ParseAddressRange(text).range) << text;
  }
}

std::string Merged(const std::vector<std::string>& texts) {
  std::vector<AddressRange> ranges;
  for (const std::string& text : texts) ranges.push_back(*ParseAddressRange(text).range);
  std::string all;
  for (const AddressRange& range : MergeRanges(std::move(ranges))) all += FormatRange(range) + " ";
  return all;
}

TEST(AddressRange, OverlapsAndNeighboursAreMerged) {
  EXPECT_EQ(Merged({"10.1.0.0/16", "10.0.0.0/8", "10.0.0.0/8", "10.255.255.255"}), "10.0.0.0/8 ");
  EXPECT_EQ(Merged({"10.0.0.0/25", "10.0.0.128/25"}), "10.0.0.0/24 ");
  EXPECT_EQ(Merged({"10.0.0.0", "10.0.0.2"}), "10.0.0.0 10.0.0.2 ");
  EXPECT_EQ(Merged({"::/0", "0.0.0.0/0", "::1", "255.255.255.255"}), "0.0.0.0/0 ::/0 ");
  EXPECT_EQ(Merged({"255.255.255.255", "::"}), "255.255.255.255 :: ");
  EXPECT_EQ(Merged({}), "");
}

}  // namespace
}  // namespace runward
