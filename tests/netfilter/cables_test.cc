#include "netfilter/cables.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

Link Veth(int index, const char* name, int peer, std::optional<int32_t> space) {
  return {.index = index, .name = name, .kind = "veth", .peer = peer, .peer_space = space};
}

// Inside the host is 0, at the host the container's network is 5.
Side Inside() {
  return {.links = {{.index = 1, .name = "lo", .loopback = true}, Veth(2, "eth0", 9, 0)},
          .other = 0};
}
Side Host() {
  return {.links = {{.index = 1, .name = "lo", .loopback = true},
                    {.index = 3, .name = "docker0", .kind = "bridge"},
                    Veth(9, "veth1", 2, 5)},
          .other = 5};
}

TEST(Cables, AreWhatBothSidesSayOfEachOther) {
  const Cables cables = FindCables(Inside(), Host());
  ASSERT_EQ(cables.all.size(), 1U);
  EXPECT_EQ(cables.all[0].index, 9);
  EXPECT_EQ(cables.all[0].name, "veth1");
  EXPECT_EQ(cables.all[0].inside, "eth0");
  EXPECT_EQ(cables.all[0].inside_index, 2);
  EXPECT_TRUE(cables.others.empty());
}

TEST(Cables, OneThatEndsElsewhereIsNone) {
  Side inside = Inside();
  inside.links[1].peer_space = 1;  // a third network
  EXPECT_EQ(FindCables(inside, Host()).others.size(), 1U);
  inside = Inside();
  inside.links[1].peer_space.reset();  // its own
  EXPECT_EQ(FindCables(inside, Host()).others.size(), 1U);
  inside = Inside();
  inside.other.reset();  // nothing there leads to the host
  EXPECT_EQ(FindCables(inside, Host()).others.size(), 1U);
  for (const auto& far :
       {Veth(9, "veth1", 2, 6), Veth(9, "veth1", 3, 5), Veth(8, "veth1", 2, 5),
        Link{.index = 9, .name = "veth1", .kind = "bridge", .peer = 2, .peer_space = 5}}) {
    Side host = Host();
    host.links[2] = far;
    const Cables cables = FindCables(Inside(), host);
    EXPECT_TRUE(cables.all.empty()) << far.index;
    EXPECT_EQ(cables.others.size(), 1U);
  }
}

TEST(Cables, WhatTheKernelMakesInEachNetworkLeadsNowhere) {
  Side inside = Inside();
  inside.links.push_back({.index = 3, .name = "tunl0", .kind = "ipip"});
  inside.links.push_back({.index = 4, .name = "sit0", .kind = "sit"});
  EXPECT_TRUE(FindCables(inside, Host()).others.empty());
  inside.links.push_back({.index = 5, .name = "tunl1", .kind = "ipip"});
  inside.links.push_back({.index = 6, .name = "gre0", .kind = "gre", .peer_space = 0});
  inside.links.push_back({.index = 7, .name = "sit0", .kind = "macvlan", .peer = 2});
  inside.links.push_back({.index = 8, .name = "eth1"});
  EXPECT_EQ(FindCables(inside, Host()).others.size(), 4U);
}

TEST(Cables, InterfacesAreNamedWithTheirKind) {
  EXPECT_EQ(DescribeLink({.name = "eth1"}), "\"eth1\" (a device of the machine)");
  EXPECT_EQ(DescribeLink({.name = "m0", .kind = "macvlan"}), "\"m0\" (macvlan)");
}

}  // namespace
}  // namespace runward
