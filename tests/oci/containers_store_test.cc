#include "oci/containers_store.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/oci/store_fixture.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

const char kContainer[] = "c0ffee";

// A store as podman 4.3 lays it out, with an image of three layers and a container of it.
class ContainersStore : public testing::Test {
 protected:
  ContainersStore() {
    for (const char* name : {"one", "two", "three"}) {
      diff_ids_.push_back(DigestOf(name));
      layers_.push_back({{"id", name}, {"diff-digest", diff_ids_.back().text()}});
      if (layers_.size() > 1) layers_.back()["parent"] = layers_[layers_.size() - 2]["id"];
      Link(name, name);
    }
    layers_.push_back({{"id", "own"}, {"parent", "three"}});
    config_ = AddImage("A=1", "localhost/web:1");
    containers_.push_back({{"id", kContainer},
                           {"image", config_->hex()},
                           {"layer", "own"},
                           {"metadata", R"({"image-name":"web:1","image-id":")" +
                                            std::string(config_->hex()) + "\"}"}});
  }

  void Link(const std::string& name, const std::string& layer) {
    std::filesystem::create_directories(Driver() + "/l");
    std::filesystem::create_directories(Driver() + "/" + layer + "/diff");
    std::filesystem::create_symlink("../" + layer + "/diff", Driver() + "/l/" + name);
    lower_.insert(lower_.begin(), Driver() + "/l/" + name);
  }

  Digest AddImage(const std::string& extra, const std::string& name) {
    const std::string text = ConfigText(diff_ids_, extra);
    Digest digest = DigestOf(text);
    const std::string hex(digest.hex());
    store_.Write("overlay-images/" + hex + "/=" + Base64Encode("sha256:" + hex), text);
    images_.push_back({{"id", hex}, {"names", {name}}, {"layer", "three"}});
    return digest;
  }

  void WriteLists() {
    store_.Write("overlay-layers/layers.json", layers_.dump());
    store_.Write("overlay-images/images.json", images_.dump());
    store_.Write("overlay-containers/containers.json", containers_.dump());
  }

  std::string Driver() { return store_.path() + "/overlay"; }
  Digest Chain() { return *ChainIdOf(diff_ids_); }

  ImageEvidence Identify() {
    WriteLists();
    return IdentifyAsWritten();
  }

  ImageEvidence IdentifyAsWritten() {
    auto image = IdentifyContainers(store_.path(), lower_, upper_, *ContainerId::Parse(container_));
    EXPECT_TRUE(image.ok());
    return image.ok() ? std::move(image).value() : ImageEvidence{};
  }

  StoreDirectory store_;
  std::vector<Digest> diff_ids_;
  std::vector<std::string> lower_;
  std::string upper_ = Driver() + "/own/diff";
  std::string container_ = kContainer;
  Json layers_ = Json::array();
  Json images_ = Json::array();
  Json containers_ = Json::array();
  std::optional<Digest> config_;
};

TEST(ContainersRoot, IsWhatStandsBeforeTheDriver) {
  EXPECT_EQ(ContainersRootOf("/var/lib/containers/storage/overlay/l/ABC"),
            "/var/lib/containers/storage");
  EXPECT_EQ(ContainersRootOf("/c/overlay/0ab/mapped/0/l/ABC"), "/c");
  EXPECT_EQ(ContainersRootOf("/overlay/x/overlay/l/ABC"), "/overlay/x");
  for (const char* path : {"/overlay/l/ABC", "/c/overlay/l/", "/c/overlay/l/A/B", "/c/overlay/ABC",
                           "/c/overlay2/l/ABC", "/c/overlay/0ab/mapped/l/ABC", "/c/overlay/l",
                           "/c/overlay/a/b/mapped/0/l/ABC", "/c/overlay/a/mapped/x/l/ABC",
                           "/c/overlay//mapped/0/l/ABC", "/c/overlay/a/mapped/0/l/A/B", "/etc"}) {
    EXPECT_EQ(ContainersRootOf(path), std::nullopt) << path;
  }
}

TEST_F(ContainersStore, TheRecordNamesTheImageAndTheLayersProveIt) {
  const ImageEvidence image = Identify();
  EXPECT_EQ(image.store, "containers-overlay");
  EXPECT_EQ(image.chain, Chain()) << image.why;
  EXPECT_EQ(image.prefixes, ChainIdsOf(diff_ids_));
  EXPECT_EQ(image.configs, std::vector<Digest>{*config_});
  EXPECT_TRUE(image.config_certain);
  EXPECT_EQ(image.unsigned_name, "web:1");
}

TEST_F(ContainersStore, ABuildersIdIsItsOwnAndTheLayerFindsTheRecord) {
  container_ = "buildah-buildah123";
  containers_[0].erase("metadata");
  const ImageEvidence image = Identify();
  EXPECT_EQ(image.configs, std::vector<Digest>{*config_}) << image.why;
  EXPECT_EQ(image.unsigned_name, "localhost/web:1");
}

TEST_F(ContainersStore, TheRecordTellsConfigsOfOneChainApart) {
  const Digest other = AddImage("A=2", "localhost/other:1");
  containers_[0]["image"] = other.hex();
  const ImageEvidence image = Identify();
  EXPECT_EQ(image.configs, std::vector<Digest>{other});
  EXPECT_TRUE(image.config_certain);
}

TEST_F(ContainersStore, WithoutARecordAllImagesOfTheLayerAreCandidates) {
  containers_.clear();
  EXPECT_TRUE(Identify().config_certain);
  AddImage("A=2", "localhost/other:1");
  const ImageEvidence image = Identify();
  EXPECT_EQ(image.chain, Chain());
  EXPECT_EQ(image.configs.size(), 2U);
  EXPECT_FALSE(image.config_certain);
}

TEST_F(ContainersStore, AListThatIsNotThereYetIsEmpty) {
  WriteLists();
  std::filesystem::remove(store_.path() + "/overlay-containers/containers.json");
  EXPECT_TRUE(IdentifyAsWritten().config_certain);
  std::filesystem::remove(store_.path() + "/overlay-images/images.json");
  EXPECT_EQ(IdentifyAsWritten().chain, Chain());
  EXPECT_TRUE(IdentifyAsWritten().configs.empty());
  std::filesystem::remove(store_.path() + "/overlay-layers/layers.json");
  EXPECT_FALSE(IdentifyAsWritten().chain);
}

TEST_F(ContainersStore, LayersMountedWithMappedIdsAreTheSame) {
  for (std::string& lower : lower_) lower.insert(Driver().size(), "/own/mapped/0");
  EXPECT_EQ(Identify().chain, Chain()) << Identify().why;
}

TEST_F(ContainersStore, AnImageWhoseTopLayerWasCopiedForMappedIdsIsTheSame) {
  layers_.push_back({{"id", "copy"}, {"parent", "two"}, {"diff-digest", diff_ids_.back().text()}});
  Link("copy", "copy");
  lower_.erase(lower_.begin() + 1);
  layers_[3]["parent"] = "copy";
  EXPECT_FALSE(Identify().chain);  // the image does not know it
  images_[0]["mapped-layers"] = {"copy"};
  const ImageEvidence image = Identify();
  EXPECT_EQ(image.chain, Chain()) << image.why;
  EXPECT_EQ(image.configs, std::vector<Digest>{*config_});
}

TEST_F(ContainersStore, AConfigWhoseBytesAreNotItsDigestIsNone) {
  const std::string hex(config_->hex());
  store_.Write("overlay-images/" + hex + "/=" + Base64Encode("sha256:" + hex),
               ConfigText(diff_ids_, "changed"));
  const ImageEvidence image = Identify();
  EXPECT_EQ(image.chain, Chain());
  EXPECT_TRUE(image.configs.empty());
}

TEST_F(ContainersStore, ARecordThatContradictsTheMountLeavesNoIdentity) {
  containers_.push_back({{"id", "other"}, {"image", config_->hex()}, {"layer", "elsewhere"}});
  container_ = "other";
  EXPECT_FALSE(Identify().chain);
  container_ = kContainer;
  EXPECT_TRUE(Identify().chain);
  images_[0]["layer"] = "two";
  const ImageEvidence image = Identify();
  EXPECT_FALSE(image.chain);
  EXPECT_NE(image.why.find(config_->hex()), std::string::npos) << image.why;
}

TEST_F(ContainersStore, LayersThatAreNotTheImagesLeaveNoIdentity) {
  const auto all = lower_;  // three, two, one
  struct Case {
    const char* what;
    std::vector<std::string> lower;
  };
  const Case cases[] = {{"the lowest is missing", {all[0], all[1]}},
                        {"the top layer is missing", {all[1], all[2]}},
                        {"one between is missing", {all[0], all[2]}},
                        {"two have changed places", {all[0], all[2], all[1]}},
                        {"one is there twice", {all[0], all[1], all[1], all[2]}},
                        {"one is elsewhere", {all[0], all[1], "/etc"}},
                        {"one is of another store", {all[0], all[1], "/c/overlay/l/ABC"}},
                        {"one is unknown", {all[0], all[1], all[2], Driver() + "/l/none"}}};
  for (const Case& test : cases) {
    lower_ = test.lower;
    const ImageEvidence image = Identify();
    EXPECT_FALSE(image.chain) << test.what;
    EXPECT_FALSE(image.why.empty()) << test.what;
  }
}

TEST_F(ContainersStore, WithoutTheContainersOwnLayerTheOthersMustBeAWholeLine) {
  const auto all = lower_;
  for (const char* layer : {"/unknown/diff", ""}) {
    upper_ = *layer == '\0' ? "" : Driver() + layer;
    if (*layer == '\0') containers_.clear();
    if (*layer != '\0') containers_[0]["layer"] = "unknown";
    lower_ = all;
    EXPECT_EQ(Identify().chain, Chain()) << Identify().why;
    lower_ = {all[0], all[2]};
    EXPECT_FALSE(Identify().chain) << layer;
    lower_ = {all[0], all[1]};
    EXPECT_FALSE(Identify().chain) << layer;
  }
}

TEST_F(ContainersStore, LayersWithoutAWholeDigestLeaveNoIdentity) {
  const Json good = layers_;
  layers_[1].erase("diff-digest");
  layers_[1]["compressed-diff-digest"] = DigestOf("two").text();
  EXPECT_FALSE(Identify().chain);
  layers_ = good;
  layers_[1]["diff-digest"] = "md5:0";
  EXPECT_FALSE(Identify().chain);
  layers_ = good;
  layers_[2]["flags"] = {{"incomplete", true}};
  EXPECT_FALSE(Identify().chain);
  layers_[2]["flags"] = {{"incomplete", false}};
  EXPECT_TRUE(Identify().chain);
}

TEST_F(ContainersStore, AnOwnLayerInAnotherStoreLeavesNoIdentity) {
  for (const char* upper : {"/other/overlay/own/diff", "/tmp/upper"}) {
    upper_ = upper;
    EXPECT_NE(Identify().why.find("additional image stores"), std::string::npos);
  }
  upper_ = Driver() + "/a/b/diff";
  EXPECT_FALSE(Identify().chain);
}

TEST_F(ContainersStore, ListsThatAreNoneLeaveNoIdentity) {
  for (const char* list : {"overlay-layers/layers.json", "overlay-images/images.json",
                           "overlay-containers/containers.json"}) {
    for (const char* text : {"", "{}", "[", "[{}]", R"([{"id":""}])", R"([{"id":"a"},{"id":"a"}])",
                             R"([{"id":"a","id":"b"}])", "[7]"}) {
      WriteLists();
      store_.Write(list, text);
      EXPECT_FALSE(IdentifyAsWritten().chain) << list << " " << text;
    }
    WriteLists();
    store_.Write(list, "[" + std::string(size_t{17} << 20, ' ') + "]");
    EXPECT_FALSE(IdentifyAsWritten().chain) << list;
  }
  EXPECT_TRUE(Identify().chain);
}

TEST_F(ContainersStore, AStoreThatOthersMayWriteLeavesNoIdentity) {
  WriteLists();
  for (const char* part : {"/overlay-layers", "/overlay-layers/layers.json", "/overlay/l",
                           "/overlay-images", "/overlay-containers", "/overlay"}) {
    const std::string path = store_.path() + part;
    struct stat before {};
    ASSERT_EQ(stat(path.c_str(), &before), 0);
    ASSERT_EQ(chmod(path.c_str(), 0777), 0);
    EXPECT_FALSE(IdentifyAsWritten().chain) << part;
    ASSERT_EQ(chmod(path.c_str(), before.st_mode & 07777), 0);
  }
  EXPECT_TRUE(IdentifyAsWritten().chain);
}

}  // namespace
}  // namespace runward
