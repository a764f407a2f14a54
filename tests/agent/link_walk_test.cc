#include "agent/link_walk.h"

#include <gtest/gtest.h>

#include <map>

namespace runward {
namespace {

std::string Walk(const std::string& path, const std::map<std::string, std::string>& links) {
  const auto real = WithoutLinks(path, [&](const std::string& place) {
    const auto found = links.find(place);
    return found == links.end() ? std::nullopt : std::optional(found->second);
  });
  return real ? *real : "none";
}

TEST(LinkWalk, FollowsThemAsTheKernelDoes) {
  EXPECT_EQ(Walk("/bin/nc", {}), "/bin/nc");
  EXPECT_EQ(Walk("/bin/nc", {{"/bin", "usr/bin"}}), "/usr/bin/nc");
  EXPECT_EQ(Walk("/bin/nc", {{"/bin/nc", "/etc/nc"}, {"/etc/nc", "../bin/nc.real"}}),
            "/bin/nc.real");
  EXPECT_EQ(Walk("/a/../../b/./c//d", {}), "/b/c/d");
  EXPECT_EQ(Walk("/a", {{"/a", "../../.."}}), "");
  EXPECT_EQ(Walk("/a/x", {{"/a", "b/c"}, {"/b", "/d/"}}), "/d/c/x");
}

TEST(LinkWalk, EndsWhereTheyDoNot) {
  EXPECT_EQ(Walk("/a", {{"/a", "a"}}), "none");
  EXPECT_EQ(Walk("/a", {{"/a", "/b"}, {"/b", "/a/x"}}), "none");
}

}  // namespace
}  // namespace runward
