#include "oci/containers_files.h"

#include <gtest/gtest.h>

#include "tests/oci/store_fixture.h"

namespace runward {
namespace {

TEST(ContainersFiles, AListsEntriesAreFoundByTheirIds) {
  const StoreDirectory store;
  store.Write("overlay-images/images.json", R"([{"id":"a","layer":"x"},{"id":"b","layer":"y"}])");
  const ContainersFiles files(store.path(), Trust::kOwnerAndParents);
  const auto images = files.Images();
  ASSERT_TRUE(images.ok()) << images.error().message;
  EXPECT_EQ(images.value().Find("b").Find("layer").text(), "y");
  EXPECT_FALSE(images.value().Find("c"));
  EXPECT_FALSE(images.value().Find(""));
  EXPECT_EQ(images.value().all().size(), 2U);
}

TEST(ContainersFiles, AListThatTheEngineHasNotMadeYetIsEmpty) {
  const StoreDirectory store;
  const ContainersFiles files(store.path(), Trust::kOwnerAndParents);
  EXPECT_EQ(files.Containers().value().all().size(), 0U);
}

TEST(ContainersFiles, AnErrorNamesTheFile) {
  const StoreDirectory store;
  store.Write("overlay-layers/layers.json", "[{]");
  const auto layers = ContainersFiles(store.path(), Trust::kOwner).Layers();
  ASSERT_FALSE(layers.ok());
  EXPECT_NE(layers.error().message.find("overlay-layers/layers.json"), std::string::npos);
  store.Write("overlay-layers/layers.json", R"([{"id":"a"},{"id":"a"}])");
  const auto twice = ContainersFiles(store.path(), Trust::kOwner).Layers();
  ASSERT_FALSE(twice.ok());
  EXPECT_NE(twice.error().message.find("\"a\" twice"), std::string::npos);
}

TEST(ContainersFiles, AConfigsFileIsNamedInBase64) {
  // As podman 4.3 named it, for an id of zeros.
  const std::string id(64, '0');
  EXPECT_EQ(ContainersFiles("/c", Trust::kOwner).ConfigPath(id),
            "/c/overlay-images/" + id +
                "/=c2hhMjU2OjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw"
                "MDAwMDAwMDAwMDAwMDA=");
}

TEST(ContainersFiles, AnImageHasItsTopLayerAndItsCopiesWithMappedIds) {
  const auto image =
      JsonDocument::Parse(R"({"id":"a","layer":"top","mapped-layers":["copy","more"]})").value();
  for (const char* layer : {"top", "copy", "more"}) {
    EXPECT_TRUE(ImageHasLayer(image.root(), layer)) << layer;
  }
  EXPECT_FALSE(ImageHasLayer(image.root(), "other"));
  EXPECT_FALSE(ImageHasLayer(image.root(), ""));
  EXPECT_FALSE(ImageHasLayer(JsonValue(), "top"));
  const auto empty = JsonDocument::Parse(R"({"id":"a"})").value();
  EXPECT_FALSE(ImageHasLayer(empty.root(), ""));
}

}  // namespace
}  // namespace runward
