#include "registry/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Result<std::optional<std::string>> NoHelper(const std::string& name, const std::string&) {
  return Error{"asked " + name, ""};
}

Credentials Parsed(const std::string& text, CredentialHelper helper = NoHelper) {
  return Credentials::Parse(text, "config.json", std::move(helper)).value();
}

TEST(Credentials, AreFoundByTheRegistrysHost) {
  const Credentials credentials = Parsed(R"({"auths": {
    "https://index.docker.io/v1/": {"auth": "aHViOnMxOjI="},
    "registry.example.com:5000": {"username": "u", "password": "p"},
    "http://old.example.com/v1/": {"auth": "YTpiAA=="},
    "empty.example.com": {},
    "token.example.com": {"auth": "PHRva2VuPjo=", "identitytoken": "refresh"}},
    "HttpHeaders": {"x": "y"}})");
  EXPECT_EQ(credentials.For("docker.io").value()->user, "hub");
  EXPECT_EQ(credentials.For("docker.io").value()->secret, "s1:2");
  EXPECT_EQ(credentials.For("registry.example.com:5000").value()->secret, "p");
  EXPECT_EQ(credentials.For("old.example.com").value()->secret, "b");
  EXPECT_EQ(credentials.For("token.example.com").value()->identity_token, "refresh");
  EXPECT_FALSE(credentials.For("empty.example.com").value());
  EXPECT_FALSE(credentials.For("registry.example.com").value());
  EXPECT_FALSE(Credentials().For("docker.io").value());
}

TEST(Credentials, AHelperComesBeforeTheFile) {
  const auto helper = [](const std::string& name, const std::string& server) {
    if (server == "none.example.com") return Result<std::optional<std::string>>(std::nullopt);
    return Result<std::optional<std::string>>(R"({"Username": ")" + name + R"(", "Secret": ")" +
                                              server + R"("})");
  };
  const Credentials credentials = Parsed(R"({"credsStore": "store",
    "credHelpers": {"special.example.com": "special"},
    "auths": {"none.example.com": {"username": "file", "password": "p"}}})",
                                         helper);
  EXPECT_EQ(credentials.For("special.example.com").value()->user, "special");
  EXPECT_EQ(credentials.For("a.example.com").value()->user, "store");
  EXPECT_EQ(credentials.For("docker.io").value()->secret, "https://index.docker.io/v1/");
  EXPECT_EQ(credentials.For("none.example.com").value()->user, "file");
}

TEST(Credentials, AHelpersErrorIsNotNoCredentials) {
  const Credentials credentials = Parsed(R"({"credsStore": "x"})");
  EXPECT_EQ(credentials.For("a").error().message, "asked x");
}

TEST(Credentials, AHelpersNameIsAWord) {
  for (const char* name : {"../x", "a b", "", "A", "x;y"}) {
    const auto parsed = Credentials::Parse(
        R"({"credHelpers": {"a": ")" + std::string(name) + R"("}})", "config.json", NoHelper);
    EXPECT_FALSE(parsed.ok()) << name;
  }
}

TEST(Credentials, BadFilesAreErrorsThatShowNoSecret) {
  for (const char* text :
       {"", "[]", "{", R"({"auths": {"a": {"auth": "aHVudGVyMg=="}}})",
        R"({"auths": {"a": {"auth": "!!hunter2"}}})", R"({"credsStore": 7.5})"}) {
    const auto parsed = Credentials::Parse(text, "config.json", NoHelper);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_THAT(parsed.error().message, HasSubstr("config.json"));
    EXPECT_THAT(parsed.error().message, Not(HasSubstr("hunter2")));
    EXPECT_THAT(parsed.error().message, Not(HasSubstr("aHVu")));
  }
}

TEST(HelperOutput, TokensAndPasswordsAreTold) {
  EXPECT_EQ(ParseHelperOutput(R"({"Username":"<token>","Secret":"t"})", "x").value().identity_token,
            "t");
  EXPECT_EQ(ParseHelperOutput(R"({"Username":"u","Secret":"s"})", "x").value().user, "u");
  for (const char* text : {"", "{}", "hunter2", R"({"Username":"u"})", R"({"Secret":"s"})"}) {
    const auto output = ParseHelperOutput(text, "x");
    ASSERT_FALSE(output.ok()) << text;
    EXPECT_THAT(output.error().message, Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace runward
