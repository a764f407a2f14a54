#include "oci/json_edit.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(JsonEdit, ReplacesOneValueAndNothingElse) {
  const JsonDocument document = JsonDocument::Parse(R"({ "a" : [1, 2],  "b": {"c":3} } )").value();
  const JsonValue a = document.root().Find("a");
  EXPECT_EQ(WithReplaced(document, a, "7"), R"({ "a" : 7,  "b": {"c":3} } )");
  EXPECT_EQ(WithReplaced(document, document.root(), "{}"), "{} ");
}

TEST(JsonEdit, AddsAMemberAtTheEnd) {
  const JsonDocument document = JsonDocument::Parse(R"({"b": {"c":3 }, "e": {}})").value();
  EXPECT_EQ(WithMember(document.root().Find("b"), "\"d\":4"), R"({"c":3 ,"d":4})");
  EXPECT_EQ(WithMember(document.root().Find("e"), "\"d\":4"), R"({"d":4})");
}

}  // namespace
}  // namespace runward
