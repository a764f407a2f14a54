#include "tools/own_commands.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "tests/tools/policy_fixture.h"
#include "tools/policy_commands.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class OwnCommands : public PolicyFixture {
 protected:
  // Docker's store with one image of one layer, in which /bin/sh leads to /bin/busybox.
  void AddImage(const nlohmann::json& config, bool with_layer = true) const {
    const auto layer = Digest::FromHex(std::string(64, 'a'));
    const std::string text = nlohmann::json{
        {"rootfs", {{"type", "layers"}, {"diff_ids", {layer->text()}}}},
        {"config", config}}.dump();
    const std::string base = "docker/image/overlay2/";
    const std::string hex = Sha256Hex(text);
    (void)Write(base + "imagedb/content/sha256/" + hex, text);
    const nlohmann::json names = {{"web", {{"web:1", "sha256:" + hex}}}};
    (void)Write(base + "repositories.json", nlohmann::json{{"Repositories", names}}.dump());
    if (!with_layer) return;
    const std::string chain(ChainIdOf(std::vector<Digest>{*layer})->hex());
    (void)Write(base + "layerdb/sha256/" + chain + "/cache-id", "c");
    (void)Write("docker/overlay2/c/diff/bin/busybox", "x");
    std::filesystem::create_symlink("busybox", root_ + "/docker/overlay2/c/diff/bin/sh");
  }
  [[nodiscard]] Output Check(const std::string& commands,
                             const std::string& mode = "enforce") const {
    (void)Write("policy.json", R"({"version": 1, "profiles": [{"name": "p", "match": {},
        "mode": ")" + mode + R"(", "commands": )" +
                                   commands + "}]}");
    return Run(PolicyCheckCommand, {"--docker-root", root_ + "/docker"});
  }
};

TEST_F(OwnCommands, ThatAreForbiddenMakeThePolicyBad) {
  AddImage({{"Entrypoint", {"/bin/sh", "-c", "x"}}});
  for (const char* commands :
       {R"({"deny": ["sh"]})", R"({"deny": ["busybox"]})", R"({"deny": ["/bin/b*"]})",
        R"({"allow": ["nginx"]})", R"({"users": [{"users": ["0"], "deny": ["sh"]}]})"}) {
    const Output output = Check(commands);
    EXPECT_EQ(output.code, 2) << commands;
    EXPECT_THAT(output.out, HasSubstr("image web:1, profile p: its own command \"/bin/busybox\""));
    EXPECT_THAT(output.out, Not(HasSubstr("good")));
  }
}

TEST_F(OwnCommands, ThatMayRunAreNotMentioned) {
  AddImage({{"Cmd", {"sh"}}, {"Env", {"PATH=/sbin:/bin"}}, {"User", "7"}});
  for (const char* commands :
       {R"({"deny": ["nc"]})", R"({"allow": ["/bin/busybox"]})", R"({"allow": ["sh"]})",
        R"({"drift": "deny"})", R"({"users": [{"users": ["0"], "deny": ["sh"]}]})"}) {
    const Output output = Check(commands);
    EXPECT_EQ(output.code, 0) << commands << output.out;
    EXPECT_THAT(output.out, Not(HasSubstr("web:1")));
  }
}

TEST_F(OwnCommands, InAuditModeAreANote) {
  AddImage({{"Cmd", {"/bin/sh"}}});
  const Output output = Check(R"({"deny": ["sh"]})", "audit");
  EXPECT_EQ(output.code, 0);
  EXPECT_THAT(output.out, HasSubstr("note: in audit mode, image web:1"));
}

TEST_F(OwnCommands, OfImagesWithoutFilesAreComparedByWhatIsCertain) {
  AddImage({{"Cmd", {"/bin/sh"}}}, /*with_layer=*/false);
  EXPECT_EQ(Check(R"({"deny": ["sh"]})").code, 2);
  EXPECT_EQ(Check(R"({"allow": ["busybox"]})").code, 0);
}

TEST_F(OwnCommands, OfOddImagesAreNone) {
  AddImage({{"Cmd", nullptr}, {"Env", 7}});
  EXPECT_EQ(Check(R"({"allow": []})").code, 0);
}

TEST_F(OwnCommands, AreNotLookedAtWhereTheStoreIsDamaged) {
  (void)Write("docker/image/overlay2/repositories.json", "{");
  const Output output = Check(R"({"deny": ["sh"]})");
  EXPECT_EQ(output.code, 0);
  EXPECT_THAT(output.out, HasSubstr("note: whether images can run their own commands was not"));
}

}  // namespace
}  // namespace runward
