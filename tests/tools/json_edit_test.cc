#include "tools/json_edit.h"

#include <gtest/gtest.h>

#include <array>

namespace runward {
namespace {

constexpr std::array<std::string_view, 2> kDeep = {"a", "b"};
constexpr std::array<std::string_view, 1> kFlat = {"a"};

std::string Set(const std::string& text, JsonPath path, const std::string& value) {
  const auto changed = SetJsonMember(text, path, value);
  return changed.ok() ? changed.value() : "error: " + changed.error().message;
}

std::string Remove(const std::string& text, JsonPath path) {
  const auto changed = RemoveJsonMember(text, path);
  return changed.ok() ? changed.value() : "error: " + changed.error().message;
}

TEST(JsonEditTest, AMemberIsAddedInTheFilesOwnLayout) {
  const std::array<std::array<std::string_view, 2>, 9> table = {{
      {"", "{\n  \"a\": 1\n}\n"},
      {"{}", "{\n  \"a\": 1\n}"},
      {"{\n}\n", "{\n  \"a\": 1\n}\n"},
      {"{\"x\":1}", "{\"x\":1, \"a\": 1}"},
      {"{\n    \"x\": 1\n}\n", "{\n    \"x\": 1,\n    \"a\": 1\n}\n"},
      {"{\n\t\"x\": [1,\n2]\n}\n", "{\n\t\"x\": [1,\n2],\n\t\"a\": 1\n}\n"},
      {"{\n  \"x\": 1 // why\n}\n", "{\n  \"x\": 1, // why\n  \"a\": 1\n}\n"},
      {"{\n  \"x\": 1, // why\n}\n", "{\n  \"x\": 1, // why\n  \"a\": 1\n}\n"},
      {"{ /* } */ \"x\": 1 }", "{ /* } */ \"x\": 1, \"a\": 1 }"},
  }};
  for (const auto& [before, after] : table) {
    EXPECT_EQ(Set(std::string(before), kFlat, "1"), after) << before;
  }
}

TEST(JsonEditTest, ObjectsOnTheWayAreMade) {
  EXPECT_EQ(Set("{\n    \"x\": {}\n}\n", kDeep, "[]"),
            "{\n    \"x\": {},\n    \"a\": {\n      \"b\": []\n    }\n}\n");
  EXPECT_EQ(Set("{\"a\": {\"c\": 1}}", kDeep, "2"), "{\"a\": {\"c\": 1, \"b\": 2}}");
}

TEST(JsonEditTest, AValueIsReplacedWhereItStands) {
  EXPECT_EQ(Set("{ \"x\":1,\"a\" :\t\"old\" , \"y\":2 }", kFlat, "\"new\""),
            "{ \"x\":1,\"a\" :\t\"new\" , \"y\":2 }");
}

TEST(JsonEditTest, WhatWasAddedIsTakenOutAgain) {
  for (const std::string before : {"{\"x\":1}", "{\n    \"x\": 1\n}\n", "{\n  \"x\": 1 // why\n}\n",
                                   "{\n  // first\n  \"x\": {\n  }\n}\n"}) {
    EXPECT_EQ(Remove(Set(before, kFlat, "{\n  \"z\": 1\n}"), kFlat), before);
  }
}

TEST(JsonEditTest, AMemberGoesWithItsComma) {
  const std::array<std::array<std::string_view, 2>, 6> table = {{
      {"{\"a\":1}", "{}"},
      {"{\"a\":1,\"x\":2}", "{\"x\":2}"},
      {"{\n  \"a\": 1,\n  \"x\": 2\n}", "{\n  \"x\": 2\n}"},
      {"{\n  \"x\": 2,\n  \"a\": 1\n}", "{\n  \"x\": 2\n}"},
      {"{\n  \"x\": 2, // two\n  \"a\": 1\n}", "{\n  \"x\": 2 // two\n}"},
      {"{\"x\":2}", "{\"x\":2}"},
  }};
  for (const auto& [before, after] : table) {
    EXPECT_EQ(Remove(std::string(before), kFlat), after) << before;
  }
}

TEST(JsonEditTest, WhatIsNotUnderstoodIsLeftAlone) {
  for (const std::string bad : {"[]", "{", "{\"a\": 1 \"b\": 2}", "{\"a\":{},\"a\":{}}",
                                "{\"A\": {}}", "{\"a\": 3}", "{\"a\": {\"B\": 1}}", "\xff"}) {
    EXPECT_FALSE(SetJsonMember(bad, kDeep, "1").ok()) << bad;
  }
  EXPECT_EQ(Set("{\n\"a\": 3}", kDeep, "1"), "error: line 2, column 6: \"a\" is not an object");
}

}  // namespace
}  // namespace runward
