#include "tools/pulled_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::ElementsAre;

const std::string kPin = "@sha256:" + std::string(64, 'd');

StoredImage Named(char config, std::vector<std::string> references) {
  return {.name = references.empty() ? "" : references.front(),
          .config = Digest::FromHex(std::string(64, config)).value(),
          .diff_ids = {},
          .text = "",
          .layers = {},
          .references = std::move(references)};
}

std::vector<std::string> Asked(const std::vector<StoredImage>& images) {
  std::vector<std::string> asked;
  for (const PulledImage& image : WhereToAsk(images)) asked.push_back(image.reference.Text());
  return asked;
}

TEST(WhereToAsk, ByTheDigestsThatAnImageWasPulledBy) {
  EXPECT_THAT(Asked({Named('a', {"busybox:1", "busybox" + kPin, "z.example/bb" + kPin})}),
              ElementsAre("docker.io/library/busybox" + kPin, "z.example/bb" + kPin));
}

TEST(WhereToAsk, ByANameOnlyWhereItHasARegistry) {
  EXPECT_THAT(Asked({Named('a', {"web:1", "docker.io/team/web:1", "r.example/web:1"})}),
              ElementsAre("docker.io/team/web:1", "r.example/web:1"));
  EXPECT_THAT(
      Asked({Named('a', {"web:1"}), Named('b', {"localhost/web:1", "localhost/web:1" + kPin}),
             Named('c', {}), Named('d', {"<none>:<none>"})}),
      ElementsAre());
}

TEST(WhereToAsk, OnceARegistryAfterAnother) {
  const auto asked = Asked({Named('a', {"b.example/x:1"}), Named('b', {"a.example/x:1"}),
                            Named('c', {"b.example/x:1", "b.example/y:1"})});
  EXPECT_THAT(asked, ElementsAre("a.example/x:1", "b.example/x:1", "b.example/y:1"));
}

}  // namespace
}  // namespace runward
