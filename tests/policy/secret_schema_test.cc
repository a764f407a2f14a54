#include "policy/secret_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/policy_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

constexpr char kChain[] = "sha256:6a312c61aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

std::vector<PolicyProblem> ProblemsOf(const std::string& members) {
  test::MemoryKeys keys;
  return CheckPolicy(R"({"version": 1, "profiles": [{"name": "a", )" + members + "}]}", keys);
}

std::string Problem(const std::string& members) {
  const auto problems = ProblemsOf(members);
  return problems.empty() ? "" : problems[0].message + " (" + problems[0].hint + ")";
}

std::string OfSecrets(const std::string& list) {
  return Problem(R"("match": {}, "secrets": )" + list);
}

std::string TwoFiles(const std::string& one, const std::string& other) {
  return OfSecrets(R"([{"name": "vault:a#b", "file": ")" + one +
                   R"("}, {"name": "vault:a#c", "file": ")" + other + R"("}])");
}

TEST(CheckSecrets, TakesEveryKeyAsItShouldBe) {
  EXPECT_EQ(OfSecrets(R"([
    {"name": "vault:web/db#password", "file": "/run/secrets/db_password", "env": "PW"},
    {"name": "vault:web/db#user@2", "file": "/run/secrets/user", "fileEnv": "USER_FILE",
     "mode": "0440", "uid": 33, "gid": 33, "refresh": true, "signal": "SIGHUP"},
    {"name": "vault:web/tls#key", "file": "/tls/key"}])"),
            "");
}

TEST(CheckSecrets, SaysWhereAndNamesTheNearest) {
  EXPECT_THAT(OfSecrets(R"([{"nam": "vault:a#b", "file": "/k/b"}])"),
              HasSubstr("did you mean \"name\"?"));
  EXPECT_THAT(OfSecrets(R"([{"name": "vault:a#b", "file": "/k/b", "mode": "0404"}])"),
              HasSubstr("did you mean \"0400\"?"));
  EXPECT_THAT(OfSecrets(R"([{"name": "vault:a#b", "file": "/k/b", "signal": "SIGHP"}])"),
              HasSubstr("did you mean \"SIGHUP\"?"));
  const auto problems =
      ProblemsOf("\"match\": {},\n \"secrets\": [{\"name\": \"a#b\", \"file\": \"/k/b\"}]");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].position.line, 2U);
  EXPECT_EQ(problems[0].position.column, 23U);
}

TEST(CheckSecrets, RefusesWhatCannotBePlaced) {
  const std::pair<const char*, const char*> cases[] = {
      {R"([])", "must not be an empty list"},
      {R"([{"file": "/k/b"}])", "no key \"name\""},
      {R"([{"name": "vault:a#b"}])", "no key \"file\""},
      {R"([{"name": "vault:a#b", "file": "k/b"}])", "\"file\" must be an absolute path"},
      {R"([{"name": "vault:a#b", "file": "/k/../b"}])", "\"file\" must be an absolute path"},
      {R"([{"name": "vault:a#b", "file": "/b"}])", "would be hidden by a tmpfs"},
      {R"([{"name": "vault:a#b", "file": "/proc/1/b"}])", "no secret can lie in \"/proc\""},
      {R"([{"name": "vault:a#b", "file": "/dev/b"}])", "no secret can lie in \"/dev\""},
      {R"([{"name": "vault:a#b", "file": "/k/..data"}])", "may not begin with \"..\""},
      {R"([{"name": "vault:a#b", "file": "/k/b", "env": "1X"}])", "no name of a variable"},
      {R"([{"name": "vault:a#b", "file": "/k/b", "env": "X", "fileEnv": "X"}])",
       "two secrets set the variable"},
      {R"([{"name": "vault:a#b", "file": "/k/b", "env": "X", "refresh": true}])",
       "cannot be replaced while it runs"},
      {R"([{"name": "vault:a#b", "file": "/k/b", "uid": -1}])", "\"uid\" must be a whole number"},
  };
  for (const auto& [secrets, message] : cases) {
    EXPECT_THAT(OfSecrets(secrets), HasSubstr(message)) << secrets;
  }
}

TEST(CheckSecrets, RefusesTwoAtOnePlace) {
  EXPECT_THAT(TwoFiles("/k/b", "/k/b"), HasSubstr("two secrets are to be \"/k/b\""));
  EXPECT_THAT(TwoFiles("/k/b", "/k/b/c"), HasSubstr("one lies in the other"));
  EXPECT_THAT(TwoFiles("/k/m/b", "/k/c"), HasSubstr("one lies in the other"));
  EXPECT_EQ(TwoFiles("/k/b", "/kk/b"), "");
}

TEST(CheckSecrets, KeepsThemFromImagesThatNobodyVouchesFor) {
  const std::string secrets = R"(, "secrets": [{"name": "vault:a#b", "file": "/k/b"}])";
  EXPECT_THAT(Problem(R"("match": {"baseChains": [")" + std::string(kChain) + R"("]})" + secrets),
              HasSubstr("whoever builds upon the base"));
  EXPECT_THAT(Problem(R"("match": {}, "verdict": {"required": false})" + secrets),
              HasSubstr("with a verdict or without"));
  EXPECT_EQ(Problem(R"("match": {"chains": [")" + std::string(kChain) +
                    R"("]}, "verdict": {"required": false})" + secrets),
            "");
}

TEST(SecretsLaxerWays, NamesWhatIsHandedOutBeyond) {
  const auto list = [](const char* name) {
    return JsonDocument::Parse(std::string(R"([{"name": "vault:)") + name +
                               R"(", "file": "/k/b"}])")
        .value();
  };
  const auto one = list("a#b");
  const auto other = list("a#c");
  EXPECT_EQ(SecretsLaxerWays(one.root(), one.root()), "");
  EXPECT_EQ(SecretsLaxerWays(one.root(), {}), "");
  EXPECT_EQ(SecretsLaxerWays({}, other.root()), "secrets hand out \"vault:a#c\"");
  EXPECT_EQ(SecretsLaxerWays(one.root(), other.root()), "secrets hand out \"vault:a#c\"");
}

}  // namespace
}  // namespace runward
