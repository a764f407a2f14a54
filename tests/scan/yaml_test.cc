#include "scan/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(Yaml, IsLookedAtByNameAndOrder) {
  int documents = 0;
  const auto done = EachYamlDocument("a: 1\nb: [x, yes]\nc: &n {d: e}\nf: *n\n--- \ng\n",
                                     [&](const YamlNode& root) -> Result<void> {
                                       if (documents++ == 1) {
                                         EXPECT_EQ(root.text(), "g");
                                         return {};
                                       }
                                       EXPECT_EQ(root.Find("a").text(), "1");
                                       EXPECT_EQ(root.Find("b").Items().at(1).text(), "yes");
                                       EXPECT_EQ(root.Find("f").Find("d").text(), "e");
                                       EXPECT_EQ(root.Find("none").Find("at").text(), "");
                                       EXPECT_EQ(root.Members().size(), 4U);
                                       EXPECT_FALSE(root.IsScalar());
                                       return {};
                                     });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(documents, 2);
}

TEST(Yaml, ErrorsHaveAPlace) {
  const auto done = EachYamlDocument("a: 1\nb: [", [](const YamlNode&) { return Result<void>(); });
  ASSERT_FALSE(done.ok());
  EXPECT_THAT(done.error().message, testing::HasSubstr("YAML, line 3"));
  const auto stopped = EachYamlDocument("a\n---\nb\n", [](const YamlNode&) {
    return Result<void>(Error{"enough", ""});
  });
  EXPECT_EQ(stopped.error().message, "enough");
}

// Each alias refers; what is not walked is not unfolded.
TEST(Yaml, AliasesCostNothing) {
  std::string text = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 60; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before +
            "]\n";
  }
  const auto done = EachYamlDocument(text, [](const YamlNode& root) {
    EXPECT_EQ(root.Find("a59").Items().size(), 2U);
    return Result<void>();
  });
  EXPECT_TRUE(done.ok());
}

std::string WrongWith(const std::string& text) {
  std::string message;
  const auto done = EachYamlDocument(text, [&](const YamlNode& root) {
    const Result<void> plain = CheckPlainYaml(root);
    if (!plain.ok()) message = plain.error().message;
    return Result<void>();
  });
  return done.ok() ? message : done.error().message;
}

TEST(Yaml, PlainIsWhatCanBeReadOneWayOnly) {
  for (const char* good : {"a: 1\nb: [x, {c: ~}]\n", "x", "- &unused a\n", "{\"a\": null}"}) {
    EXPECT_EQ(WrongWith(good), "") << good;
  }
  std::string deep = "x";
  std::string many = "[";
  for (int i = 0; i < 20; ++i) deep = "[" + deep + "]";
  for (int i = 0; i < 100'001; ++i) many += "x,";
  const std::pair<std::string, const char*> bad[] = {
      {"a: &n x\nb: *n\n", "line 1: aliases"},
      {"a: 1\n? [x]\n: 2\n", "line 2: a key must be a text"},
      {"a: 1\nb: 2\na: 3\n", "line 3: key \"a\" for the second time"},
      {"a: !!binary eA==\n", "line 1: tags"},
      {"a: !mine {}\n", "line 1: tags"},
      {deep, "nested too deeply"},
      {many + "]", "too many values"},
  };
  for (const auto& [text, message] : bad) {
    EXPECT_THAT(WrongWith(text), testing::HasSubstr(message)) << text.substr(0, 40);
  }
}

TEST(Yaml, NothingIsNullOnlyWithoutQuotes) {
  const auto done =
      EachYamlDocument("a: ~\nb: null\nc:\nd: 'null'\ne: []\n", [](const YamlNode& root) {
        for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(root.Find(name).IsNull()) << name;
        for (const char* name : {"d", "e"}) EXPECT_FALSE(root.Find(name).IsNull()) << name;
        EXPECT_EQ(root.Find("d").line(), 4U);
        EXPECT_FALSE(root.Find("f"));
        return Result<void>();
      });
  EXPECT_TRUE(done.ok());
}

}  // namespace
}  // namespace runward
