#include "tools/verdict_image.h"

#include "tests/tools/verdict_image_fixture.h"

namespace runward::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(VerdictImageTest, DiffIdsAreTheConfigs) {
  EXPECT_THAT(DiffIdsOf(Config('a'), "x").value(), ElementsAre(DigestOf('a')));
  for (const char* bad :
       {"", "{}", R"({"rootfs":{}})", R"({"rootfs":{"diff_ids":[]}})",
        R"({"rootfs":{"diff_ids":["sha256:x"]}})", R"({"rootfs":{"diff_ids":[]},"Rootfs":{}})"}) {
    EXPECT_FALSE(DiffIdsOf(bad, "x").ok()) << bad;
  }
}

TEST_F(VerdictImageTest, APathIsADirectoryAndAWordIsAnImage) {
  Write("layout/index.json", Index({WriteImage('a')}).dump());
  WriteDocker({{"layout", {{"layout:latest", Id(Config('b'))}}}}, {Config('b')});
  const auto directory = FindLocalImage(Path("layout"), Path("docker"), std::nullopt);
  EXPECT_THAT(directory.value().diff_ids, ElementsAre(DigestOf('a')));
  const std::filesystem::path here = std::filesystem::current_path();
  std::filesystem::current_path(root_);
  const auto word = FindLocalImage("layout", Path("docker"), std::nullopt);
  const auto dotted = FindLocalImage("./layout", Path("docker"), std::nullopt);
  std::filesystem::current_path(here);
  EXPECT_THAT(word.value().diff_ids, ElementsAre(DigestOf('b')));
  EXPECT_THAT(dotted.value().diff_ids, ElementsAre(DigestOf('a')));
}

TEST_F(VerdictImageTest, WhatIsNowhereIsSaidToBeNowhere) {
  EXPECT_THAT(ErrorOf(FindLocalImage("busybox", Path("none"), std::nullopt)),
              HasSubstr("--docker-root"));
}

}  // namespace
}  // namespace runward::testing
