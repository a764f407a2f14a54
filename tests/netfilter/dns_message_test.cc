#include "netfilter/dns_message.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "netfilter/dns_wire.h"
#include "tests/base/hex.h"

namespace runward {
namespace {

std::span<const uint8_t> Bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

DnsRecord AddressRecord(const std::string& name, const std::string& text, uint32_t ttl = 60) {
  const Address address = ParseAddress(text).value();
  return {.name = name, .type = address.v6 ? kDnsAaaa : kDnsA, .ttl = ttl, .address = address};
}

DnsRecord Alias(const std::string& name, const std::string& target) {
  return {.name = name, .type = kDnsCname, .ttl = 60, .target = target};
}

// "API.example.com" A, recursion desired, as dig(1) sends it: AD set, and EDNS of 1232 bytes.
const std::string kHeader =
    "beef"
    "0120"
    "0001"
    "0000"
    "0000";
const std::string kQuestion =
    "03415049076578616d706c6503636f6d00"
    "0001"
    "0001";
const std::string kEdns =
    "00"
    "0029"
    "04d0"
    "00000000"
    "0000";

std::string Hex(const std::string& hex) { return fixtures::Unhex(hex); }

TEST(DnsMessage, ReadsAQuery) {
  const auto query = ParseDnsQuery(Bytes(Hex(kHeader + "0001" + kQuestion + kEdns)));
  ASSERT_TRUE(query.ok()) << query.error().message;
  EXPECT_EQ(query.value().id, 0xbeef);
  EXPECT_TRUE(query.value().recursion);
  EXPECT_EQ(query.value().question.name, "api.example.com");
  EXPECT_EQ(query.value().question.sent, "API.example.com");
  EXPECT_EQ(query.value().question.type, kDnsA);
  EXPECT_EQ(query.value().udp_size, 1232U);
  const auto plain = ParseDnsQuery(Bytes(Hex(kHeader + "0000" + kQuestion)));
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain.value().udp_size, kDnsPlainUdp);
}

TEST(DnsMessage, RefusesQueriesThatAreNotPlain) {
  const std::string good = kHeader + "0000" + kQuestion;
  for (const std::string& bad :
       {std::string("beef"), "beef8120" + good.substr(8), "beef2920" + good.substr(8),
        "beef01200002" + good.substr(12), "beef012000010001" + good.substr(16), good + "00",
        good.substr(0, good.size() - 2), kHeader + "0001" + kQuestion,
        kHeader + "0001" + kQuestion +
            "00"
            "0001"
            "0001"
            "00000000"
            "0000",
        kHeader + "0000" +
            "0361206200"
            "0001"
            "0001",  // a blank in a label
        kHeader + "0000" +
            "03617069c00c"
            "0001"
            "0001",                                                                // a pointer
        kHeader + "0000" + kQuestion.substr(0, kQuestion.size() - 4) + "0003"}) {  // CHAOS
    EXPECT_FALSE(ParseDnsQuery(Bytes(Hex(bad))).ok()) << bad;
  }
}

TEST(DnsMessage, WhatIsMalformedIsToldSo) {
  EXPECT_EQ(DnsFormatErrorFor(Bytes("x")), "");
  EXPECT_EQ(DnsFormatErrorFor(Bytes(Hex("beef"
                                        "8000"
                                        "0001000000000000"))),
            "");
  EXPECT_EQ(HexEncode(DnsFormatErrorFor(Bytes(Hex("beef"
                                                  "0100"
                                                  "0002000000000000")))),
            "beef81010000000000000000");
  EXPECT_EQ(HexEncode(DnsFormatErrorFor(Bytes(Hex("beef"
                                                  "2800"
                                                  "0001000000000000")))),
            "beefa8040000000000000000");
}

TEST(DnsMessage, AnAnswerIsReadAsItWasBuilt) {
  const auto query = ParseDnsQuery(Bytes(Hex(kHeader + "0001" + kQuestion + kEdns)));
  ASSERT_TRUE(query.ok());
  const std::vector<DnsRecord> records = {Alias("api.example.com", "cdn.example.net"),
                                          AddressRecord("cdn.example.net", "192.0.2.1"),
                                          AddressRecord("cdn.example.net", "2001:db8::1", 7)};
  const std::string text = BuildDnsAnswer(query.value(), DnsCode::kNoError, records, 1232);
  const auto answer = ParseDnsAnswer(Bytes(text));
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer.value().id, 0xbeef);
  EXPECT_EQ(answer.value().question.sent, "API.example.com");
  ASSERT_EQ(answer.value().records.size(), 3U);
  EXPECT_EQ(answer.value().records[0].target, "cdn.example.net");
  EXPECT_EQ(FormatAddress(answer.value().records[1].address), "192.0.2.1");
  EXPECT_EQ(FormatAddress(answer.value().records[2].address), "2001:db8::1");
  EXPECT_EQ(answer.value().records[2].ttl, 7U);
}

TEST(DnsMessage, ReadsCompressedNamesAndPassesOtherRecordsBy) {
  const std::string header =
      "beef"
      "8180"
      "0001"
      "0003"
      "0001"
      "0000";
  const std::string alias =
      "c00c"
      "0005"
      "0001"
      "0000003c"
      "0006"
      "0363646ec010";
  const std::string text =
      "c00c"
      "0010"
      "0001"
      "0000003c"
      "0002"
      "0161";
  const std::string address =
      "c02d"
      "0001"
      "0001"
      "80000000"
      "0004"
      "c0000201";
  const std::string authority =
      "c010"
      "0002"
      "0001"
      "0000003c"
      "0002"
      "c00c";
  const auto answer =
      ParseDnsAnswer(Bytes(Hex(header + kQuestion + alias + text + address + authority)));
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  ASSERT_EQ(answer.value().records.size(), 2U);
  EXPECT_EQ(answer.value().records[0].target, "cdn.example.com");
  EXPECT_EQ(answer.value().records[1].name, "cdn.example.com");
  EXPECT_EQ(answer.value().records[1].ttl, 0U);  // the top bit: RFC 2181
}

TEST(DnsMessage, RefusesAnswersThatAreNotWhole) {
  const std::string header =
      "beef"
      "8180"
      "0001"
      "0001"
      "0000"
      "0000";
  const std::string good = header + kQuestion +
                           "c00c"
                           "0001"
                           "0001"
                           "0000003c"
                           "0004"
                           "c0000201";
  ASSERT_TRUE(ParseDnsAnswer(Bytes(Hex(good))).ok());
  for (const std::string& bad :
       {good + "00", good.substr(0, good.size() - 2), "beef0180" + good.substr(8),
        header + kQuestion +
            "c00c"
            "0001"
            "0001"
            "0000003c"
            "0005"
            "c000020100",
        header + kQuestion +
            "c00c"
            "0005"
            "0001"
            "0000003c"
            "0003"
            "c00c00",
        header + kQuestion +
            "c0ff"
            "0001"
            "0001"
            "0000003c"
            "0004"
            "c0000201"}) {
    EXPECT_FALSE(ParseDnsAnswer(Bytes(Hex(bad))).ok()) << bad;
  }
}

TEST(DnsMessage, ATruncatedAnswerHasNoRecords) {
  const auto answer =
      ParseDnsAnswer(Bytes(Hex("beef"
                               "8380"
                               "0001"
                               "0001"
                               "0000"
                               "0000" +
                               kQuestion +
                               "c00c"
                               "0001"
                               "0001"
                               "0000003c"
                               "0004"
                               "c0000201")));
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer.value().truncated);
  EXPECT_TRUE(answer.value().records.empty());
}

TEST(DnsMessage, WhatDoesNotFitIsTruncated) {
  const auto query = ParseDnsQuery(Bytes(Hex(kHeader + "0000" + kQuestion)));
  ASSERT_TRUE(query.ok());
  std::vector<DnsRecord> many;
  for (int i = 0; i < 64; ++i) many.push_back(AddressRecord("api.example.com", "192.0.2.1"));
  const std::string text = BuildDnsAnswer(query.value(), DnsCode::kNoError, many, kDnsPlainUdp);
  EXPECT_LE(text.size(), kDnsPlainUdp);
  const auto answer = ParseDnsAnswer(Bytes(text));
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer.value().truncated);
  const std::string all = BuildDnsAnswer(query.value(), DnsCode::kNoError, many, kMaxDnsMessage);
  EXPECT_EQ(ParseDnsAnswer(Bytes(all)).value().records.size(), 64U);
}

TEST(DnsMessage, AQueryIsReadAsItWasBuilt) {
  const DnsQuestion question{.name = "a.b", .sent = "a.B", .type = kDnsAaaa};
  const auto query = ParseDnsQuery(Bytes(BuildDnsQuery(7, question)));
  ASSERT_TRUE(query.ok()) << query.error().message;
  EXPECT_EQ(query.value().id, 7);
  EXPECT_EQ(query.value().question.sent, "a.B");
  EXPECT_EQ(query.value().question.type, kDnsAaaa);
  EXPECT_EQ(query.value().udp_size, kDnsMaxUdp);
}

}  // namespace
}  // namespace runward
