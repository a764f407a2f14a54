#include "oci/secret_record.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(SecretRecord, IsReadBackAsWritten) {
  const std::vector<SecretRule> rules = {
      {.name = "vault:a#b", .file = "/k/b", .uid = 1000U, .gid = 0U},
      {.name = "vault:a/c#d@2",
       .file = "/k/\"d",
       .mode = 0444,
       .uid = 4294967294U,
       .gid = 5U,
       .env = "D",
       .file_env = "D_FILE",
       .refresh = true,
       .signal = "SIGHUP"}};
  const auto read = ParseSecretRules(FormatSecretRules(rules));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value(), rules);
}

TEST(SecretRecord, IsEmptyForNone) {
  EXPECT_EQ(FormatSecretRules({}), "");
  EXPECT_TRUE(ParseSecretRules("").value().empty());
}

TEST(SecretRecord, RefusesWhatIsNotItsOwn) {
  const std::string good = FormatSecretRules({{.name = "vault:a#b", .file = "/k/b"}});
  for (const std::string& bad : {std::string("{"), std::string("[]"), good.substr(1),
                                 std::string(R"({"secrets":[{"name":"vault:a#b"}]})"),
                                 std::string(R"({"secrets":[],"more":1})")}) {
    EXPECT_FALSE(ParseSecretRules(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace runward
