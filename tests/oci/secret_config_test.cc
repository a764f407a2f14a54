#include "oci/secret_config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace runward {
namespace {

using Json = nlohmann::json;

constexpr char kConfig[] = R"({"process": {"args": ["app", "a b"], "env": ["PATH=/bin", "PW=old"],
  "cwd": "/"}, "mounts": [{"destination": "/proc", "type": "proc"}], "x": 1})";

Json Changed(const std::string& config, const std::vector<SecretRule>& rules) {
  const auto document = JsonDocument::Parse(config).value();
  const auto text = WithSecretVariables(document, rules, "/usr/sbin/runward-env");
  EXPECT_TRUE(text.ok()) << text.error().message;
  return text.value().empty() ? Json() : Json::parse(text.value());
}

TEST(WithSecretVariables, ChangesNothingForFilesAlone) {
  EXPECT_TRUE(Changed(kConfig, {{.name = "vault:a#b", .file = "/k/b"}}).is_null());
}

TEST(WithSecretVariables, NamesFiles) {
  const Json json = Changed(kConfig, {{.file = "/k/b", .file_env = "B_FILE"}});
  EXPECT_EQ(json["process"]["env"], (Json{"PATH=/bin", "PW=old", "B_FILE=/k/b"}));
  EXPECT_EQ(json["process"]["args"], (Json{"app", "a b"}));
  EXPECT_EQ(json["mounts"].size(), 1U);
  EXPECT_EQ(json["x"], 1);
}

TEST(WithSecretVariables, PutsTheHelperBeforeTheCommand) {
  const Json json = Changed(
      kConfig, {{.file = "/k/b", .env = "PW"}, {.file = "/k/c"}, {.file = "/k/d", .env = "D"}});
  EXPECT_EQ(json["process"]["args"],
            (Json{"/.runward-env", "PW=/k/b", "D=/k/d", "--", "app", "a b"}));
  // What the engine gave by that name is not what the helper would have to override.
  EXPECT_EQ(json["process"]["env"], Json{"PATH=/bin"});
  ASSERT_EQ(json["mounts"].size(), 2U);
  const Json& mount = json["mounts"][1];
  EXPECT_EQ(mount["destination"], "/.runward-env");
  EXPECT_EQ(mount["source"], "/usr/sbin/runward-env");
  EXPECT_EQ(mount["options"], (Json{"bind", "ro", "nosuid", "nodev", "rprivate"}));
}

TEST(WithSecretVariables, AddsWhatTheConfigurationLacks) {
  const Json json = Changed(R"({"process": {"args": ["app"]}})", {{.file = "/k/b", .env = "B"}});
  EXPECT_EQ(json["mounts"].size(), 1U);
  EXPECT_EQ(json["process"]["env"], Json::array());
}

TEST(WithSecretVariables, NeedsACommand) {
  const auto document = JsonDocument::Parse(R"({"process": {"cwd": "/"}})").value();
  EXPECT_FALSE(WithSecretVariables(document, {{.file = "/k/b", .env = "B"}}, "/x").ok());
}

}  // namespace
}  // namespace runward
