#include "tools/log_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace runward {
namespace {

TEST(LogText, HoldsNoCommandOfABuildSystem) {
  EXPECT_EQ(WithoutLogCommands("a ##vso[x]\n"), "a \\u0023\\u0023vso[x]\n");
  EXPECT_EQ(WithoutLogCommands("###"), "\\u0023\\u0023#");
  EXPECT_EQ(WithoutLogCommands("# a::b\n"), "# a::b\n");
  EXPECT_EQ(WithoutLogCommands("::error::a\n \t::b\n\n::"),
            "\\u003a\\u003aerror::a\n \t\\u003a\\u003ab\n\n\\u003a\\u003a");
  EXPECT_EQ(WithoutLogCommands(""), "");
  // What .NET's TrimStart takes off, and what its ReadLine ends lines at.
  for (const char* space : {"\u00a0", "\u0085", "\u1680", "\u2003", "\u202f", "\u205f", "\u3000",
                            "\u2028", " \u00a0\t", "\v", "\f", "\r", "a\r", "\xa0"}) {
    EXPECT_EQ(WithoutLogCommands(space + std::string("::error::a")),
              space + std::string("\\u003a\\u003aerror::a"))
        << space;
  }
  EXPECT_EQ(WithoutLogCommands(":: :::::\n:"), "\\u003a\\u003a :::::\n:");
}

TEST(LogText, JsonIsTheSameToWhoParsesIt) {
  const nlohmann::ordered_json json = {
      {"##vso[x]", "\\##[a]\x1b\x7f\u202e ä ###"}, {"b", {"::error::"}}, {"c", "\xff"}};
  const std::string text = LogJson(json);
  EXPECT_EQ(text.find("##"), std::string::npos) << text;
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << text;
  EXPECT_EQ(text.find("\n::"), std::string::npos);
  nlohmann::ordered_json same = json;
  same["c"] = "\ufffd";
  EXPECT_EQ(nlohmann::ordered_json::parse(text), same);
}

}  // namespace
}  // namespace runward
