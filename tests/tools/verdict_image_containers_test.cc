#include <sys/stat.h>

#include "tests/tools/verdict_image_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class VerdictImageContainers : public VerdictImageTest {
 protected:
  VerdictImageContainers() {
    WriteContainers({{"localhost/test/web:1", 'a'},
                     {"docker.io/library/busybox:latest", 'b'},
                     {"quay.example.com:5000/library/busybox:latest", 'c'},
                     {"localhost/busybox:latest", 'd'}});
  }
  Result<LocalImage> Find(const std::string& name) const {
    return FindLocalImage(name, {.containers = Path("containers")}, std::nullopt);
  }
};

TEST_F(VerdictImageContainers, ANameStaysAsItWasWritten) {
  for (const char* name : {"localhost/test/web:1", "test/web:1", "web:1"}) {
    const auto image = Find(name);
    ASSERT_TRUE(image.ok()) << name << ": " << image.error().message;
    EXPECT_EQ(image.value().name, name);
    EXPECT_EQ(image.value().config->text(), Id(Config('a'))) << name;
    EXPECT_EQ(image.value().manifest, DigestOf('e')) << name;
    EXPECT_THAT(image.value().diff_ids, ElementsAre(DigestOf('a')));
  }
}

TEST_F(VerdictImageContainers, AWholeNameIsNobodyElses) {
  EXPECT_THAT(Find("localhost/busybox").value().diff_ids, ElementsAre(DigestOf('d')));
  EXPECT_THAT(Find("docker.io/library/busybox").value().diff_ids, ElementsAre(DigestOf('b')));
  EXPECT_THAT(ErrorOf(Find("busybox")), HasSubstr("the whole name"));
  EXPECT_THAT(ErrorOf(Find("library/busybox:latest")), HasSubstr("the whole name"));
}

TEST_F(VerdictImageContainers, AnIdOrItsStartFindsTheImageAndItsName) {
  const std::string hex = Sha256Hex(Config('b'));
  for (const std::string& id : {hex, "sha256:" + hex, hex.substr(0, 12)}) {
    const auto image = Find(id);
    ASSERT_TRUE(image.ok()) << id;
    EXPECT_EQ(image.value().config->hex(), hex);
    EXPECT_EQ(image.value().name, "docker.io/library/busybox:latest");
  }
}

TEST_F(VerdictImageContainers, WhatIsNotThereIsNotFound) {
  for (const char* name : {"alpine", "eb:1", "test/web:2", "test/web", "abc", ""}) {
    EXPECT_THAT(ErrorOf(Find(name)), HasSubstr("no image")) << name;
  }
}

TEST_F(VerdictImageContainers, AConfigThatIsNotWhatItsNameSaysIsRefused) {
  WriteContainersConfig(Sha256Hex(Config('a')), Config('z'));
  EXPECT_THAT(ErrorOf(Find("web:1")), HasSubstr("does not have the hash"));
}

TEST_F(VerdictImageContainers, AnIndexThatOthersMayWriteIsRefused) {
  chmod(Path("containers/overlay-images/images.json").c_str(), 0666);
  EXPECT_THAT(ErrorOf(Find("web:1")), HasSubstr("may write it"));
}

}  // namespace
}  // namespace runward::fixtures
