#include "registry/image_reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace runward {
namespace {

using ::testing::HasSubstr;

struct Case {
  std::string text;
  std::string whole;
  std::string endpoint;
};

const std::string kDigest = "sha256:" + std::string(64, 'a');

TEST(ImageReference, IsCompletedAsDockerDoes) {
  const Case cases[] = {
      {"busybox", "docker.io/library/busybox:latest", "registry-1.docker.io"},
      {"busybox:1.36", "docker.io/library/busybox:1.36", "registry-1.docker.io"},
      {"index.docker.io/a/b", "docker.io/a/b:latest", "registry-1.docker.io"},
      {"team/web:1", "docker.io/team/web:1", "registry-1.docker.io"},
      {"localhost/web:1", "localhost/web:1", "localhost"},
      {"localhost:5000/web", "localhost:5000/web:latest", "localhost:5000"},
      {"registry.example.com/a/b/c:v1", "registry.example.com/a/b/c:v1", "registry.example.com"},
      {"[::1]:5000/web:1", "[::1]:5000/web:1", "[::1]:5000"},
      {"h.example/web@" + kDigest, "h.example/web@" + kDigest, "h.example"},
      {"h.example/web:1@" + kDigest, "h.example/web:1@" + kDigest, "h.example"},
      {"h.example/a__b/c-d.e_f:A.b-C", "h.example/a__b/c-d.e_f:A.b-C", "h.example"},
  };
  for (const Case& one : cases) {
    const auto reference = ImageReference::Parse(one.text);
    ASSERT_TRUE(reference.ok()) << one.text;
    EXPECT_EQ(reference.value().Text(), one.whole);
    EXPECT_EQ(reference.value().Endpoint(), one.endpoint);
  }
}

TEST(ImageReference, ADigestIsWantedBeforeATag) {
  EXPECT_EQ(ImageReference::Parse("a.b/web:1").value().Wanted(), "1");
  EXPECT_EQ(ImageReference::Parse("a.b/web:1@" + kDigest).value().Wanted(), kDigest);
}

TEST(ImageReference, RefusesWhatCannotStandInAUrl) {
  const std::string cases[] = {"",
                               "/",
                               "a.b/",
                               "a.b//web",
                               "a.b/../v2",
                               "a.b/web/..",
                               "a.b/web?x=1",
                               "a.b/web#x",
                               "a.b/we b",
                               "a.b/Web",
                               "a.b/web:",
                               "a.b/web:-x",
                               "a.b/web:a/b",
                               "a.b/web:" + std::string(129, 'x'),
                               "a.b/" + std::string(300, 'x'),
                               "user@a.b/web",
                               "a.b/web@sha256:abc",
                               "a.b/web@sha512:" + std::string(64, 'a'),
                               "a.b:port/web",
                               "a.b:123456/web",
                               "[::1/web.x",
                               "[xyz]:1/web",
                               "https://a.b/web",
                               "a.b/web\r\nX: y"};
  for (const std::string& text : cases) {
    const auto reference = ImageReference::Parse(text);
    ASSERT_FALSE(reference.ok()) << text;
    EXPECT_THAT(reference.error().message, HasSubstr("is not an image's name"));
  }
}

}  // namespace
}  // namespace runward
