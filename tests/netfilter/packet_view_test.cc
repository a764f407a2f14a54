#include "netfilter/packet_view.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "tests/base/hex.h"

namespace runward {
namespace {

std::optional<PacketView> View(std::string_view hex) {
  const std::string bytes = fixtures::Unhex(hex);
  return ViewPacket({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

const std::string kSix =
    "20010db8000000000000000000000001"
    "20010db8000000000000000000000002";

TEST(PacketView, ReadsIPv4WithAndWithoutOptions) {
  const auto udp = View("4500001d000040004011000001020304050607081234003500090000");
  ASSERT_TRUE(udp);
  EXPECT_EQ(FormatAddress(udp->source), "1.2.3.4");
  EXPECT_EQ(FormatAddress(udp->destination), "5.6.7.8");
  EXPECT_EQ(udp->protocol, IPPROTO_UDP);
  EXPECT_EQ(udp->source_port, 0x1234);
  EXPECT_EQ(udp->destination_port, 53);
  EXPECT_EQ(udp->size, 29U);
  EXPECT_FALSE(udp->later_part);
  const auto options = View(
      "460000210000400040110000010203040506070801010100"
      "12340050");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->destination_port, 80);
}

TEST(PacketView, ALaterFragmentHasNoPorts) {
  const auto later = View(
      "4500001d000020b9401100000102030405060708"
      "12340035");
  ASSERT_TRUE(later);
  EXPECT_TRUE(later->later_part);
  EXPECT_EQ(later->destination_port, 0);
  const auto six = View("60000000001c2c40" + kSix +
                        "1100000900000001"
                        "12340035");
  ASSERT_TRUE(six);
  EXPECT_TRUE(six->later_part);
  EXPECT_EQ(six->destination_port, 0);
}

TEST(PacketView, GoesPastExtensionHeaders) {
  // Hop-by-hop, destination options, first fragment, TCP.
  const auto tcp = View("60000000002c0040" + kSix +
                        "3c00010400000000"
                        "2c00010400000000"
                        "0600000100000001"
                        "04d201bb00000000");
  ASSERT_TRUE(tcp);
  EXPECT_EQ(tcp->protocol, IPPROTO_TCP);
  EXPECT_EQ(tcp->destination_port, 443);
  EXPECT_EQ(tcp->size, 44U + 40U);
  const auto icmp = View("6000000000083a40" + kSix + "8000000000010001");
  ASSERT_TRUE(icmp);
  EXPECT_EQ(icmp->protocol, IPPROTO_ICMPV6);
  EXPECT_EQ(icmp->icmp_type, 128);
}

TEST(PacketView, AnExtensionThatIsCutOrEndlessHasNoPorts) {
  for (const std::string& rest : {std::string("3cff010400000000"), std::string("3c00")}) {
    const auto cut = View("60000000002c0040" + kSix + rest);
    ASSERT_TRUE(cut);
    EXPECT_EQ(cut->destination_port, 0);
  }
  std::string endless = "6000000000ff0040" + kSix;
  for (int i = 0; i < 40; ++i) endless += "0000010400000000";
  ASSERT_TRUE(View(endless));
  EXPECT_EQ(View(endless)->destination_port, 0);
}

TEST(PacketView, RefusesWhatIsNoPacket) {
  for (const char* hex : {"", "00", "45", "4500001d0000400040110000010203040506", "6000000000",
                          "5500001d000040004011000001020304050607081234003500090000"}) {
    EXPECT_FALSE(View(hex)) << hex;
  }
}

TEST(PacketView, NamesProtocols) {
  EXPECT_EQ(ProtocolName(IPPROTO_TCP), "tcp");
  EXPECT_EQ(ProtocolName(IPPROTO_ICMPV6), "icmpv6");
  EXPECT_EQ(ProtocolName(253), "253");
  EXPECT_TRUE(HasPorts(IPPROTO_UDP));
  EXPECT_FALSE(HasPorts(IPPROTO_ICMP));
}

}  // namespace
}  // namespace runward
