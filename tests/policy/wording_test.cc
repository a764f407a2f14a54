#include "policy/wording.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(Wording, ShowsNamesSoThatTheyForgeNothing) {
  EXPECT_EQ(Quoted("docker.io/library/alpine:3"), "\"docker.io/library/alpine:3\"");
  EXPECT_EQ(Quoted("a\nb \"c\x1b[31m\xc3\xa4"), "\"a?b??c?[31m??\"");
  EXPECT_EQ(Quoted(std::string(500, 'a')), "\"" + std::string(128, 'a') + "...\"");
}

TEST(Wording, TakesEnginesOwnPhrasesApart) {
  EXPECT_EQ(Tame("open x: No such file or directory"), "open x: No-such-file or directory");
  EXPECT_EQ(Tame("permission denied, permission denied"), "permission-denied, permission-denied");
  EXPECT_EQ(Tame("Executable File Not Found in $PATH"), "Executable-File-Not-Found in $PATH");
  EXPECT_EQ(Tame("x is not a directory"), "x is not-a-directory");
}

TEST(Wording, KeepsSentencesAndBoundsThem) {
  EXPECT_EQ(Tame("CVE-2026-1 is critical"), "CVE-2026-1 is critical");
  EXPECT_EQ(Tame("a\r\nb\tc"), "a??b?c");
  EXPECT_EQ(Tame(std::string(300, 'a'), 10), std::string(10, 'a') + "...");
}

}  // namespace
}  // namespace runward
