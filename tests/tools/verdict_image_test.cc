#include "tools/verdict_image.h"

#include "tests/tools/verdict_image_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

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
  const auto directory = FindLocalImage(Path("layout"), {.docker = Path("docker")}, std::nullopt);
  EXPECT_THAT(directory.value().diff_ids, ElementsAre(DigestOf('a')));
  const std::filesystem::path here = std::filesystem::current_path();
  std::filesystem::current_path(root_);
  const auto word = FindLocalImage("layout", {.docker = Path("docker")}, std::nullopt);
  const auto dotted = FindLocalImage("./layout", {.docker = Path("docker")}, std::nullopt);
  std::filesystem::current_path(here);
  EXPECT_THAT(word.value().diff_ids, ElementsAre(DigestOf('b')));
  EXPECT_THAT(dotted.value().diff_ids, ElementsAre(DigestOf('a')));
}

TEST_F(VerdictImageTest, WhatIsNowhereIsSaidToBeNowhere) {
  const auto find = [&](const ImageStores& stores) {
    return ErrorOf(FindLocalImage("busybox", stores, std::nullopt));
  };
  EXPECT_THAT(find({.docker = Path("none")}), HasSubstr("--docker-root"));
  EXPECT_THAT(find({.docker = Path("none"), .containers = Path("nothing")}),
              AllOf(HasSubstr(Path("none")), HasSubstr(Path("nothing"))));
  WriteContainers({{"localhost/other:1", 'a'}});
  EXPECT_THAT(find({.docker = Path("none"), .containers = Path("containers")}),
              AllOf(HasSubstr("no image \"busybox\" in the store of podman"),
                    HasSubstr("podman images"), Not(HasSubstr(Path("none")))));
}

TEST_F(VerdictImageTest, TwoStoresMustNotDisagree) {
  WriteDocker({{"web", {{"web:1", Id(Config('a'))}, {"web:2", Id(Config('b'))}}}},
              {Config('a'), Config('b')});
  WriteContainers({{"localhost/web:1", 'a'}, {"localhost/web:2", 'c'}, {"localhost/web:3", 'd'}});
  const ImageStores both{.docker = Path("docker"), .containers = Path("containers")};
  EXPECT_THAT(FindLocalImage("web:1", both, std::nullopt).value().diff_ids,
              ElementsAre(DigestOf('a')));
  EXPECT_THAT(ErrorOf(FindLocalImage("web:2", both, std::nullopt)), HasSubstr("choose the store"));
  EXPECT_THAT(FindLocalImage("web:3", both, std::nullopt).value().diff_ids,
              ElementsAre(DigestOf('d')));
  EXPECT_THAT(
      FindLocalImage("web:2", {.containers = Path("containers")}, std::nullopt).value().diff_ids,
      ElementsAre(DigestOf('c')));
}

}  // namespace
}  // namespace runward::fixtures
