#include "netfilter/log_prefix.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(LogPrefix, IsReadAsItWasWritten) {
  for (const bool would_deny : {false, true}) {
    for (const Direction direction : {Direction::kEgress, Direction::kIngress}) {
      for (const auto rule : {std::optional<uint32_t>(), std::optional<uint32_t>(0),
                              std::optional<uint32_t>(UINT32_MAX)}) {
        const LogPrefix prefix{would_deny, direction, rule};
        const std::string text = FormatLogPrefix(prefix);
        EXPECT_LE(text.size(), 127U);
        EXPECT_EQ(ParseLogPrefix(text), prefix) << text;
      }
    }
  }
  EXPECT_EQ(FormatLogPrefix({.would_deny = true, .direction = Direction::kIngress, .rule = 7}),
            "rw:w:i:7");
  EXPECT_EQ(FormatLogPrefix({}), "rw:d:e:default");
}

TEST(LogPrefix, IsNothingElse) {
  for (const char* text :
       {"", "rw:d:e:", "rw:d:e", "rw:x:e:1", "rw:d:x:1", "rw:d:e:01", "rw:d:e:-1", "rw:d:e:1 ",
        "rw:d:e:4294967296", "xx:d:e:1", "rw:d:e:Default"}) {
    EXPECT_EQ(ParseLogPrefix(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace runward
