#include "secrets/groups.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "secrets/tmpfs.h"

namespace runward {
namespace {

TEST(GroupSecrets, ByDirectoryInTheirOrder) {
  const std::vector<SecretRule> rules = {
      {.name = "vault:a#b", .file = "/k/b", .mode = 0444, .uid = 0U, .gid = 0U},
      {.name = "vault:a#c", .file = "/m/c"},
      {.name = "vault:a#d", .file = "/k/d"}};
  const auto groups = GroupSecrets(IdMaps::Of(getpid()).value(), rules, {"B", "C", "D"});
  ASSERT_TRUE(groups.ok()) << groups.error().message;
  ASSERT_EQ(groups.value().size(), 2U);
  EXPECT_EQ(groups.value()[0].directory, "/k");
  ASSERT_EQ(groups.value()[0].files.size(), 2U);
  EXPECT_EQ(groups.value()[0].files[0].mode, 0444U);
  EXPECT_EQ(groups.value()[0].files[1].name, "d");
  EXPECT_EQ(groups.value()[0].files[1].bytes, "D");
  EXPECT_EQ(groups.value()[1].files[0].bytes, "C");
}

TEST(GroupSecrets, HaveToFitTogether) {
  constexpr size_t kHalf = kMostSecretBytes / 2;
  EXPECT_EQ(SizeTogether({kHalf, kHalf}).value(), kMostSecretBytes);
  EXPECT_FALSE(SizeTogether({kHalf, kHalf + 1}).ok());
  EXPECT_FALSE(SizeTogether({SIZE_MAX, SIZE_MAX}).ok());
  EXPECT_EQ(SizeTogether({1, 0}).value(), 4096U);
}

}  // namespace
}  // namespace runward
