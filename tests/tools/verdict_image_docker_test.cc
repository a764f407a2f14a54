#include "tests/tools/verdict_image_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class VerdictImageDocker : public VerdictImageTest {
 protected:
  VerdictImageDocker() {
    WriteDocker({{"busybox",
                  {{"busybox:latest", Id(Config('a'))},
                   {"busybox:1.36", Id(Config('b'))},
                   {"busybox@sha256:" + Hex('d'), Id(Config('a'))}}},
                 {"registry.example.com:5000/web/app",
                  {{"registry.example.com:5000/web/app:1", Id(Config('c'))}}}},
                {Config('a'), Config('b'), Config('c')});
  }
  Result<LocalImage> Find(const std::string& name) const {
    return FindLocalImage(name, {.docker = Path("docker")}, std::nullopt);
  }
};

TEST_F(VerdictImageDocker, ANameStaysAsItWasWritten) {
  for (const char* name : {"busybox", "busybox:latest", "docker.io/library/busybox",
                           "docker.io/busybox:latest", "library/busybox"}) {
    const auto image = Find(name);
    ASSERT_TRUE(image.ok()) << name << ": " << image.error().message;
    EXPECT_EQ(image.value().name, name);
    EXPECT_EQ(image.value().config->text(), Id(Config('a'))) << name;
    EXPECT_EQ(image.value().manifest, DigestOf('d')) << name;
    EXPECT_THAT(image.value().diff_ids, ElementsAre(DigestOf('a')));
  }
  EXPECT_EQ(Find("busybox:1.36").value().config->text(), Id(Config('b')));
  EXPECT_FALSE(Find("busybox:1.36").value().manifest);
  EXPECT_EQ(Find("registry.example.com:5000/web/app:1").value().config->text(), Id(Config('c')));
}

TEST_F(VerdictImageDocker, AnIdOrItsStartFindsTheImageAndItsName) {
  const std::string hex = Sha256Hex(Config('b'));
  for (const std::string& id : {hex, "sha256:" + hex, hex.substr(0, 12), hex.substr(0, 4)}) {
    const auto image = Find(id);
    ASSERT_TRUE(image.ok()) << id;
    EXPECT_EQ(image.value().config->hex(), hex);
    EXPECT_EQ(image.value().name, "busybox:1.36");
  }
}

TEST_F(VerdictImageDocker, AnAmbiguousIdIsRefused) {
  const std::string folder = "docker/image/overlay2/imagedb/content/sha256/";
  Write(folder + "abcd" + std::string(60, '0'), "x");
  Write(folder + "abcd" + std::string(60, '1'), "x");
  EXPECT_THAT(ErrorOf(Find("abcd")), HasSubstr("give more digits"));
}

TEST_F(VerdictImageDocker, WhatIsNotThereIsNotFound) {
  for (const char* name : {"alpine", "busybox:2", "registry.example.com:5000/web/app", "abc", ""}) {
    EXPECT_THAT(ErrorOf(Find(name)), HasSubstr("no image")) << name;
  }
}

TEST_F(VerdictImageDocker, AConfigThatIsNotWhatItsNameSaysIsRefused) {
  Write("docker/image/overlay2/imagedb/content/sha256/" + Sha256Hex(Config('a')), Config('z'));
  EXPECT_THAT(ErrorOf(Find("busybox")), HasSubstr("does not have the hash"));
}

TEST_F(VerdictImageDocker, AnIndexThatOthersMayWriteIsRefused) {
  chmod(Path("docker/image/overlay2/repositories.json").c_str(), 0666);
  EXPECT_THAT(ErrorOf(Find("busybox")), HasSubstr("may write it"));
}

}  // namespace
}  // namespace runward::fixtures
