#include "oci/overlay.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

using Paths = std::vector<std::string>;

TEST(Overlay, ReadsTheLayersTopmostFirst) {
  const auto layers = ParseOverlay("rw,lowerdir=/a:/b:/c,upperdir=/u/x/diff,workdir=/u/x/work");
  ASSERT_TRUE(layers.ok());
  EXPECT_EQ(layers.value().lower, (Paths{"/a", "/b", "/c"}));
  EXPECT_EQ(layers.value().upper, "/u/x/diff");
}

TEST(Overlay, UndoesBothKindsOfEscapes) {
  const auto layers = ParseOverlay(R"(ro,lowerdir=/a\040b:/c\134:d:/e\134,f)");
  ASSERT_TRUE(layers.ok());
  EXPECT_EQ(layers.value().lower, (Paths{"/a b", "/c:d", "/e,f"}));
}

TEST(Overlay, ReadsTheNewerKernelsLayerByLayerForm) {
  const auto layers = ParseOverlay("ro,lowerdir+=/a,lowerdir+=/b,index=off");
  ASSERT_TRUE(layers.ok());
  EXPECT_EQ(layers.value().lower, (Paths{"/a", "/b"}));
}

TEST(Overlay, RefusesWhatItCannotBeSureOf) {
  for (const char* options :
       {"rw", "rw,upperdir=/u", "rw,lowerdir=", "rw,lowerdir=/a::/data",
        "rw,lowerdir=/a:", "rw,lowerdir=/a,lowerdir=/b", "rw,lowerdir=/a,upperdir=/b,upperdir=/c",
        "rw,lowerdir+=/a,datadir+=/d"}) {
    EXPECT_FALSE(ParseOverlay(options).ok()) << options;
  }
}

TEST(Overlay, MakesDockersRelativeLayersAbsoluteByTheMountPoint) {
  const auto layers =
      AbsoluteLayers({.lower = {"l/A", "l/B"}, .upper = "id/diff"}, "/d/overlay2/id/merged");
  ASSERT_TRUE(layers.ok());
  EXPECT_EQ(layers.value().lower, (Paths{"/d/overlay2/l/A", "/d/overlay2/l/B"}));
  EXPECT_EQ(layers.value().upper, "/d/overlay2/id/diff");
}

TEST(Overlay, MakesContainerdsRelativeLayersAbsoluteByTheUpperOne) {
  const auto layers =
      AbsoluteLayers({.lower = {"184/fs", "/s/183/fs"}, .upper = "/c/snapshots/9/fs"}, "/run/x");
  ASSERT_TRUE(layers.ok());
  EXPECT_EQ(layers.value().lower, (Paths{"/c/snapshots/184/fs", "/s/183/fs"}));
}

TEST(Overlay, RefusesRelativeLayersWithoutAnUpperOne) {
  EXPECT_FALSE(AbsoluteLayers({.lower = {"184/fs"}, .upper = ""}, "/run/x").ok());
}

TEST(OverlaySources, AreReadAsTheKernelSplitsThem) {
  const auto of = [](std::vector<std::string> options) { return OverlaySources(options).value(); };
  EXPECT_EQ(of({"lowerdir=/a:/b", "upperdir=/u", "workdir=/w", "ro"}),
            (Paths{"/a", "/b", "/u", "/w"}));
  EXPECT_EQ(of({"index=off,lowerdir=/a,upperdir=/b,workdir=/w"}), (Paths{"/a", "/b", "/w"}));
  EXPECT_EQ(of({"lowerdir=/a", "redirect_dir=on,lowerdir=/b"}), (Paths{"/a", "/b"}));
  EXPECT_EQ(of({R"(lowerdir=/x\:y:/z)"}), (Paths{"/x:y", "/z"}));
  EXPECT_EQ(of({"lowerdir=/a::/data"}), (Paths{"/a", "/data"}));
  EXPECT_EQ(of({"lowerdir+=/a:b,datadir+=/c"}), (Paths{"/a:b", "/c"}));
  EXPECT_EQ(of({"ro", "lowerdir", "nolowerdir=/a"}), Paths{});
}

TEST(OverlaySources, AreUnknownWhenAnythingIsOdd) {
  for (const char* option :
       {"lowerdir=a:/b", "lowerdir=/a:b", "upperdir=u", R"(lowerdir=/a\,upperdir=/b)",
        R"(lowerdir=/a\)", R"(lowerdir=/a\\:/b)", R"(upperdir=/a\:b)", R"(lowerdir+=/a\:b)",
        R"(x=\,lowerdir=/a)", R"(context="a,lowerdir=/b")"}) {
    EXPECT_FALSE(OverlaySources({option}).ok()) << option;
  }
}

}  // namespace
}  // namespace runward
