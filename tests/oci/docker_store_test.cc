#include "oci/docker_store.h"

#include <gtest/gtest.h>

#include "tests/oci/store_fixture.h"

namespace runward {
namespace {

const char kContainer[] = "c0ffee";

// A store as dockerd 20.10 lays it out, with an image of three layers.
class DockerStore : public testing::Test {
 protected:
  DockerStore() {
    for (const char* name : {"one", "two", "three"}) {
      diff_ids_.push_back(DigestOf(name));
      AddLayer(name);
    }
    Link("INIT", "container-init");
    config_ = AddConfig("A=1");
  }

  void Link(const std::string& name, const std::string& cache_id) {
    std::filesystem::create_directories(store_.path() + "/overlay2/l");
    std::filesystem::create_directories(store_.path() + "/overlay2/" + cache_id + "/diff");
    std::filesystem::create_symlink("../" + cache_id + "/diff",
                                    store_.path() + "/overlay2/l/" + name);
    lower_.insert(lower_.begin(), store_.path() + "/overlay2/l/" + name);
  }

  std::string LayerFile(size_t layers, const std::string& name) {
    const Digest chain = ChainIdsOf(diff_ids_)[layers - 1];
    return "image/overlay2/layerdb/sha256/" + std::string(chain.hex()) + "/" + name;
  }

  void AddLayer(const std::string& name) {
    const size_t layers = diff_ids_.size();
    store_.Write(LayerFile(layers, "cache-id"), "cache-" + name);
    store_.Write(LayerFile(layers, "diff"), diff_ids_.back().text());
    if (layers > 1) {
      store_.Write(LayerFile(layers, "parent"), ChainIdsOf(diff_ids_)[layers - 2].text());
    }
    Link(name, "cache-" + name);
  }

  Digest AddConfig(const std::string& extra) {
    const std::string text = ConfigText(diff_ids_, extra);
    const Digest digest = DigestOf(text);
    store_.Write("image/overlay2/imagedb/content/sha256/" + std::string(digest.hex()), text);
    return digest;
  }

  void Record(const Digest& image) {
    const std::string id = kContainer;
    store_.Write("image/overlay2/layerdb/mounts/" + id + "/parent", Chain().text());
    store_.Write("containers/" + id + "/config.v2.json",
                 R"({"ID":"c0ffee","Image":")" + image.text() + R"(","Config":{"Image":"bb:1"}})");
  }

  Digest Chain() { return *ChainIdOf(diff_ids_); }

  ImageEvidence Identify() {
    auto image = IdentifyDocker(store_.path(), lower_, *ContainerId::Parse(kContainer));
    EXPECT_TRUE(image.ok());
    return image.ok() ? std::move(image).value() : ImageEvidence{};
  }

  StoreDirectory store_;
  std::vector<Digest> diff_ids_;
  std::vector<std::string> lower_;
  std::optional<Digest> config_;
};

TEST_F(DockerStore, TheRootIsWhatStandsBeforeTheLinks) {
  EXPECT_EQ(DockerRootOf("/var/lib/docker/overlay2/l/ABC"), "/var/lib/docker");
  EXPECT_EQ(DockerRootOf("/d/overlay2/l/ABC/x"), std::nullopt);
  EXPECT_EQ(DockerRootOf("/overlay2/l/ABC"), std::nullopt);
  EXPECT_EQ(DockerRootOf("/var/lib/other/ABC"), std::nullopt);
}

TEST_F(DockerStore, TheRecordNamesTheImageAndTheLayersProveIt) {
  Record(*config_);
  const ImageEvidence image = Identify();
  EXPECT_EQ(image.chain, Chain()) << image.why;
  EXPECT_EQ(image.prefixes, ChainIdsOf(diff_ids_));
  EXPECT_EQ(image.configs, std::vector<Digest>{*config_});
  EXPECT_TRUE(image.config_certain);
  EXPECT_EQ(image.unsigned_name, "bb:1");
}

TEST_F(DockerStore, TheRecordTellsConfigsOfOneChainApart) {
  const Digest other = AddConfig("A=2");
  Record(other);
  const ImageEvidence image = Identify();
  EXPECT_EQ(image.configs, std::vector<Digest>{other});
  EXPECT_TRUE(image.config_certain);
}

TEST_F(DockerStore, WithoutARecordAllConfigsOfTheChainAreCandidates) {
  EXPECT_TRUE(Identify().config_certain);
  AddConfig("A=2");
  const ImageEvidence image = Identify();
  EXPECT_EQ(image.chain, Chain());
  EXPECT_EQ(image.configs.size(), 2U);
  EXPECT_FALSE(image.config_certain);
}

TEST_F(DockerStore, AConfigWhoseBytesAreNotItsDigestIsNone) {
  store_.Write("image/overlay2/imagedb/content/sha256/" + std::string(config_->hex()),
               ConfigText(diff_ids_, "changed"));
  EXPECT_TRUE(Identify().configs.empty());
}

TEST_F(DockerStore, ARecordOfAnotherImageLeavesNoIdentity) {
  const std::string text = ConfigText({DigestOf("one")}, "");
  const Digest other = DigestOf(text);
  store_.Write("image/overlay2/imagedb/content/sha256/" + std::string(other.hex()), text);
  Record(other);
  const ImageEvidence image = Identify();
  EXPECT_FALSE(image.chain);
  EXPECT_NE(image.why.find(other.text()), std::string::npos) << image.why;
}

TEST_F(DockerStore, LayersThatAreNotTheImagesLeaveNoIdentity) {
  Record(*config_);
  const auto all = lower_;
  struct Case {
    const char* what;
    std::vector<std::string> lower;
  };
  const Case cases[] = {{"a layer is missing", {all[0], all[1], all[2]}},
                        {"the top layer is missing", {all[0], all[2], all[3]}},
                        {"two have changed places", {all[0], all[2], all[1], all[3]}},
                        {"one is there twice", {all[0], all[1], all[1], all[2], all[3]}},
                        {"only the container's own", {all[0]}},
                        {"one is elsewhere", {all[0], all[1], all[2], "/etc"}}};
  for (const Case& test : cases) {
    lower_ = test.lower;
    const ImageEvidence image = Identify();
    EXPECT_FALSE(image.chain) << test.what;
    EXPECT_FALSE(image.why.empty()) << test.what;
  }
}

TEST_F(DockerStore, ALayerDatabaseThatContradictsItselfLeavesNoIdentity) {
  Record(*config_);
  struct Case {
    size_t layers;
    const char* file;
    std::string text;
  };
  const Case cases[] = {{3, "diff", DigestOf("other").text()},
                        {1, "diff", DigestOf("other").text()},
                        {2, "parent", Chain().text()},
                        {3, "cache-id", "cache-other"},
                        {2, "diff", "no digest"},
                        {1, "parent", Chain().text()}};
  for (const Case& test : cases) {
    const std::string path = store_.path() + "/" + LayerFile(test.layers, test.file);
    std::ifstream before(path);
    const std::string old{std::istreambuf_iterator<char>(before), {}};
    store_.Write(LayerFile(test.layers, test.file), test.text);
    EXPECT_FALSE(Identify().chain) << test.layers << " " << test.file;
    if (old.empty()) std::filesystem::remove(path);
    if (!old.empty()) store_.Write(LayerFile(test.layers, test.file), old);
  }
  EXPECT_TRUE(Identify().chain);
}

TEST_F(DockerStore, AStoreThatOthersMayWriteLeavesNoIdentity) {
  Record(*config_);
  const std::string layers = store_.path() + "/image/overlay2/layerdb/sha256";
  ASSERT_EQ(chmod(layers.c_str(), 0777), 0);
  EXPECT_FALSE(Identify().chain);
  ASSERT_EQ(chmod(layers.c_str(), 0755), 0);
  EXPECT_TRUE(Identify().chain);
}

}  // namespace
}  // namespace runward
