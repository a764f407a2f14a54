#include "tools/local_images.h"

#include "tests/tools/verdict_image_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::ElementsAre;

class LocalImages : public VerdictImageTest {
 protected:
  // The directory of Docker's layer of an image of that one layer.
  std::string AddLayer(char layer) const {
    const auto digest = Digest::FromHex(Hex(layer));
    const std::string chain(ChainIdOf(std::vector<Digest>{*digest})->hex());
    const std::string cache = std::string("cache-") + layer;
    Write("docker/image/overlay2/layerdb/sha256/" + chain + "/cache-id", cache);
    Write("docker/overlay2/" + cache + "/diff/bin/busybox", "x");
    return Path("docker/overlay2/" + cache + "/diff");
  }
  static std::vector<StoredImage> List(const ImageStores& stores) {
    auto images = ListLocalImages(stores);
    EXPECT_TRUE(images.ok()) << images.error().message;
    if (!images.ok()) return {};
    std::ranges::sort(images.value(), {}, &StoredImage::name);
    return std::move(images).value();
  }
};

TEST_F(LocalImages, AreDockersByNameOrIdWithTheirLayers) {
  WriteDocker(
      {{"busybox",
        {{"busybox@sha256:" + Hex('d'), Id(Config('a'))}, {"busybox:latest", Id(Config('a'))}}}},
      {Config('a'), Config('b')});
  const std::string layer = AddLayer('a');
  const auto images = List({.docker = Path("docker")});
  ASSERT_EQ(images.size(), 2U);
  EXPECT_EQ(images[0].name, Sha256Hex(Config('b')).substr(0, 12));
  EXPECT_TRUE(images[0].layers.empty());
  EXPECT_EQ(images[1].name, "busybox:latest");
  EXPECT_EQ(images[1].config.text(), Id(Config('a')));
  EXPECT_THAT(images[1].layers, ElementsAre(layer));
  EXPECT_THAT(images[1].references,
              ::testing::UnorderedElementsAre("busybox:latest", "busybox@sha256:" + Hex('d')));
}

TEST_F(LocalImages, ArePodmansWithTheirLayersTopmostFirst) {
  const std::string hex = Sha256Hex(Config('a'));
  WriteContainersConfig(hex, Config('a'));
  Write("containers/overlay-images/images.json", Json::array({{{"id", hex},
                                                               {"names", {"localhost/web:1"}},
                                                               {"digest", "sha256:" + Hex('d')},
                                                               {"layer", "top"}}})
                                                     .dump());
  Write("containers/overlay-layers/layers.json",
        Json::array({{{"id", "base"}}, {{"id", "top"}, {"parent", "base"}}}).dump());
  Write("containers/overlay/top/diff/x", "");
  Write("containers/overlay/base/diff/x", "");
  const auto images = List({.containers = Path("containers")});
  ASSERT_EQ(images.size(), 1U);
  EXPECT_EQ(images[0].name, "localhost/web:1");
  EXPECT_THAT(images[0].references,
              ElementsAre("localhost/web:1", "localhost/web:1@sha256:" + Hex('d')));
  EXPECT_THAT(images[0].layers, ElementsAre(Path("containers/overlay/top/diff"),
                                            Path("containers/overlay/base/diff")));
}

TEST_F(LocalImages, ThatAreDamagedAreLeftOut) {
  WriteDocker(Json::object(), {Config('a')});
  Write("docker/image/overlay2/imagedb/content/sha256/" + Hex('b'), Config('b'));
  Write("docker/image/overlay2/imagedb/content/sha256/notes", "x");
  EXPECT_EQ(List({.docker = Path("docker")}).size(), 1U);
  EXPECT_TRUE(List({.docker = Path("nowhere")}).empty());
  Write("docker/image/overlay2/repositories.json", "{");
  EXPECT_FALSE(ListLocalImages({.docker = Path("docker")}).ok());
}

TEST_F(LocalImages, ResolveAsTheirOverlayWould) {
  Write("low/bin/busybox", "x");
  Write("low/usr/bin/env", "x");
  Write("high/etc/x", "x");
  std::filesystem::create_symlink("busybox", Path("low/bin/sh"));
  std::filesystem::create_symlink("/bin/./sh", Path("high/start"));
  std::filesystem::create_symlink("usr/bin/../../bin", Path("high/linked"));
  std::filesystem::create_symlink("circle", Path("high/circle"));
  std::filesystem::create_symlink("../../../etc/x", Path("high/up"));
  const std::vector<std::string> layers = {Path("high"), Path("low")};
  EXPECT_EQ(ResolveInLayers(layers, "/bin/busybox"), "/bin/busybox");
  EXPECT_EQ(ResolveInLayers(layers, "/start"), "/bin/busybox");
  EXPECT_EQ(ResolveInLayers(layers, "/linked/sh"), "/bin/busybox");
  EXPECT_EQ(ResolveInLayers(layers, "/up"), "/etc/x");
  for (const char* none : {"/", "/bin", "/none", "/circle", "/bin/none/x", ""}) {
    EXPECT_EQ(ResolveInLayers(layers, none), "") << none;
  }
}

}  // namespace
}  // namespace runward::fixtures
