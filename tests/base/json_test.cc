#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

JsonDocument Parsed(std::string text, const JsonLimits& limits = {}) {
  auto document = JsonDocument::Parse(std::move(text), limits);
  EXPECT_TRUE(document.ok()) << document.error().message;
  return std::move(document).value();
}

std::string ErrorOf(std::string text, const JsonLimits& limits = {}) {
  const auto document = JsonDocument::Parse(std::move(text), limits);
  return document.ok() ? "" : document.error().message;
}

TEST(Json, ReadsEveryKindOfValue) {
  const auto document = Parsed(R"( {"a":[1,-2.5e3,"x",true,false,null,{}],"b":{"c":[]}} )");
  const JsonValue list = document.root().Find("a");
  ASSERT_EQ(list.size(), 7U);
  std::vector<JsonKind> kinds;
  for (const JsonValue value : list) kinds.push_back(value.kind());
  EXPECT_THAT(kinds,
              ElementsAre(JsonKind::kNumber, JsonKind::kNumber, JsonKind::kString, JsonKind::kBool,
                          JsonKind::kBool, JsonKind::kNull, JsonKind::kObject));
  EXPECT_TRUE(document.root().Find("b").Find("c").IsArray());
  EXPECT_EQ(document.root().Find("b").raw(), R"({"c":[]})");
  EXPECT_EQ(document.root().Find("b").key(), "b");
}

TEST(Json, AScalarIsADocumentToo) {
  for (std::string_view text : {"0", "-0", "1e5", "\"\"", "null", "true", "[]", "{}", " 1\n"}) {
    EXPECT_EQ(ErrorOf(std::string(text)), "") << text;
  }
}

TEST(Json, DecodesEscapesAndKeepsUtf8) {
  const auto document = Parsed(R"(["\"\\\/\b\f\n\r\t","\u0041\u00e9\u20ac\ud83d\ude00","é€😀"])");
  std::vector<std::string> texts;
  for (const JsonValue value : document.root()) texts.emplace_back(value.text());
  EXPECT_THAT(texts, ElementsAre("\"\\/\b\f\n\r\t", "Aé€😀", "é€😀"));
}

TEST(Json, RefusesWhatTheRfcDoesNotHave) {
  for (const std::string& bad : std::vector<std::string>{"",
                                                         " ",
                                                         "{",
                                                         "[",
                                                         "[1",
                                                         "[1,",
                                                         "[1,]",
                                                         "[,1]",
                                                         "[1 2]",
                                                         "{\"a\"}",
                                                         "{\"a\":}",
                                                         "{\"a\":1,}",
                                                         "{a:1}",
                                                         "{'a':1}",
                                                         "{1:1}",
                                                         "{\"a\" 1}",
                                                         "nul",
                                                         "nulll",
                                                         "True",
                                                         "NaN",
                                                         "Infinity",
                                                         "01",
                                                         "-",
                                                         "-01",
                                                         "1.",
                                                         ".5",
                                                         "+1",
                                                         "1e",
                                                         "1e+",
                                                         "0x10",
                                                         "1_000",
                                                         "[1]]",
                                                         "1 2",
                                                         "{} {}",
                                                         "\"",
                                                         "\"\\\"",
                                                         "\"\\x41\"",
                                                         "\"\\u12\"",
                                                         "\"\\u12g4\"",
                                                         "\"a\nb\"",
                                                         "\"\t\"",
                                                         "// c\n1",
                                                         "1 /* c */",
                                                         "\xef\xbb\xbf{}",
                                                         std::string("1\0", 2),
                                                         std::string("\"a\0b\"", 5),
                                                         std::string("{\0}", 3)}) {
    EXPECT_NE(ErrorOf(bad), "") << bad;
  }
}

TEST(Json, RefusesBytesThatAreNotUtf8) {
  for (std::string_view bad :
       {"\xff", "\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xf8\x88\x80\x80\x80", "\xe2\x82", "\xc3\xc3\xa9"}) {
    EXPECT_THAT(ErrorOf("\"" + std::string(bad) + "\""), HasSubstr("UTF-8"));
    EXPECT_THAT(ErrorOf("{\"\\n" + std::string(bad) + "\":1}"), HasSubstr("UTF-8"));
  }
}

TEST(Json, RefusesHalfASurrogatePair) {
  for (std::string_view bad :
       {R"("\ud83d")", R"("\ude00")", R"("\ud83d\u0041")", R"("\ud83dx")", R"("\ud83d\ud83d")"}) {
    EXPECT_THAT(ErrorOf(std::string(bad)), HasSubstr("surrogate")) << bad;
  }
}

TEST(Json, RefusesAKeyForTheSecondTimeHoweverItIsSpelt) {
  EXPECT_THAT(ErrorOf("{\"a\":1,\n \"a\":2}"), HasSubstr("line 2"));
  EXPECT_THAT(ErrorOf(R"({"a":1,"\u0061":2})"), HasSubstr("second time"));
  EXPECT_THAT(ErrorOf(R"([{"x":{"a":1,"b":2,"a":3}}])"), HasSubstr("second time"));
  EXPECT_EQ(ErrorOf(R"([{"a":1},{"a":{"a":2}}])"), "");
}

TEST(Json, DepthAndSizeAreCapped) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + "1" + std::string(depth, ']');
  };
  EXPECT_EQ(ErrorOf(nested(64)), "");
  EXPECT_THAT(ErrorOf(nested(65)), HasSubstr("nested too deeply"));
  EXPECT_THAT(ErrorOf(std::string(1'000'000, '[')), HasSubstr("nested too deeply"));
  EXPECT_EQ(ErrorOf("[1,2]", {.max_bytes = 5}), "");
  EXPECT_THAT(ErrorOf("[1,2] ", {.max_bytes = 5}), HasSubstr("larger than the 5"));
}

TEST(Json, CommentsAreOnlyWherePeopleWrite) {
  const std::string text = "// first\n{\"a\": /* one */ 1, // two\n \"b\": [1, 2,],}\n// end";
  const auto document = Parsed(text, {.comments = true});
  EXPECT_EQ(document.root().Find("a").Int().value(), 1);
  EXPECT_EQ(document.root().Find("b").size(), 2U);
  EXPECT_NE(ErrorOf(text), "");
  for (std::string_view bad : {"/* x", "/", "/x\n1", "{\"a\" 1}", "[,]", "{,}", "[1,,]"}) {
    EXPECT_NE(ErrorOf(std::string(bad), {.comments = true}), "") << bad;
  }
}

TEST(Json, ErrorsNameLineAndColumn) {
  EXPECT_THAT(ErrorOf("{\n  \"a\": tru\n}"), HasSubstr("line 2, column 8"));
  const auto document = Parsed("{\n  \"a\": \"x\"\n}");
  EXPECT_EQ(document.root().Find("a").Where(), "line 2, column 8");
  EXPECT_THAT(document.root().Find("a").Int().error().message, HasSubstr("\"a\" must be"));
  EXPECT_EQ(JsonValue().Where(), "a missing value");
}

TEST(Json, NumbersAreWholeOrRefused) {
  const auto document = Parsed("[0,-1,9223372036854775807,-9223372036854775808]");
  std::vector<int64_t> numbers;
  for (const JsonValue value : document.root()) numbers.push_back(value.Int().value());
  EXPECT_THAT(numbers, ElementsAre(0, -1, INT64_MAX, INT64_MIN));
  for (std::string_view bad : {"1.0", "1e3", "9223372036854775808", "\"1\"", "true", "null"}) {
    EXPECT_FALSE(Parsed(std::string(bad)).root().Int().ok()) << bad;
  }
}

TEST(Json, KindsAreNotConverted) {
  const auto document = Parsed(R"({"n":1,"s":"true","b":true})");
  EXPECT_TRUE(document.root().Find("b").Bool().value());
  EXPECT_FALSE(document.root().Find("s").Bool().ok());
  EXPECT_FALSE(document.root().Find("n").String().ok());
  EXPECT_EQ(document.root().Find("s").String().value(), "true");
  EXPECT_FALSE(document.root().Find("none").String().ok());
  EXPECT_FALSE(document.root().Find("none"));
  EXPECT_FALSE(JsonValue().Find("x").Find("y"));
}

// Go's encoding/json: what it would take for the field, we refuse.
TEST(Json, AFieldInAnotherCaseIsRefused) {
  for (std::string_view key : {"Root", "ROOT", "rooT"}) {
    const auto document = Parsed("{\"" + std::string(key) + "\":1}");
    EXPECT_FALSE(document.root().Field("root").ok()) << key;
  }
  EXPECT_FALSE(Parsed("{\"mount\u017f\":1}").root().Field("mounts").ok());
  EXPECT_FALSE(Parsed("{\"\u212aey\":1}").root().Field("key").ok());
  EXPECT_FALSE(Parsed(R"({"root":1,"Root":2})").root().Field("root").ok());
  EXPECT_FALSE(Parsed(R"({"Root":1,"root":2})").root().Field("root").ok());
  EXPECT_EQ(Parsed(R"({"root":1,"roots":2,"roo":3})").root().Field("root").value().text(), "1");
  EXPECT_FALSE(Parsed("[1]").root().Field("root").value());
}

TEST(GoFoldEqual, FoldsAsciiAndTheTwoLettersThatFoldIntoIt) {
  EXPECT_TRUE(GoFoldEqual("path", "PATH"));
  EXPECT_TRUE(GoFoldEqual("\u017f\u212a", "sK"));
  EXPECT_FALSE(GoFoldEqual("a", "ab"));
  EXPECT_FALSE(GoFoldEqual("[", "{"));
  EXPECT_FALSE(GoFoldEqual("é", "É"));
}

TEST(Json, ADocumentMayMoveWhileItsValuesAreHeld) {
  auto document = Parsed(R"({"short":"\u0041"})");
  const JsonValue value = document.root().Find("short");
  const JsonDocument moved = std::move(document);
  EXPECT_EQ(value.text(), "A");
  EXPECT_EQ(moved.root().Find("short").raw(), R"("\u0041")");
}

// Each step of what would be quadratic or worse is kept near the size of the text.
TEST(Json, WideDocumentsAreReadInReasonableTime) {
  std::string text = "{";
  for (int i = 0; i < 50'000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  text.back() = '}';
  EXPECT_EQ(Parsed(text).root().size(), 50'000U);
}

TEST(Json, IsRestoredFromWhatItCompiledTo) {
  const std::string text = R"({"a": [1, {"b": "c"}, []], "d": null, "e": {}} )";
  const JsonDocument first = JsonDocument::Parse(text).value();
  const std::string compiled = first.Compiled();
  const JsonDocument again = JsonDocument::Restore(text, compiled, nullptr).value();
  EXPECT_EQ(again.root().Find("a").raw(), R"([1, {"b": "c"}, []])");
  EXPECT_EQ(again.root().size(), 3U);
  EXPECT_TRUE(again.root().Find("e").IsObject());
  EXPECT_EQ(JsonDocument::Parse(R"(["\n"])").value().Compiled(), "");

  EXPECT_FALSE(JsonDocument::Restore(text, "", nullptr).ok());
  EXPECT_FALSE(JsonDocument::Restore(text, std::string_view(compiled).substr(1), nullptr).ok());
  EXPECT_FALSE(JsonDocument::Restore(std::string_view(text).substr(0, 20), compiled, nullptr).ok());
}

size_t Walk(const JsonValue& value) {
  size_t seen = value.key().size() + value.text().size() + 1;
  for (const JsonValue child : value) seen += Walk(child);
  return seen;
}

TEST(Json, RestoringAnyBytesIsAnErrorOrATreeThatEnds) {
  const std::string text = R"({"a": [1, {"b": "c"}, []], "d": null, "e": {}})";
  const std::string compiled = JsonDocument::Parse(text).value().Compiled();
  size_t seen = 0;
  for (size_t at = 0; at < compiled.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = compiled;
      bad[at] = static_cast<char>(bad[at] ^ 1 << bit);
      const auto document = JsonDocument::Restore(text, bad, nullptr);
      if (document.ok()) seen += Walk(document.value().root());
    }
  }
  EXPECT_GT(seen, 0U);
}

TEST(Json, AKeyWithANulIsRefused) {
  EXPECT_FALSE(JsonDocument::Parse(R"({"root\u0000x": 1, "root": 2})").ok());
  EXPECT_FALSE(JsonDocument::Parse(R"({"a": {"\u0000": 1}})").ok());
  EXPECT_TRUE(JsonDocument::Parse(R"({"a": "\u0000"})").ok());
}

}  // namespace
}  // namespace runward
