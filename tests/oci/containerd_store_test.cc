#include "oci/containerd_store.h"

#include <gtest/gtest.h>

#include "tests/oci/bolt_builder.h"
#include "tests/oci/store_fixture.h"

namespace runward {
namespace {

const char kSnapshotter[] = "io.containerd.snapshotter.v1.overlayfs/";
const char kMeta[] = "io.containerd.metadata.v1.bolt/meta.db";

// A state directory as containerd 1.6 lays it out: an image of three layers, whose snapshots are 4,
// 5 and 6, and a container whose own snapshot is 9.
class ContainerdStore : public testing::Test {
 protected:
  ContainerdStore() {
    for (const char* name : {"one", "two", "three"}) diff_ids_.push_back(DigestOf(name));
    const std::vector<Digest> chains = ChainIdsOf(diff_ids_);
    for (uint64_t i = 0; i < chains.size(); ++i) {
      BoltTree& snapshot = snapshots()["default/" + std::to_string(i) + "/" + chains[i].text()];
      snapshot.values = {{"id", std::string(1, static_cast<char>(4 + i))}, {"kind", "\3"}};
      if (i > 0) snapshot.values["parent"] = NameOf(i - 1);
      if (i > 0) SetChild(3 + i, 4 + i, NameOf(i));
    }
    snapshots()["default/9/web"].values = {{"id", "\x9"}, {"kind", "\2"}, {"parent", NameOf(2)}};
    SetChild(6, 9, "default/9/web");
    AddConfig("A=1");
    space().buckets["containers"].buckets["web"].values["image"] = "docker.io/library/bb:1";
  }

  std::map<std::string, BoltTree>& snapshots() {
    return snapshot_db_.buckets["v1"].buckets["snapshots"].buckets;
  }
  BoltTree& space() { return meta_db_.buckets["v1"].buckets["default"]; }
  std::string NameOf(size_t i) {
    return "default/" + std::to_string(i) + "/" + ChainIdsOf(diff_ids_)[i].text();
  }
  void SetChild(uint64_t parent, uint64_t child, const std::string& name) {
    const std::string key = {static_cast<char>(parent), '\0', static_cast<char>(child)};
    snapshot_db_.buckets["v1"].buckets["parents"].values[key] = name;
  }

  Digest AddConfig(const std::string& extra) {
    const std::string text = ConfigText(diff_ids_, extra);
    const Digest digest = DigestOf(text);
    store_.Write("io.containerd.content.v1.content/blobs/sha256/" + std::string(digest.hex()),
                 text);
    BoltTree& blob = space().buckets["content"].buckets["blob"].buckets[digest.text()];
    blob.buckets["labels"].values["containerd.io/gc.ref.snapshot.overlayfs"] =
        ChainIdOf(diff_ids_)->text();
    return digest;
  }

  std::string Layer(int number) {
    const std::string path =
        store_.path() + "/" + kSnapshotter + "snapshots/" + std::to_string(number) + "/fs";
    std::filesystem::create_directories(path);
    return path;
  }

  ImageEvidence Identify(const std::vector<int>& lower, int upper) {
    store_.Write(std::string(kSnapshotter) + "metadata.db", BoltBuilder::File(snapshot_db_, 7));
    store_.Write(kMeta, BoltBuilder::File(meta_db_, 7));
    std::vector<std::string> layers;
    for (const int number : lower) layers.push_back(Layer(number));
    auto image = IdentifyContainerd(store_.path(), layers, upper == 0 ? "" : Layer(upper),
                                    *ContainerId::Parse("web"));
    EXPECT_TRUE(image.ok());
    return image.ok() ? std::move(image).value() : ImageEvidence{};
  }

  StoreDirectory store_;
  std::vector<Digest> diff_ids_;
  BoltTree snapshot_db_;
  BoltTree meta_db_;
};

TEST_F(ContainerdStore, TheRootIsWhatStandsBeforeTheSnapshotter) {
  EXPECT_EQ(ContainerdRootOf("/c/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs"), "/c");
  for (const char* path : {"/c/io.containerd.snapshotter.v1.overlayfs/snapshots/x/fs",
                           "/c/io.containerd.snapshotter.v1.overlayfs/snapshots/7",
                           "/c/io.containerd.snapshotter.v1.native/snapshots/7/fs",
                           "/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs", "7/fs"}) {
    EXPECT_EQ(ContainerdRootOf(path), std::nullopt) << path;
  }
}

TEST_F(ContainerdStore, SnapshotsNameTheChain) {
  const ImageEvidence image = Identify({6, 5, 4}, 9);
  EXPECT_EQ(image.chain, ChainIdOf(diff_ids_)) << image.why;
  EXPECT_EQ(image.prefixes, ChainIdsOf(diff_ids_));
  EXPECT_EQ(image.configs.size(), 1U);
  EXPECT_TRUE(image.config_certain);
  EXPECT_EQ(image.unsigned_name, "docker.io/library/bb:1");
}

TEST_F(ContainerdStore, AViewWithoutAnUpperLayerIsIdentifiedToo) {
  EXPECT_EQ(Identify({6, 5, 4}, 0).chain, ChainIdOf(diff_ids_));
}

TEST_F(ContainerdStore, AnImageOfOneLayerIsFoundByItsContainer) {
  snapshots()["default/10/small"].values = {{"id", "\xb"}, {"kind", "\2"}, {"parent", NameOf(0)}};
  SetChild(4, 11, "default/10/small");
  EXPECT_EQ(Identify({4}, 11).chain, diff_ids_.front());
}

TEST_F(ContainerdStore, SeveralConfigsOfOneChainAreAllCandidates) {
  AddConfig("A=2");
  const ImageEvidence image = Identify({6, 5, 4}, 9);
  EXPECT_EQ(image.configs.size(), 2U);
  EXPECT_FALSE(image.config_certain);
}

TEST_F(ContainerdStore, AConfigWithAFalseLabelOrFalseBytesIsNone) {
  const Digest honest = AddConfig("A=1");
  const std::string text = ConfigText({DigestOf("other")}, "");
  const std::string directory = "io.containerd.content.v1.content/blobs/sha256/";
  store_.Write(directory + std::string(DigestOf(text).hex()), text);
  BoltTree& blobs = space().buckets["content"].buckets["blob"];
  blobs.buckets[DigestOf(text).text()] = blobs.buckets[honest.text()];
  blobs.buckets[DigestOf("absent").text()] = blobs.buckets[honest.text()];
  EXPECT_EQ(Identify({6, 5, 4}, 9).configs, std::vector<Digest>{honest});
}

TEST_F(ContainerdStore, LayersThatAreNotAnImagesLeaveNoIdentity) {
  snapshots()["default/12/mine"].values = {{"id", "\xc"}, {"kind", "\3"}};
  snapshots()["default/13/run"].values = {
      {"id", "\xd"}, {"kind", "\2"}, {"parent", "default/12/mine"}};
  SetChild(12, 13, "default/13/run");
  EXPECT_FALSE(Identify({12}, 13).chain) << "committed under another name than a chain's";
  EXPECT_FALSE(Identify({6, 5}, 9).chain) << "fewer layers";
  EXPECT_FALSE(Identify({6, 4}, 9).chain) << "one left out";
  EXPECT_FALSE(Identify({5, 6, 4}, 9).chain) << "another order";
  EXPECT_FALSE(Identify({7, 5, 4}, 0).chain) << "unknown";
}

TEST_F(ContainerdStore, AnActiveSnapshotIsNoLayer) {
  snapshots()[NameOf(1)].values["kind"] = "\2";
  EXPECT_FALSE(Identify({6, 5, 4}, 9).chain);
}

TEST_F(ContainerdStore, ADamagedDatabaseLeavesNoIdentityAndSaysWhy) {
  ASSERT_TRUE(Identify({6, 5, 4}, 9).chain);
  store_.Write(std::string(kSnapshotter) + "metadata.db", "not a database");
  auto image = IdentifyContainerd(store_.path(), {Layer(6), Layer(5), Layer(4)}, Layer(9),
                                  *ContainerId::Parse("web"));
  ASSERT_TRUE(image.ok());
  EXPECT_FALSE(image.value().chain);
  EXPECT_NE(image.value().why.find("damaged"), std::string::npos) << image.value().why;
}

}  // namespace
}  // namespace runward
