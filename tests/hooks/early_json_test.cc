#include "hooks/early_json.h"

#include <gtest/gtest.h>

#include <climits>
#include <string>

namespace runward {
namespace {

TEST(EarlyProcessOf, FindsTheNumberInWhatRuntimesWrite) {
  const std::string runc = R"({"ociVersion":"1.0.2-dev","id":"c1","pid":4711,"status":"created",)"
                           R"("bundle":"/b","annotations":{"a":"b"}})";
  EXPECT_EQ(EarlyProcessOf(runc), 4711);
  EXPECT_EQ(EarlyProcessOf("{\n  \"pid\" : 7\n}\n"), 7);
  EXPECT_EQ(EarlyProcessOf(R"({"a":[{"pid":1},[],{}],"b":null,"c":-1.5e3,"pid":2147483647})"),
            INT_MAX);
}

TEST(EarlyProcessOf, IsNotMisledByTextThatOthersChoose) {
  EXPECT_EQ(EarlyProcessOf(R"({"annotations":{"pid":1},"x":"\",\"pid\":2,\"","pid":3})"), 3);
  EXPECT_EQ(EarlyProcessOf(R"({"annotations":{"x":"}","y":"\\"},"pid":3})"), 3);
  EXPECT_EQ(EarlyProcessOf(R"({"id":"\\\",\"pid\":9","pid":3})"), 3);
}

TEST(EarlyProcessOf, LeavesAllElseToOthers) {
  for (const char* state : {"",
                            "{}",
                            "[]",
                            "x",
                            "{",
                            R"({"pid":)",
                            R"({"pid":})",
                            R"({"pid":-1})",
                            R"({"pid":0})",
                            R"({"pid":1.5})",
                            R"({"pid":"1"})",
                            R"({"pid":2147483648})",
                            R"({"pid":1}x)",
                            R"({"pid":99999999999999999999999})",
                            R"({"pid":1,"pid":2})",
                            R"({"p\u0069d":1})",
                            R"({"pid":1,"a":"\)",
                            R"({"pid":1,"a":"})",
                            R"({"pid":1,"a":[})",
                            R"({"pid":1,})",
                            R"({"a":{"pid":1}})",
                            R"({"pid":1,"a"})",
                            R"({"pid":1)"}) {
    EXPECT_EQ(EarlyProcessOf(state), 0) << state;
  }
}

TEST(EarlyNumber, IsDigits) {
  unsigned long number = 0;
  EXPECT_TRUE(EarlyNumber("18446744073709551615", number));
  EXPECT_EQ(number, ULONG_MAX);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616"}) {
    EXPECT_FALSE(EarlyNumber(text, number)) << text;
  }
}

TEST(EarlyAnswerIn, TakesWhatTheAgentGrants) {
  EarlyAnswer answer;
  ASSERT_TRUE(EarlyAnswerIn(
      R"({"ok":true,"rootfs":"/r","directories":["/run/secrets","/k"],"new":[1]})", answer));
  EXPECT_EQ(answer.rootfs, "/r");
  ASSERT_EQ(answer.count, 2U);
  EXPECT_EQ(answer.directories[0], "/run/secrets");
  EXPECT_EQ(answer.directories[1], "/k");
}

TEST(EarlyAnswerIn, LeavesAllElseToOthers) {
  for (const char* text :
       {"", "{}", R"({"ok":false,"error":"locked","hint":""})", R"({"ok":"true","rootfs":"/r"})",
        R"({"ok":true,"rootfs":"/r"})", R"({"ok":true,"rootfs":"/r","directories":[]})",
        R"({"ok":true,"rootfs":"/a\"b","directories":["/k"]})",
        R"({"ok":true,"rootfs":"/r","directories":["/k\n"]})",
        R"({"ok":true,"rootfs":"/r","directories":"/k"})",
        R"({"ok":true,"rootfs":"/r","directories":["/k"]}})",
        R"({"ok":true,"rootfs":"/r","directories":["/k",]})"}) {
    EarlyAnswer answer;
    EXPECT_FALSE(EarlyAnswerIn(text, answer)) << text;
  }
}

TEST(EarlyAnswerIn, HasRoomForSoMany) {
  std::string list;
  for (size_t count = 1; count <= EarlyAnswer::kMost + 1; ++count) {
    list += std::string(count == 1 ? "" : ",") + "\"/k" + std::to_string(count) + "\"";
    EarlyAnswer answer;
    EXPECT_EQ(EarlyAnswerIn(R"({"ok":true,"rootfs":"/r","directories":[)" + list + "]}", answer),
              count <= EarlyAnswer::kMost);
  }
}

}  // namespace
}  // namespace runward
