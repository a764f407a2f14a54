#include "base/event_token.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(EventToken, LeavesOrdinaryWordsAlone) {
  for (const char* word :
       {"nginx", "/usr/local/bin/docker-entrypoint.sh", "https://registry.example.com/v2/Shop/1",
        "ssh://git@example.com/repo", "--max-old-space-size=4096", "my-web-service-7c9d8b6f5d",
        "550e8400-e29b-41d4-a716-446655440000", "2026-11-22T10:00:00.000Z", "user@example.com",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "img@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}) {
    EXPECT_EQ(RedactTokens(word), word);
  }
}

TEST(EventToken, TakesCredentialsOutOfWords) {
  struct Case {
    const char* word;
    const char* shown;
  };
  for (const Case& one : {
           Case{"postgres://app:hunter2@db/shop", "postgres://app:[redacted]@db/shop"},
           Case{"http://a:p@ss@h/x", "http://a:[redacted]@h/x"},
           Case{"a=http://u:p@h,http://v:q@i", "a=http://u:[redacted]@h,http://v:[redacted]@i"},
           Case{"https://0123456789abcdefghij@example.com", "https://[redacted]@example.com"},
           Case{"AKIAIOSFODNN7EXAMPLE", "[redacted]"},
           Case{"x=ghp_0123456789abcdef0123", "x=[redacted]"},
           Case{"9f86d081884c7d659a2feaa0c55ad015", "[redacted]"},
           Case{"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "[redacted]"},
           Case{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1", "[redacted]"},
           Case{"Zk3vQ9rTb7LmXw2NcYp8HsDa", "[redacted]"},
       }) {
    EXPECT_EQ(RedactTokens(one.word), one.shown);
  }
}

TEST(EventToken, ComparesWithoutCase) {
  EXPECT_TRUE(EqualFold("BeaRer", "bearer"));
  EXPECT_FALSE(EqualFold("bear", "bearer"));
}

}  // namespace
}  // namespace runward
