#include "policy/schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>

namespace runward {
namespace {

void ForEachKey(const ObjectSpec& object, auto visit) {
  for (const KeySpec& key : object.keys) {
    visit(object, key);
    if (key.object != nullptr) ForEachKey(*key.object, visit);
  }
}

TEST(PolicySchema, IsSortedAndHasNoKeyTwice) {
  ForEachKey(PolicySchema(), [](const ObjectSpec& object, const KeySpec&) {
    EXPECT_TRUE(std::ranges::is_sorted(object.keys, {}, &KeySpec::name)) << object.name;
    EXPECT_EQ(std::ranges::adjacent_find(object.keys, {}, &KeySpec::name), object.keys.end());
    EXPECT_LT(object.keys.size(), 64U) << "the reader counts required keys in 64 bits";
  });
}

TEST(PolicySchema, ExplainsEveryKey) {
  ForEachKey(PolicySchema(), [](const ObjectSpec& object, const KeySpec& key) {
    const std::string name = std::string(object.name) + "." + std::string(key.name);
    EXPECT_TRUE(key.help.size() > 20 && key.help.ends_with('.')) << name;
    EXPECT_EQ(key.shape == Shape::kChoice, !key.choices.empty()) << name;
    EXPECT_EQ(key.shape == Shape::kObject, key.object != nullptr) << name;
    EXPECT_TRUE(key.shape != Shape::kInteger || key.min <= key.max) << name;
    EXPECT_FALSE(key.required && !key.fallback.empty()) << name;
  });
}

TEST(PolicySchema, IsExplainedInTheManPage) {
  std::ifstream file(RUNWARD_SOURCE_DIR "/man/runward-policy.5");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  ForEachKey(PolicySchema(), [&](const ObjectSpec&, const KeySpec& key) {
    const std::string name(key.name);
    EXPECT_TRUE(page.find(".B " + name + "\n") != page.npos ||
                page.find(".BR " + name + " ") != page.npos ||
                page.find(" \", \" " + name + "\n") != page.npos)
        << name;
  });
}

TEST(PolicySchema, FindsKeysByTheirExactNameOnly) {
  EXPECT_NE(FindKey(PolicySchema(), "profiles"), nullptr);
  EXPECT_EQ(FindKey(PolicySchema(), "Profiles"), nullptr);
  EXPECT_EQ(FindKey(PolicySchema(), ""), nullptr);
}

}  // namespace
}  // namespace runward
