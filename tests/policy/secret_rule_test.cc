#include "policy/secret_rule.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(SecretRule, HasItsDefaults) {
  const auto document =
      JsonDocument::Parse(R"([{"name": "vault:a#b", "file": "/run/secrets/b"}])").value();
  const auto rules = ReadSecretRules(document.root());
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0], (SecretRule{.name = "vault:a#b", .file = "/run/secrets/b"}));
  EXPECT_EQ(rules[0].mode, 0400U);
  EXPECT_EQ(rules[0].directory(), "/run/secrets");
  EXPECT_EQ(rules[0].base_name(), "b");
}

TEST(SecretRule, IsReadWithAllItsKeys) {
  const auto document = JsonDocument::Parse(R"([{"name": "vault:a#b@3", "file": "/k/b",
      "mode": "0440", "uid": 0, "gid": 4294967294, "env": "B", "fileEnv": "B_FILE",
      "refresh": true, "signal": "SIGUSR2"}])")
                            .value();
  const auto rules = ReadSecretRules(document.root());
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0], (SecretRule{.name = "vault:a#b@3",
                                  .file = "/k/b",
                                  .mode = 0440,
                                  .uid = 0U,
                                  .gid = 4294967294U,
                                  .env = "B",
                                  .file_env = "B_FILE",
                                  .refresh = true,
                                  .signal = "SIGUSR2"}));
}

TEST(SecretRule, IsNoneWithoutASection) { EXPECT_TRUE(ReadSecretRules({}).empty()); }

TEST(SignalNumber, KnowsEachSignalThatAPolicyMayName) {
  for (const std::string_view name : kSecretSignals) EXPECT_GT(SignalNumber(name), 0) << name;
  EXPECT_EQ(SignalNumber("SIGHUP"), 1);
  EXPECT_EQ(SignalNumber("SIGKILL"), 0);
  EXPECT_EQ(SignalNumber(""), 0);
}

TEST(IsVariableName, TakesNamesAsShellsDo) {
  for (const char* good : {"A", "_", "db_password", "DB_2"}) EXPECT_TRUE(IsVariableName(good));
  for (const char* bad : {"", "2A", "A-B", "A=B", "A B", "\xc3\x84"}) {
    EXPECT_FALSE(IsVariableName(bad)) << bad;
  }
  EXPECT_FALSE(IsVariableName(std::string(129, 'A')));
}

}  // namespace
}  // namespace runward
