#include "netfilter/interface_addresses.h"

#include <algorithm>

#include "tests/netfilter/namespace_fixture.h"

namespace runward {
namespace {

using InterfaceAddressesTest = NamespaceTest;

TEST_F(InterfaceAddressesTest, KnowItsOwnAndWhatIsNear) {
  ASSERT_EQ(Run("ip link add d0 type veth peer d1 && ip link set d0 up && "
                "ip addr add 198.51.100.130/25 dev d0 && ip addr add 2001:db8:1::1/64 dev d0"),
            0);
  const auto read = InterfaceAddresses::Read();
  ASSERT_TRUE(read.ok()) << read.error().message;
  const InterfaceAddresses& own = read.value();
  for (const char* text : {"198.51.100.130", "2001:db8:1::1", "127.0.0.11", "::1"}) {
    EXPECT_TRUE(own.Has(*ParseAddress(text))) << text;
  }
  EXPECT_FALSE(own.Has(*ParseAddress("198.51.100.131")));
  const std::vector<Address> reachable = own.Reachable();
  const auto reaches = [&](const char* text) {
    return std::ranges::find(reachable, *ParseAddress(text)) != reachable.end();
  };
  EXPECT_TRUE(reaches("198.51.100.130") && reaches("2001:db8:1::1"));
  EXPECT_FALSE(reaches("127.0.0.1") || reaches("::1"));
  for (const char* text : {"198.51.100.200", "2001:db8:1::99"}) {
    EXPECT_TRUE(own.Near(*ParseAddress(text))) << text;
  }
  for (const char* text : {"198.51.100.127", "2001:db8:2::1", "127.0.0.1", "::1", "10.0.0.1"}) {
    EXPECT_FALSE(own.Near(*ParseAddress(text))) << text;
  }
}

}  // namespace
}  // namespace runward
