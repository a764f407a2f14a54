#include "netfilter/links.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>

#include "tests/netfilter/namespace_fixture.h"

namespace runward {
namespace {

using LinksTest = NamespaceTest;

TEST_F(LinksTest, AreReadWithWhereTheyLead) {
  const auto other = NetNamespaceOf(getppid());  // the test was in its network until now
  ASSERT_TRUE(other.ok()) << other.error().message;
  ASSERT_EQ(Run("ip link add d0 type veth peer name d1 && ip link add b0 type bridge"), 0);
  const auto links = ReadLinks();
  ASSERT_TRUE(links.ok()) << links.error().message;
  const auto named = [&](const char* name) {
    return *std::ranges::find(links.value(), name, &Link::name);
  };
  EXPECT_TRUE(named("lo").loopback);
  EXPECT_EQ(named("b0").kind, "bridge");
  EXPECT_EQ(named("d0").kind, "veth");
  EXPECT_EQ(named("d0").peer, named("d1").index);
  EXPECT_EQ(named("d1").peer, named("d0").index);
  EXPECT_FALSE(named("d0").peer_space) << "both are here";
  EXPECT_FALSE(named("d0").has_xdp);
  const auto number = NumberOf(other.value());
  ASSERT_TRUE(number.ok()) << number.error().message;
  EXPECT_FALSE(number.value()) << "nothing leads there";
}

TEST(Links, BrokenMessagesTellOfNothing) {
  std::array<uint8_t, 64> bytes{};
  auto* header = reinterpret_cast<nlmsghdr*>(bytes.data());
  EXPECT_FALSE(ReadLink({bytes.data(), 8}));
  header->nlmsg_type = RTM_NEWLINK;
  header->nlmsg_len = bytes.size() + 4;  // more than there is
  EXPECT_FALSE(ReadLink(bytes));
  EXPECT_FALSE(IsAboutSpace(bytes, 0));
  header->nlmsg_len = NLMSG_LENGTH(sizeof(ifinfomsg));
  EXPECT_TRUE(ReadLink(bytes));
  header->nlmsg_type = RTM_NEWADDR;
  EXPECT_FALSE(ReadLink(bytes));
}

TEST(Links, MessagesTellOfWhatLeadsToASpaceOrGoesThere) {
  for (const int attribute : {IFLA_LINK_NETNSID, IFLA_NEW_NETNSID}) {
    std::array<uint8_t, 64> bytes{};
    auto* header = reinterpret_cast<nlmsghdr*>(bytes.data());
    header->nlmsg_type = attribute == IFLA_NEW_NETNSID ? RTM_DELLINK : RTM_NEWLINK;
    header->nlmsg_len = NLMSG_LENGTH(sizeof(ifinfomsg)) + 8;
    auto* nested = reinterpret_cast<rtattr*>(bytes.data() + NLMSG_LENGTH(sizeof(ifinfomsg)));
    nested->rta_len = 8;
    nested->rta_type = static_cast<uint16_t>(attribute);
    *reinterpret_cast<int32_t*>(RTA_DATA(nested)) = 7;
    EXPECT_TRUE(IsAboutSpace(bytes, 7));
    EXPECT_FALSE(IsAboutSpace(bytes, 0));
    nested->rta_len = 6;  // half a number
    EXPECT_FALSE(IsAboutSpace(bytes, 7));
  }
}

}  // namespace
}  // namespace runward
