#include "base/clock.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace runward {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDay = 86400 * kSecond;

struct GoodTime {
  std::string_view text;
  int64_t ns;
};
constexpr GoodTime kGoodTimes[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"2026-11-22T10:00:00Z", 1795341600 * kSecond},
    {"2026-11-22t10:00:00z", 1795341600 * kSecond},
    {"2026-11-22T11:30:00+01:30", 1795341600 * kSecond},
    {"2026-11-22T09:00:00-01:00", 1795341600 * kSecond},
    {"2026-11-22T10:00:00.5Z", 1795341600 * kSecond + 500'000'000},
    {"2026-11-22T10:00:00.000000001Z", 1795341600 * kSecond + 1},
    {"2024-02-29T00:00:00Z", 1709164800 * kSecond},  // a leap day
    {"2000-02-29T00:00:00Z", 951782400 * kSecond},   // of a century that has one
    {"2016-12-31T23:59:60Z", 1483228800 * kSecond},  // a leap second is the next second
    {"2261-12-31T23:59:59Z", 9214646399 * kSecond},
};

TEST(ParseTime, ReadsRfc3339) {
  for (const auto& [text, ns] : kGoodTimes) {
    const auto time = ParseTime(text);
    ASSERT_TRUE(time.has_value()) << text;
    EXPECT_EQ(time->ns, ns) << text;
  }
}

TEST(ParseTime, RefusesWhatIsNoTime) {
  for (std::string_view bad : {"",
                               "2026",
                               "2026-11-22",
                               "2026-11-22T10:00:00",
                               "2026-11-22 10:00:00Z",
                               "2026-11-22T10:00Z",
                               "2026-13-01T00:00:00Z",
                               "2026-02-29T00:00:00Z",
                               "2100-02-29T00:00:00Z",
                               "2026-11-31T00:00:00Z",
                               "2026-00-01T00:00:00Z",
                               "2026-01-00T00:00:00Z",
                               "2026-11-22T24:00:00Z",
                               "2026-11-22T10:60:00Z",
                               "2026-11-22T10:00:61Z",
                               "2026-11-22T10:00:00.Z",
                               "2026-11-22T10:00:00.0000000001Z",
                               "2026-11-22T10:00:00+1:00",
                               "2026-11-22T10:00:00+24:00",
                               "2026-11-22T10:00:00+01:60",
                               "2026-11-22T10:00:00ZZ",
                               " 2026-11-22T10:00:00Z",
                               "+026-11-22T10:00:00Z",
                               "1969-12-31T23:59:59Z",
                               "2262-01-01T00:00:00Z",
                               "1970-01-01T00:00:00+00:01"}) {
    EXPECT_FALSE(ParseTime(bad).has_value()) << bad;
  }
}

TEST(ParseTime, TakesADateOnlyWhereItIsAskedTo) {
  EXPECT_EQ(ParseTime("2026-11-22", true)->ns, 1795305600 * kSecond);
  EXPECT_EQ(ParseTime("2026-11-22T10:00:00Z", true)->ns, 1795341600 * kSecond);
  EXPECT_FALSE(ParseTime("2026-11-22Z", true).has_value());
}

TEST(FormatTime, IsReadBackToTheMillisecond) {
  EXPECT_EQ(FormatTime(Time{1795341600 * kSecond + 123'456'789}), "2026-11-22T10:00:00.123Z");
  EXPECT_EQ(FormatTime(Time{0}), "1970-01-01T00:00:00.000Z");
  for (const auto& [text, ns] : kGoodTimes) {
    const int64_t milliseconds = ns / 1'000'000 * 1'000'000;
    EXPECT_EQ(ParseTime(FormatTime(Time{ns}))->ns, milliseconds) << text;
  }
}

TEST(Now, IsTheKernelsRealTimeClock) {
  const time_t before = time(nullptr);
  const int64_t now = Now().ns / kSecond;
  EXPECT_GE(now, before);
  EXPECT_LE(now, time(nullptr) + 1);
}

TEST(ParseDuration, ReadsOneNumberAndOneUnit) {
  EXPECT_EQ(ParseDuration("90s"), 90 * kSecond);
  EXPECT_EQ(ParseDuration("15m"), 900 * kSecond);
  EXPECT_EQ(ParseDuration("36h"), 36 * 3600 * kSecond);
  EXPECT_EQ(ParseDuration("7d"), 7 * kDay);
  EXPECT_EQ(ParseDuration("0s"), 0);
  EXPECT_EQ(ParseDuration("9125d"), 9125 * kDay);
}

TEST(ParseDuration, RefusesTheRest) {
  for (std::string_view bad :
       {"", "7", "d", "7 d", "-7d", "+7d", "7.5d", "7D", "7w", "1h30m", "7dd", "9126d",
        "99999999999999999999s", "9223372036854775807s", "0x7d"}) {
    EXPECT_FALSE(ParseDuration(bad).has_value()) << bad;
  }
}

TEST(FormatDuration, UsesTheLargestUnitThatLosesLittle) {
  EXPECT_EQ(FormatDuration(7 * kDay), "7d");
  EXPECT_EQ(FormatDuration(36 * 3600 * kSecond), "36h");
  EXPECT_EQ(FormatDuration(90 * kSecond), "90s");
  EXPECT_EQ(FormatDuration(0), "0s");
  EXPECT_EQ(FormatDuration(100 * kDay + kSecond), "100d");
}

TEST(FormatDuration, IsReadBackWithinATenth) {
  for (int64_t seconds = 1; seconds < 9125LL * 86400; seconds = seconds * 3 + 1) {
    const int64_t ns = seconds * kSecond;
    const auto back = ParseDuration(FormatDuration(ns));
    ASSERT_TRUE(back.has_value()) << FormatDuration(ns);
    EXPECT_LE(*back, ns);
    EXPECT_GE(*back, ns - ns / 9 - 1) << FormatDuration(ns);
  }
}

}  // namespace
}  // namespace runward
