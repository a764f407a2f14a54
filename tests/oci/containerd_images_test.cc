#include "oci/containerd_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/oci/bolt_builder.h"
#include "tests/oci/store_fixture.h"

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const char kMeta[] = "io.containerd.metadata.v1.bolt/meta.db";

class ContainerdImages : public testing::Test {
 protected:
  void Add(const std::string& space, const std::string& name, const Digest& target) {
    BoltTree& image = db_.buckets["v1"].buckets[space].buckets["images"].buckets[name];
    image.buckets["target"].values["digest"] = target.text();
  }
  // The labels of a blob: where it was pulled from.
  std::map<std::string, std::string>& Labels(const std::string& space, const Digest& digest) {
    BoltTree& content = db_.buckets["v1"].buckets[space].buckets["content"];
    return content.buckets["blob"].buckets[digest.text()].buckets["labels"].values;
  }
  Result<std::vector<ContainerdImage>> List() {
    store_.Write(kMeta, BoltBuilder::File(db_, 1));
    return ListContainerdImages(store_.path());
  }

  StoreDirectory store_;
  BoltTree db_;
};

TEST_F(ContainerdImages, AreThoseOfAllNamespacesWithWhereTheyAreFrom) {
  const Digest web = DigestOf("web");
  const Digest own = DigestOf("own");
  Add("k8s.io", "registry.example.com/web:1", web);
  Labels("k8s.io", web) = {
      {"containerd.io/distribution.source.registry.example.com", "web,team/web"},
      {"containerd.io/gc.ref.content.0", "sha256:x"}};
  Add("default", "docker.io/library/own:1", own);
  db_.buckets["v1"].buckets["empty"];
  const auto images = List();
  ASSERT_TRUE(images.ok()) << images.error().message;
  ASSERT_THAT(images.value(), SizeIs(2));
  EXPECT_EQ(images.value()[0].name, "docker.io/library/own:1");
  EXPECT_THAT(images.value()[0].repositories, IsEmpty());
  EXPECT_EQ(images.value()[1].target, web);
  EXPECT_THAT(images.value()[1].repositories,
              ElementsAre("registry.example.com/web", "registry.example.com/team/web"));
}

TEST_F(ContainerdImages, TheRegistrysPortIsTheNames) {
  const Digest web = DigestOf("web");
  const std::pair<const char*, const char*> cases[] = {
      {"localhost:5000/web:1", "localhost:5000/web"},
      {"localhost:5000/web@sha256:1", "localhost:5000/web"},
      {"localhost:5000/web", "localhost:5000/web"},
      {"localhost:5000/website:1", "localhost/web"},
      {"localhost/web:1", "localhost/web"},
      {"localhosts:5000/web:1", "localhost/web"},
      {"mine:1", "localhost/web"}};
  Labels("default", web) = {{"containerd.io/distribution.source.localhost", "web"}};
  for (const auto& [name, repository] : cases) {
    db_.buckets["v1"].buckets["default"].buckets.erase("images");
    Add("default", name, web);
    EXPECT_THAT(List().value()[0].repositories, ElementsAre(repository)) << name;
  }
}

TEST_F(ContainerdImages, ALabelCountsInItsOwnNamespace) {
  const Digest web = DigestOf("web");
  Add("default", "web:1", web);
  Labels("k8s.io", web) = {{"containerd.io/distribution.source.other.example.com", "web"}};
  EXPECT_THAT(List().value()[0].repositories, IsEmpty());
}

TEST_F(ContainerdImages, ARecordThatNamesNoDigestIsLeftOut) {
  Add("default", "web:1", DigestOf("web"));
  db_.buckets["v1"].buckets["default"].buckets["images"].buckets["bad:1"].buckets["target"].values =
      {{"digest", "sha256:short"}};
  db_.buckets["v1"].buckets["default"].buckets["images"].buckets["none:1"];
  EXPECT_THAT(List().value(), SizeIs(1));
}

TEST_F(ContainerdImages, AStoreThatCannotBeReadIsAnError) {
  EXPECT_FALSE(HasContainerdStore(store_.path()));
  EXPECT_FALSE(ListContainerdImages(store_.path()).ok());
  store_.Write(kMeta, "no bolt file");
  EXPECT_TRUE(HasContainerdStore(store_.path()));
  EXPECT_FALSE(ListContainerdImages(store_.path()).ok());
}

}  // namespace
}  // namespace runward
