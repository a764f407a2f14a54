#include "oci/spec_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

JsonDocument Doc(const std::string& text) { return JsonDocument::Parse(text).value(); }

TEST(SpecFields, ReadEachKindAndTakeNullForAbsent) {
  const JsonDocument document = Doc(
      R"({"o": {}, "l": ["a"], "t": "x", "b": true, "i": -3, "c": 18446744073709551615,
          "u": 4294967294, "m": {"k": "v", "K": null}, "n": null})");
  const JsonValue root = document.root();
  EXPECT_TRUE(ObjectField(root, "o").value());
  EXPECT_FALSE(ObjectField(root, "n").value());
  EXPECT_THAT(TextsField(root, "l").value(), ElementsAre("a"));
  EXPECT_EQ(TextField(root, "t").value(), "x");
  EXPECT_EQ(TextField(root, "n").value(), "");
  EXPECT_TRUE(BoolField(root, "b").value());
  EXPECT_FALSE(BoolField(root, "n").value());
  EXPECT_EQ(IntField(root, "i").value(), -3);
  EXPECT_FALSE(IntField(root, "n").value());
  EXPECT_EQ(CountField(root, "c").value(), UINT64_MAX);
  EXPECT_EQ(IdField(root, "u").value(), UINT32_MAX - 1);
  EXPECT_EQ(IdField(root, "absent").value(), 0U);
  EXPECT_THAT(MapField(root, "m").value(), ElementsAre(Pair("k", "v"), Pair("K", "")));
}

TEST(SpecFields, RefuseOtherKindsAndSpellings) {
  const JsonDocument document =
      Doc(R"({"Text": "x", "i": 9223372036854775808, "c": -1, "u": 4294967295, "f": 1.0,
              "m": {"k": 1}, "nul": "a\u0000"})");
  const JsonValue root = document.root();
  EXPECT_FALSE(TextField(root, "text").ok());
  EXPECT_FALSE(TextField(root, "i").ok());
  EXPECT_FALSE(TextField(root, "nul").ok());
  EXPECT_FALSE(IntField(root, "i").ok());
  EXPECT_FALSE(CountField(root, "c").ok());
  EXPECT_FALSE(IdField(root, "u").ok());
  EXPECT_FALSE(IntField(root, "f").ok());
  EXPECT_FALSE(MapField(root, "m").ok());
  EXPECT_FALSE(ListField(root, "m").ok());
  EXPECT_FALSE(ObjectField(root.Find("f"), "x").ok());
}

}  // namespace
}  // namespace runward
