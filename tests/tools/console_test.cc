#include "tools/console.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

namespace runward {
namespace {

using ::testing::HasSubstr;

TEST(Console, ErrorsGoToStderrWithTheirHintAndCode) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(PrintError({"open \"x\": failed", "try y"}), 1);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "runwardctl: open \"x\": failed\n  try y\n");
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(PrintNo("no", ""), 2);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "runwardctl: no\n");
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(PrintUsage("verdict sign", {"wrong", ""}), 2);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("runwardctl verdict sign --help"));
}

TEST(Console, WhatATerminalWouldActOnIsShownInstead) {
  ::testing::internal::CaptureStderr();
  PrintError({"\x1b[2J", ""});
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "runwardctl: \\u001b[2J\n");
  EXPECT_EQ(Shown("a\nb"), "\"a\\u000ab\"");
  ::testing::internal::CaptureStderr();
  PrintError({"##vso[x]", "::error::y"});
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "runwardctl: \\u0023\\u0023vso[x]\n  \\u003a\\u003aerror::y\n");
}

TEST(Console, WhatIsPrintedHoldsNoCommandOfABuildSystem) {
  ::testing::internal::CaptureStdout();
  Print("::error::a ##vso[x]\n");
  PrintExact("::error::b ##vso[y]\n");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(),
            "\\u003a\\u003aerror::a \\u0023\\u0023vso[x]\n::error::b ##vso[y]\n");
  ::testing::internal::CaptureStderr();
  PrintNote("a ##vso[x]");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "runwardctl: a \\u0023\\u0023vso[x]\n");
}

TEST(Console, AFullDiskBehindStdoutIsAnError) {
  // In a process of its own, whose stdout can be spoilt.
  EXPECT_EXIT(
      {
        if (std::freopen("/dev/full", "w", stdout) == nullptr) std::exit(9);
        Print("text");
        std::exit(Finish(0));
      },
      ::testing::ExitedWithCode(1), "write to the standard output");
  EXPECT_EQ(Finish(2), 2);
}

}  // namespace
}  // namespace runward
