#include "base/glob.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace runward {
namespace {

struct Case {
  std::string_view pattern;
  std::string_view name;
};

TEST(GlobMatch, AStarIsAnyRunOfCharacters) {
  constexpr Case kGood[] = {
      {"", ""},         {"a", "a"},         {"*", ""},           {"*", "a/b/c"},
      {"a*", "a"},      {"a*", "abc"},      {"*c", "abc"},       {"a*c", "abbc"},
      {"a*c", "ac"},    {"a**c", "abc"},    {"*a*b*", "xaxbx"},  {"reg/*:1", "reg/x/y:1"},
      {"*ab", "abab"},  {"*aab", "aaaaab"}, {"a*b*c", "abbcbc"}, {"a?", "a?"},
      {"[ab]", "[ab]"}, {"\\*", "\\x"},
  };
  for (const auto& [pattern, name] : kGood) {
    EXPECT_TRUE(GlobMatch(pattern, name)) << pattern << " " << name;
  }
}

TEST(GlobMatch, EverythingElseIsItself) {
  constexpr Case kBad[] = {
      {"", "a"},       {"a", ""},     {"a", "A"},       {"a", "ab"},
      {"ab", "a"},     {"a*", "ba"},  {"*c", "cb"},     {"a*c", "ab"},
      {"a?", "ab"},    {"[ab]", "a"}, {"reg/*", "reg"}, {"reg/*", "reg.evil/x"},
      {"*a*b*", "ba"}, {"a*a", "a"},
  };
  for (const auto& [pattern, name] : kBad) {
    EXPECT_FALSE(GlobMatch(pattern, name)) << pattern << " " << name;
  }
}

TEST(GlobMatch, ManyStarsCostNoMoreThanTheProductOfTheLengths) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  // Exponential matchers never come back from this one.
  EXPECT_FALSE(GlobMatch(pattern + "b", std::string(5000, 'a')));
}

TEST(GlobCovers, AWiderPatternCoversANarrowerOne) {
  constexpr Case kGood[] = {{"*", "anything"},  {"*", "*"},         {"reg/*", "reg/web/*"},
                            {"reg/*", "reg/*"}, {"*/web", "*/web"}, {"a*c", "ab*c"},
                            {"reg/*", "reg/x"}};
  for (const auto& [outer, inner] : kGood) {
    EXPECT_TRUE(GlobCovers(outer, inner)) << outer << " " << inner;
  }
  constexpr Case kBad[] = {{"reg/web/*", "reg/*"}, {"reg/x", "reg/*"},   {"", "*"},
                           {"a*c", "a*"},          {"reg/*", "other/*"}, {"*c", "*"}};
  for (const auto& [outer, inner] : kBad) {
    EXPECT_FALSE(GlobCovers(outer, inner)) << outer << " " << inner;
  }
}

// Every text of up to `size` of the letters.
std::vector<std::string> AllTexts(std::string_view letters, size_t size) {
  std::vector<std::string> texts = {""};
  for (size_t i = 0; i < texts.size() && texts[i].size() < size; ++i) {
    for (const char letter : letters) texts.push_back(texts[i] + letter);
  }
  return texts;
}

// What is said to be covered is.
TEST(GlobCovers, NeverClaimsTooMuch) {
  const auto patterns = AllTexts("ab*", 4);
  const auto names = AllTexts("ab", 5);
  for (const std::string& outer : patterns) {
    for (const std::string& inner : patterns) {
      if (!GlobCovers(outer, inner)) continue;
      for (const std::string& name : names) {
        ASSERT_TRUE(!GlobMatch(inner, name) || GlobMatch(outer, name))
            << outer << " " << inner << " " << name;
      }
    }
  }
}

TEST(PathGlobMatch, AStarStaysWithinOneComponent) {
  constexpr Case kGood[] = {
      {"/", "/"},           {"/a", "/a"},
      {"/a/*", "/a/b"},     {"/*/*", "/a/b"},
      {"/a/*/c", "/a/b/c"}, {"/run/bats-*/runc.*/rootfs", "/run/bats-x/runc.y/rootfs"},
      {"/a/b*d", "/a/bcd"}, {"/a/**", "/a/.hidden"}};
  for (const auto& [pattern, path] : kGood) {
    EXPECT_TRUE(PathGlobMatch(pattern, path)) << pattern << " " << path;
  }
  constexpr Case kBad[] = {{"/*", "/"},         {"/*", "/a/b"},     {"/a/*", "/a"},
                           {"/a/*", "/a/"},     {"/a/*", "/a/b/c"}, {"/a/*/c", "/a/c"},
                           {"/a/*/c", "/a//c"}, {"/a/*", "/ab/c"},  {"/a", "/a/b"},
                           {"/a*b", "/a/b"},    {"*", "/a"},        {"", "/"},
                           {"/a/**", "/a/b/c"}};
  for (const auto& [pattern, path] : kBad) {
    EXPECT_FALSE(PathGlobMatch(pattern, path)) << pattern << " " << path;
  }
}

TEST(PathGlobCovers, ComparesComponentByComponent) {
  constexpr Case kGood[] = {{"/a/*", "/a/b"}, {"/a/*", "/a/b*"}, {"/*/*", "/a/*"}, {"/a", "/a"}};
  for (const auto& [outer, inner] : kGood) {
    EXPECT_TRUE(PathGlobCovers(outer, inner)) << outer << " " << inner;
  }
  constexpr Case kBad[] = {{"/a/*", "/a/b/c"}, {"/a/b", "/a/*"}, {"/*", "/a/*"}, {"/a/*", "/*"}};
  for (const auto& [outer, inner] : kBad) {
    EXPECT_FALSE(PathGlobCovers(outer, inner)) << outer << " " << inner;
  }
}

}  // namespace
}  // namespace runward
