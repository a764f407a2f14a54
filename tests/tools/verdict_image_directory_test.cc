#include <sys/utsname.h>

#include "tests/tools/verdict_image_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class VerdictImageDirectory : public VerdictImageTest {
 protected:
  Result<LocalImage> Find(const std::optional<Digest>& manifest = std::nullopt) const {
    return FindDirectoryImage(Path("layout"), manifest);
  }
  static Json For(Json descriptor, const std::string& architecture) {
    descriptor["platform"] = {{"os", "linux"}, {"architecture", architecture}};
    return descriptor;
  }
  static std::string Here() {
    utsname host{};
    uname(&host);
    const std::string machine = host.machine;
    return machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : machine;
  }
};

TEST_F(VerdictImageDirectory, ALayoutsOneImageIsFound) {
  Json manifest = WriteImage('a');
  manifest["annotations"] = {{"io.containerd.image.name", "docker.io/library/busybox:1"}};
  Write("layout/index.json", Index({manifest}).dump());
  const LocalImage image = Find().value();
  EXPECT_EQ(image.name, "docker.io/library/busybox:1");
  EXPECT_EQ(image.manifest->text(), manifest.at("digest"));
  EXPECT_EQ(image.config->text(), Id(Config('a')));
  EXPECT_THAT(image.diff_ids, ElementsAre(DigestOf('a')));
}

TEST_F(VerdictImageDirectory, OfSeveralPlatformsThisMachinesIsTaken) {
  const Json inner = WriteBlob(Index({For(WriteImage('a'), "other"), For(WriteImage('b'), Here()),
                                      For(WriteImage('c'), "unknown")})
                                   .dump(),
                               "application/vnd.oci.image.index.v1+json");
  Write("layout/index.json", Index({inner}).dump());
  EXPECT_THAT(Find().value().diff_ids, ElementsAre(DigestOf('b')));
  // Another, when it is asked for.
  const Digest other = Digest::Parse(WriteImage('a').at("digest").get<std::string>()).value();
  EXPECT_THAT(Find(other).value().diff_ids, ElementsAre(DigestOf('a')));
  EXPECT_THAT(ErrorOf(Find(DigestOf('f'))), HasSubstr("no such image"));
}

TEST_F(VerdictImageDirectory, OfSeveralImagesOneHasToBeChosen) {
  Write("layout/index.json", Index({WriteImage('a'), WriteImage('b')}).dump());
  EXPECT_THAT(ErrorOf(Find()), HasSubstr("choose one: --manifest sha256:"));
}

TEST_F(VerdictImageDirectory, ABlobThatIsNotWhatItsNameSaysIsRefused) {
  const Json manifest = WriteImage('a');
  Write("layout/index.json", Index({manifest}).dump());
  Write("layout/blobs/sha256/" + Sha256Hex(Config('a')), Config('b'));
  EXPECT_THAT(ErrorOf(Find()), HasSubstr("does not have the hash"));
  Write("layout/index.json", R"({"manifests":[{"digest":"../../etc/passwd"}]})");
  EXPECT_THAT(ErrorOf(Find()), HasSubstr("no sha256 digest"));
}

TEST_F(VerdictImageDirectory, IndexesNestAFewTimesOnly) {
  Json manifest = WriteImage('a');
  for (int i = 0; i < 10; ++i) {
    manifest = WriteBlob(Index({manifest}).dump(), "application/vnd.oci.image.index.v1+json");
  }
  Write("layout/index.json", Index({manifest}).dump());
  EXPECT_THAT(ErrorOf(Find()), HasSubstr("too deeply"));
}

TEST_F(VerdictImageDirectory, WhatDockerSavePackedIsFound) {
  const std::string hex = Sha256Hex(Config('a'));
  Write("layout/" + hex + ".json", Config('a'));
  Json entry = {{"Config", hex + ".json"}, {"RepoTags", {"app:1"}}};
  Write("layout/manifest.json", Json::array({entry}).dump());
  const LocalImage image = Find().value();
  EXPECT_EQ(image.name, "app:1");
  EXPECT_EQ(image.config->hex(), hex);
  EXPECT_FALSE(image.manifest);
  EXPECT_THAT(image.diff_ids, ElementsAre(DigestOf('a')));
  Write("layout/manifest.json", Json::array({entry, entry}).dump());
  EXPECT_THAT(ErrorOf(Find()), HasSubstr("lists 2 images"));
  entry["Config"] = "../x.json";
  Write("layout/manifest.json", Json::array({entry}).dump());
  EXPECT_THAT(ErrorOf(Find()), HasSubstr("by its SHA-256"));
}

TEST_F(VerdictImageDirectory, AnotherDirectoryIsRefused) {
  Write("layout/x", "");
  EXPECT_THAT(ErrorOf(Find()), HasSubstr("neither an OCI layout"));
}

}  // namespace
}  // namespace runward::fixtures
