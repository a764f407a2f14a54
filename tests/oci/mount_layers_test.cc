#include "oci/mount_layers.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

using Paths = std::vector<std::string>;

Result<MountLayers> Of(const std::string& super, const std::string& point = "/v",
                       const std::string& type = "overlay") {
  return LayersOf({.point = point, .type = type, .super = super});
}

TEST(MountLayers, AreThoseThatMountinfoNames) {
  EXPECT_EQ(Of("rw,lowerdir=/a:/b,upperdir=/u,workdir=/w").value().names,
            (Paths{"/a", "/b", "/u"}));
  EXPECT_EQ(Of("ro,lowerdir=/a\\040b").value().names, Paths{"/a b"});
  EXPECT_TRUE(Of("rw", "/v", "ext4").value().names.empty());
  EXPECT_TRUE(Of("rw", "/v", "fuse.sshfs").value().names.empty());
}

TEST(MountLayers, MayBeRelativeToWhatAnEngineGivesThemTo) {
  const MountLayers docker = Of("rw,lowerdir=l/A:l/B,upperdir=id/diff", "/s/id/merged").value();
  EXPECT_EQ(docker.names, (Paths{"/s/l/A", "/s/l/B", "/s/id/diff"}));
  EXPECT_EQ(docker.store, "/s");
  const MountLayers containerd = Of("rw,lowerdir=18/fs:/x,upperdir=/c/snapshots/9/fs").value();
  EXPECT_EQ(containerd.names, (Paths{"/c/snapshots/18/fs", "/x", "/c/snapshots/9/fs"}));
  EXPECT_EQ(containerd.store, "");
}

TEST(MountLayers, AreUnknownOtherwise) {
  for (const char* super :
       {"rw,lowerdir=etc:/a", "rw,lowerdir=/a,upperdir=u/x", "rw,lowerdir=18/fs,upperdir=/c/d/9/fs",
        "rw,lowerdir=18/../fs,upperdir=/c/snapshots/9/fs", "rw,lowerdir=../fs", "rw",
        "rw,lowerdir=18/fs,upperdir=/c/snapshots/x/fs", "rw,lowerdir=/a\\134,b"}) {
    EXPECT_FALSE(Of(super).ok()) << super;
  }
  for (const char* type : {"fuse.fuse-overlayfs", "aufs", "ecryptfs", "fuse.unionfs-fuse"}) {
    EXPECT_FALSE(Of("rw", "/v", type).ok()) << type;
  }
}

}  // namespace
}  // namespace runward
