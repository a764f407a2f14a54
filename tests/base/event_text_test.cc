#include "base/event_text.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace runward {
namespace {

TEST(EventText, LeavesPlainTextAndOtherScriptsAlone) {
  for (const char* text : {"", "nginx -g 'daemon off;'", "Grüße", "日本語", "😀"}) {
    EXPECT_EQ(EscapeJson(text, 1000), text);
    EXPECT_EQ(Printable(text), text);
  }
}

TEST(EventText, MakesControlHiddenAndReorderingCharactersVisible) {
  struct Case {
    std::string text, shown;
  };
  const std::vector<Case> cases = {
      {"\x1b[31mred", "\\u001b[31mred"},
      {"a\nb\r\tc", "a\\u000ab\\u000d\\u0009c"},
      {std::string("\0", 1), "\\u0000"},
      {"\x7f", "\\u007f"},
      {"\xc2\x9b", "\\u009b"},              // CSI in C1
      {"\xe2\x80\xae", "\\u202e"},          // right-to-left override
      {"\xe2\x80\x8b", "\\u200b"},          // zero-width space
      {"\xf3\xa0\x81\x81", "\xef\xbf\xbd"}  // tag letter
  };
  for (const Case& one : cases) {
    EXPECT_EQ(EscapeJson(one.text, 1000), one.shown);
    EXPECT_EQ(Printable(one.text), one.shown);
  }
  EXPECT_EQ(EscapeJson("a\"b\\c", 100), "a\\\"b\\\\c");
  EXPECT_EQ(Printable("a\"b\\c"), "a\"b\\c");
}

TEST(EventText, ShowsWhatNoXmlMayHold) {
  EXPECT_EQ(Printable("a\xef\xbf\xbe\xef\xbf\xbf"), "a\\ufffe\\uffff");
  EXPECT_EQ(Printable("\xef\xbf\xbd"), "\xef\xbf\xbd");
}

TEST(EventText, ReplacesWhatIsNotUtf8) {
  for (const char* text : {"\xff", "\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                           "\xf5\x80\x80\x80", "\xc3", "\xe2\x80"}) {
    const std::string escaped = EscapeJson(text, 1000);
    EXPECT_NE(escaped.find("\xef\xbf\xbd"), std::string::npos) << escaped;
    EXPECT_TRUE(JsonDocument::Parse("\"" + escaped + "\"").ok()) << escaped;
  }
}

TEST(EventText, CutsBetweenCharactersAndMarksTheCut) {
  const std::string text = "ab\"\x1b" + std::string("é日😀\\") + std::string(50, 'z');
  for (size_t max = kCutMark.size(); max < 80; ++max) {
    const std::string escaped = EscapeJson(text, max);
    EXPECT_LE(escaped.size(), max);
    EXPECT_TRUE(JsonDocument::Parse("\"" + escaped + "\"").ok()) << escaped;
    EXPECT_EQ(escaped.ends_with(kCutMark), escaped != EscapeJson(text, 1000));
  }
}

}  // namespace
}  // namespace runward
