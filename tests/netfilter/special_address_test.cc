#include "netfilter/special_address.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(SpecialAddress, IsMadeOfBytesOfTheRightNumber) {
  for (const char* text : {"192.0.2.255", "2001:db8::1"}) {
    const auto address = ParseAddress(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(AddressOfBytes(std::span(address->bytes).first(address->size())), address);
  }
  EXPECT_FALSE(AddressOfBytes({}));
  const std::array<uint8_t, 5> five{};
  EXPECT_FALSE(AddressOfBytes(five));
}

TEST(SpecialAddress, KnowsWhatIsNotOnTheInternet) {
  for (const char* text :
       {"10.1.2.3", "172.31.255.255", "192.168.0.1", "100.127.0.1", "127.0.0.2", "169.254.169.254",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "::1", "fd00::1", "fe80::1", "ff02::1",
        "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "::127.0.0.1", "2001:db8::1"}) {
    EXPECT_TRUE(IsSpecialAddress(*ParseAddress(text))) << text;
  }
  for (const char* text : {"8.8.8.8", "172.32.0.1", "100.128.0.0", "11.0.0.0", "2606:4700::1111",
                           "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"}) {
    EXPECT_FALSE(IsSpecialAddress(*ParseAddress(text))) << text;
  }
}

TEST(SpecialAddress, KnowsWhatIsTheHostsOwn) {
  for (const char* text : {"127.0.0.1", "169.254.169.254", "0.1.2.3", "239.1.1.1", "::1", "fe80::2",
                           "fd00:ec2::254", "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe"}) {
    EXPECT_TRUE(IsLocalAddress(*ParseAddress(text))) << text;
  }
  for (const char* text : {"10.0.0.1", "192.168.1.1", "fd00::1", "8.8.8.8", "::ffff:10.0.0.1"}) {
    EXPECT_FALSE(IsLocalAddress(*ParseAddress(text))) << text;
  }
}

}  // namespace
}  // namespace runward
