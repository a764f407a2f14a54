#include "imported.h"

namespace runward {
namespace {

TEST(ImportEnv, ReadsWhatOthersWrite) {
  const std::string text =
      "# a comment\n"
      "\n"
      "PLAIN=value\n"
      "  export SPACED= two words  # and a comment\n"
      "HASH=a#b\n"
      "SINGLE='as $it is \\n' # why not\n"
      "DOUBLE=\"line\\nnext \\\"quoted\\\" \\$5\"\n"
      "LINES=\"one\ntwo\"\n"
      "WINDOWS=cr\r\n"
      "LAST=no newline";
  EXPECT_EQ(Shown(ImportEnv(text, "web")), (Pairs{{"web#PLAIN", "value"},
                                                  {"web#HASH", "a#b"},
                                                  {"web#SINGLE", "as $it is \\n"},
                                                  {"web#DOUBLE", "line\nnext \"quoted\" $5"},
                                                  {"web#LINES", "one\ntwo"},
                                                  {"web#WINDOWS", "cr"},
                                                  {"web#LAST", "no newline"},
                                                  {"web#SPACED", "two words"}}));
}

TEST(ImportEnv, SaysWhereItIsWrong) {
  ExpectError(ImportEnv("A=1\nB\n", "web"), "line 2: there is no '='");
  ExpectError(ImportEnv("A='1\n", "web"), "a quote is not closed");
  ExpectError(ImportEnv("A=\"x\" y\n", "web"), "line 1: something follows");
  ExpectError(ImportEnv("A=\"\\q\"\n", "web"), "line 1: an escape other than");
  ExpectError(ImportEnv("A=x$B\n", "web"), "would be expanded");
  ExpectError(ImportEnv("A=\"${B}\"\n", "web"), "would be expanded");
  ExpectError(ImportEnv("A =1\n", "web"), "its key may hold");
  ExpectError(ImportEnv("A/B=1\n", "web"), "its key may hold");
  ExpectError(ImportEnv("A=1\n", "../web"), "its path may hold");
}

}  // namespace
}  // namespace runward
