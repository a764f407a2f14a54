#include "tools/yaml.h"

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

}  // namespace
}  // namespace runward
