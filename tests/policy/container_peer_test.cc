#include "policy/container_peer.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_fixture.h"

namespace runward {
namespace {

TEST(ContainerPeer, IsAProfileOrAnImage) {
  EXPECT_EQ(*ParseContainerPeer("profile:web"), (ContainerPeer{.image = false, .pattern = "web"}));
  EXPECT_EQ(*ParseContainerPeer("image:r.example/web/*"),
            (ContainerPeer{.image = true, .pattern = "r.example/web/*"}));
  for (const char* other : {"10.0.0.1", "dns:image", "@profile", "profiles:web", "fd00::1"}) {
    EXPECT_FALSE(ParseContainerPeer(other)) << other;
  }
  for (const char* word : {"profile:web", "image:r.example/*"}) {
    EXPECT_EQ(FormatContainerPeer(*ParseContainerPeer(word)), word);
  }
}

TEST(ContainerPeer, WhatHasNoProfileOrNameIsNobodys) {
  const ContainerPeer web{.image = false, .pattern = "web"};
  const ContainerPeer any{.image = true, .pattern = "*"};
  EXPECT_TRUE(FitsPeer(web, "web", ""));
  EXPECT_FALSE(FitsPeer(web, "web2", "web"));
  EXPECT_FALSE(FitsPeer({.image = false, .pattern = "*"}, "web", ""));  // no glob
  EXPECT_TRUE(FitsPeer(any, "", "r.example/a:1"));
  EXPECT_FALSE(FitsPeer(any, "web", ""));
  EXPECT_FALSE(FitsPeer({.image = false, .pattern = ""}, "", ""));
}

TEST(ContainerPeer, IsFoundInEachListOfASection) {
  const auto names = [](const std::string& text) {
    const auto document = JsonDocument::Parse(text);
    return NamesContainers(document.value().root());
  };
  EXPECT_TRUE(names(R"({"egress":{"allow":[{"to":["10.0.0.1","profile:web"]}]}})"));
  EXPECT_TRUE(names(R"({"ingress":{"deny":[{"from":["image:a"]}]}})"));
  EXPECT_TRUE(names(R"({"ingress":{"rules":[{"from":["image:a"]}]}})"));
  EXPECT_FALSE(
      names(R"({"egress":{"allow":[{"to":["10.0.0.1","dns:a.b"],"name":"profile:web"}]}})"));
  EXPECT_FALSE(NamesContainers(JsonValue()));
}

}  // namespace
}  // namespace runward
