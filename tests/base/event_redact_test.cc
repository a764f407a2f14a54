#include "base/event_redact.h"

#include <gmock/gmock.h>

namespace runward {
namespace {

using ::testing::ElementsAreArray;

struct Case {
  std::vector<std::string> args;
  std::vector<std::string> shown;
};

TEST(EventRedact, LeavesOrdinaryArgumentsAlone) {
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
           {"nginx", "-g", "daemon off;"},
           {"java", "-Xmx512m", "-jar", "/app/shop.jar"},
           {"sh", "-c", "cd /srv && exec ./run --port=8080 | tee log"},
           {"app", "--password-file", "/run/secrets/db", "--token-path=/run/token"},
           {"app", "--tls-key", "/etc/tls/server.key", "--author", "bob"},
           {"mysqld", "-p", "3306"},
           {"docker", "run", "-p", "80:80", "nginx"}}) {
    EXPECT_THAT(RedactArgs(args), ElementsAreArray(args));
  }
}

TEST(EventRedact, TakesSecretsOut) {
  const std::vector<Case> cases = {
      {{"a", "--password=x y"}, {"a", "--password=[redacted]"}},
      {{"a", "--db-password", "-x"}, {"a", "--db-password", "[redacted]"}},
      {{"a", "-DapiKey=x"}, {"a", "-DapiKey=[redacted]"}},
      {{"env", "AWS_SECRET_ACCESS_KEY=x", "b"}, {"env", "AWS_SECRET_ACCESS_KEY=[redacted]", "b"}},
      {{"a", "--auth", "bob:x"}, {"a", "--auth", "[redacted]"}},
      {{"a", "--key", "abc"}, {"a", "--key", "[redacted]"}},
      {{"curl", "-u", "bob:x"}, {"curl", "-u", "[redacted]"}},
      {{"curl", "-ubob:x"}, {"curl", "-u[redacted]"}},
      {{"curl", "-H", "Authorization: Bearer x", "u"},
       {"curl", "-H", "Authorization: Bearer [redacted]", "u"}},
      {{"curl", "-H", "X-Api-Key:x"}, {"curl", "-H", "X-Api-Key:[redacted]"}},
      {{"curl", "-d", R"({"user":"bob","password":"x"})"},
       {"curl", "-d", R"({"user":"bob","password":"[redacted]"})"}},
      {{"curl", "https://h/?token=x&a=1"}, {"curl", "https://h/?token=[redacted]&a=1"}},
      {{"/usr/bin/mysql", "-px", "-h", "db"}, {"/usr/bin/mysql", "-p[redacted]", "-h", "db"}},
      {{"mongosh", "-u", "bob", "-p", "x"}, {"mongosh", "-u", "bob", "-p", "[redacted]"}},
      {{"mongo", "-px"}, {"mongo", "-p[redacted]"}},
      {{"a", "AccountName=b;AccountKey=x==;c=d"}, {"a", "AccountName=b;AccountKey=[redacted];c=d"}},
      {{"curl", "https://h/?sv=1&sig=x%3D&a=1"}, {"curl", "https://h/?sv=1&sig=[redacted]&a=1"}},
      {{"a", "--signature", "x", "--signal", "TERM"},
       {"a", "--signature", "[redacted]", "--signal", "TERM"}},
      {{"sshpass", "-p", "x", "ssh", "h"}, {"sshpass", "-p", "[redacted]", "ssh", "h"}},
      {{"redis-cli", "-a", "x"}, {"redis-cli", "-a", "[redacted]"}},
      {{"sh", "-c", "PASSWORD=x run --verbose"}, {"sh", "-c", "PASSWORD=[redacted] run --verbose"}},
      {{"sh", "-c", "mysql -px db"}, {"sh", "-c", "mysql -p[redacted] db"}},
      {{"sh", "-c", "echo -----BEGIN PRIVATE KEY----- abc"}, {"sh", "-c", "echo [redacted]"}},
      {{"a", "--password", "p", "-----BEGIN X"}, {"a", "--password", "[redacted]", "[redacted]"}},
  };
  for (const Case& one : cases) EXPECT_THAT(RedactArgs(one.args), ElementsAreArray(one.shown));
}

TEST(EventRedact, LooksAtABoundedPart) {
  EXPECT_EQ(RedactArgs(std::vector<std::string>(1000, "a")).size(), kMaxLoggedArgs);
  const std::vector<std::string> long_args = {std::string(1U << 20, ' ')};
  EXPECT_EQ(RedactArgs(long_args).at(0).size(), kMaxLoggedArgBytes);
}

TEST(EventRedact, KnowsSecretNames) {
  for (const char* name : {"--password", "DB_PASSWD", "x-api-key", "GITHUB_TOKEN", "pw", "--key",
                           "clientSecret", "Set-Cookie"}) {
    EXPECT_TRUE(SecretName(name)) << name;
  }
  for (const char* name : {"", "--port", "author", "keyboard", "token_file", "secretName",
                           "passwordPath", "key-id", "monkey"}) {
    EXPECT_FALSE(SecretName(name)) << name;
  }
}

TEST(EventRedact, AnEnvironmentEntryIsItsName) {
  EXPECT_EQ(EnvName("A=b=c"), "A");
  EXPECT_EQ(EnvName("A"), "A");
  EXPECT_EQ(EnvName("=x"), "");
  EXPECT_EQ(EnvName("9f86d081884c7d659a2feaa0c55ad015"), "[redacted]");
}

}  // namespace
}  // namespace runward
