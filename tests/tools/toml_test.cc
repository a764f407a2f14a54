#include "tools/toml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::ElementsAre;

TomlDocument Read(const std::string& text) {
  auto document = ReadToml(text);
  EXPECT_TRUE(document.ok()) << document.error().message;
  return document.ok() ? std::move(document).value() : TomlDocument{};
}

TEST(TomlTest, ValuesAreFoundByTheirWholePath) {
  const TomlDocument document = Read(
      "version = 2 # two\n[a.\"b.c\"]\n  'd e' = \"x # ] y\"\r\n  f.g = [ 1, # one\n  2,\n ]\n"
      "[a.h]\ni = { j = '}', k = [1] }\nl = \"\"\"\n]\\\"\"\"\" \nm='''\n#'''\n");
  EXPECT_EQ(document.Value({"version"}), "2");
  EXPECT_EQ(document.Value({"a", "b.c", "d e"}), "\"x # ] y\"");
  EXPECT_EQ(document.Value({"a", "b.c", "f", "g"}), "[ 1, # one\n  2,\n ]");
  EXPECT_EQ(document.Value({"a", "h", "i"}), "{ j = '}', k = [1] }");
  EXPECT_EQ(document.Value({"a", "h", "l"}), "\"\"\"\n]\\\"\"\"\"");
  EXPECT_EQ(document.Value({"a", "h", "m"}), "'''\n#'''");
  EXPECT_EQ(document.Value({"a", "h", "n"}), "");
  EXPECT_EQ(document.Entry({"a"}), nullptr);
}

TEST(TomlTest, TablesAreFoundWithTheirExtent) {
  const std::string text = "x = 1\n[a] # one\ny = 2\n  [ a . b ]\n[[c]]\n";
  const TomlDocument document = Read(text);
  ASSERT_EQ(document.tables.size(), 4);
  const TomlTable* a = document.Table({"a"});
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(text.substr(a->begin, a->end - a->begin), "[a] # one\ny = 2\n");
  EXPECT_EQ(text.substr(a->body, a->end - a->body), "y = 2\n");
  EXPECT_THAT(document.tables[2].path, ElementsAre("a", "b"));
  EXPECT_EQ(document.Table({"c"}), nullptr) << "a list of tables is no table";
}

TEST(TomlTest, ElementsOfAListHaveKeysOfTheirOwn) {
  EXPECT_TRUE(ReadToml("[[c]]\nx = 1\n[[c]]\nx = 2\n").ok());
}

TEST(TomlTest, WhatIsWrongOrNotUnderstoodIsAnErrorWithItsLine) {
  for (const std::string bad : {"a\n",
                                "a =\n",
                                "a = 1 2\n",
                                "a = 1\na = 2\n",
                                "[a]\n[a]\n",
                                "[a\n",
                                "[[a]\n",
                                "[]\n",
                                "a = \"x\n",
                                "a = 'x\n",
                                "a = \"\"\"x\n",
                                "a = [1\n",
                                "a = [1 2]\n",
                                "a = {b}\n",
                                "\"a\\u0062\" = 1\n",
                                "\"\"\"a\"\"\" = 1\n",
                                "= 1\n",
                                "a. = 1\n",
                                "a = 1\n[a]\n",
                                "a = ]\n",
                                "[a]]\n"}) {
    const auto document = ReadToml("# first\n" + bad);
    ASSERT_FALSE(document.ok()) << bad;
    EXPECT_TRUE(document.error().message.starts_with("line ")) << document.error().message;
  }
  EXPECT_EQ(ReadToml("a = 1\n\nb = 1\nb = 2\n").error().message,
            "line 4: \"b\" for the second time");
  EXPECT_FALSE(ReadToml(std::string("a\0b = 1\n", 8)).ok());
  EXPECT_FALSE(ReadToml("a = " + std::string(100, '[') + std::string(100, ']')).ok());
  EXPECT_FALSE(ReadToml(std::string(kMaxTomlBytes + 1, '\n')).ok());
}

TEST(TomlTest, EveryCutTextIsReadOrRefused) {
  const std::string text = "v = 2\n[a.\"b\"]\nc = [ { d = '''x''' }, \"\\\"\" ] # e\n";
  for (size_t size = 0; size < text.size(); ++size) {
    const auto document = ReadToml(text.substr(0, size));
    if (document.ok()) {
      EXPECT_EQ(document.value().text.size(), size);
    }
  }
}

TEST(TomlTest, PathsAreWrittenAsTheyAreRead) {
  EXPECT_EQ(TomlPathText({"a", "b.c", "d-e_1", ""}), "a.\"b.c\".d-e_1.\"\"");
  EXPECT_EQ(TomlString("a\"b\\c"), R"("a\"b\\c")");
}

}  // namespace
}  // namespace runward
