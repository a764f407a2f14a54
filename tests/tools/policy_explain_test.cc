#include <filesystem>
#include <fstream>

#include "base/encoding.h"
#include "tests/base/hex.h"
#include "tests/policy/signing.h"
#include "tests/tools/policy_fixture.h"
#include "tools/policy_commands.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kDigest = "sha256:" + std::string(fixtures::kHexA);
constexpr char kName[] = "registry.example.com/web/app:1.2";

class PolicyExplain : public PolicyFixture {
 protected:
  void SetUp() override {
    PolicyFixture::SetUp();
    if (IsSkipped()) return;
    // RFC 8410: the fixed beginning of an Ed25519 SubjectPublicKeyInfo.
    const std::string der = fixtures::Unhex("302a300506032b6570032100") + signer_.key().bytes;
    (void)Write("keys/ci.pub", "-----BEGIN PUBLIC KEY-----\n" + Base64Encode(der) +
                                   "\n-----END PUBLIC KEY-----\n");
    (void)Write("policy.json", R"({"version": 1,
      "trust": [{"name": "ci", "key": "keys/ci.pub", "images": ["registry.example.com/*"]}],
      "profiles": [
        {"name": "web", "match": {"images": ["registry.example.com/web/*"]}},
        {"name": "bundles", "match": {"rootfs": ["/srv/listed"]}},
        {"name": "rest", "match": {}}]})");
  }
  void AddVerdict(const nlohmann::ordered_json& statement) const {
    (void)Write("verdicts/sha256/" + std::string(fixtures::kHexA) + ".intoto.jsonl",
                fixtures::SignedText(signer_, statement) + "\n");
  }
  [[nodiscard]] std::string Explain(const std::vector<std::string>& args) const {
    const Output output = Run(PolicyExplainCommand, args);
    EXPECT_EQ(output.code, 0) << output.err;
    return output.out;
  }

  fixtures::Ed25519Signer signer_{'k'};
};

TEST_F(PolicyExplain, SaysWhatTheStoreHoldsAndWhatWouldBeDecided) {
  AddVerdict(fixtures::StatementJson());
  for (const char* by : {"--chain", "--config"}) {
    const std::string text = Explain({by, kDigest});
    EXPECT_THAT(text, HasSubstr("  verdict   PASSED of 2026-11-01T10:00:00.000Z by key \"ci\" for "
                                "\"registry.example.com/web/app:1.2\"\n"));
    EXPECT_THAT(text, HasSubstr("  profile   \"web\" (line 4, enforce), since a trusted key signed "
                                "the name \"registry.example.com/web/app:1.2\", which fits "
                                "\"registry.example.com/web/*\"\n"));
    EXPECT_THAT(text, HasSubstr("  now       allowed: verdict.passed\n"));
  }
}

TEST_F(PolicyExplain, FindsAnImageByTheNameThatWasSigned) {
  AddVerdict(fixtures::StatementJson());
  const std::string text = Explain({"--image", kName});
  EXPECT_THAT(text, HasSubstr(kDigest + "\n"));
  EXPECT_THAT(text, HasSubstr("allowed: verdict.passed"));
}

TEST_F(PolicyExplain, SaysWhatAVerdictWouldChange) {
  const std::string text = Explain({"--image", kName});
  EXPECT_THAT(text, HasSubstr("  verdicts  none on file under this name\n"));
  EXPECT_THAT(text, HasSubstr("  keys      \"ci\" may vouch\n"));
  EXPECT_THAT(text,
              HasSubstr("  signed    profile \"web\" (line 4, enforce), since a trusted key"));
  EXPECT_THAT(text,
              HasSubstr("  unsigned  profile \"rest\" (line 6, enforce), since its match is"));
  EXPECT_THAT(text, HasSubstr("  now       denied: verdict.missing\n"));
  EXPECT_THAT(Explain({"--image", "elsewhere/x"}),
              HasSubstr("  keys      none of the policy may vouch for it\n"));
}

TEST_F(PolicyExplain, ShowsWhyAVerdictDoesNotCount) {
  nlohmann::ordered_json statement = fixtures::StatementJson();
  statement["predicate"]["resourceUri"] = "elsewhere/x";
  AddVerdict(statement);
  const std::string text = Explain({"--chain", kDigest});
  EXPECT_THAT(text, HasSubstr("  verdict   refused: verdict.key-images: "));
  EXPECT_THAT(text, HasSubstr("  now       denied: verdict.key-images\n"));
  EXPECT_THAT(text, HasSubstr("  hint      runwardctl verdict show " + kDigest + "\n"));
}

TEST_F(PolicyExplain, LooksAtARootFilesystem) {
  const std::string text = Explain({"--rootfs", root_});
  EXPECT_THAT(text, HasSubstr("  image     no identity: "));
  EXPECT_THAT(text, HasSubstr("denied: image.unidentified"));
  EXPECT_THAT(Explain({"--rootfs", "/nonexistent/x"}), HasSubstr("no identity: "));
}

TEST_F(PolicyExplain, RefusesWrongUsage) {
  EXPECT_EQ(Run(PolicyExplainCommand).code, 2);
  EXPECT_EQ(Run(PolicyExplainCommand, {"--image", ""}).code, 2);
  EXPECT_EQ(Run(PolicyExplainCommand, {"--image", "a", "--chain", kDigest}).code, 2);
  EXPECT_EQ(Run(PolicyExplainCommand, {"--image", "a", "b"}).code, 2);
  EXPECT_EQ(Run(PolicyExplainCommand, {"--chain", "sha256:12"}).code, 1);
  EXPECT_EQ(Run(PolicyExplainCommand, {"--container", "gone"}).code, 1);
  std::filesystem::remove(paths_.policy);
  const Output output = Run(PolicyExplainCommand, {"--chain", kDigest});
  EXPECT_EQ(output.code, 1);
  EXPECT_THAT(output.err, HasSubstr("policy init"));
}

TEST_F(PolicyExplain, SaysWhatABundlesConfigurationWouldBecome) {
  const std::string bundle = root_ + "/bundle";
  std::filesystem::create_directories(bundle + "/rootfs");
  (void)Write("policy.json",
              R"({"version": 1, "profiles": [{"name": "plain", "match": {"rootfs": [")" +
                  std::filesystem::canonical(bundle).string() +
                  R"(/rootfs"]}, "run": {"users": ["non-root"],
      "syscalls": {"deny": ["@swap"]}}}]})");
  const auto write = [&](const char* uid) {
    std::ofstream(bundle + "/config.json")
        << R"({"root": {"path": "rootfs"}, "process": {"user": {"uid": )" << uid
        << R"(}}, "linux": {"namespaces": [{"type": "mount"}]}})";
  };
  const std::string file = std::filesystem::canonical(bundle).string() + "/config.json";
  write("0");
  std::string text = Explain({"--bundle", bundle});
  EXPECT_THAT(text, HasSubstr("control   run.users: asked for user 0; allowed: non-root"));
  EXPECT_THAT(text, HasSubstr("becomes   nothing: it does not start"));
  EXPECT_THAT(text, HasSubstr("denied: run.users"));
  write("7");
  text = Explain({"--bundle", bundle + "/config.json"});
  EXPECT_THAT(text, HasSubstr("controls  nothing asked for exceeds them"));
  EXPECT_THAT(text, HasSubstr("becomes   another text, with the changes below"));
  EXPECT_THAT(text, HasSubstr("would fail: swapoff swapon"));
  EXPECT_THAT(text, HasSubstr("\n--- " + file + "\n+++ "));
  EXPECT_THAT(text, HasSubstr("\"swapon\""));
  const std::string whole = Explain({"--bundle", bundle, "--resulting"});
  EXPECT_THAT(whole, HasSubstr(R"({"root": {"path": "rootfs"}, "process": {"user": {"uid": 7}},)"));
  EXPECT_TRUE(nlohmann::json::parse(whole)["linux"]["seccomp"].is_object());
  write("0");
  const Output refused = Run(PolicyExplainCommand, {"--bundle", bundle, "--resulting"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.out, "");
  EXPECT_THAT(refused.err, HasSubstr("it would not start: run.users"));
  EXPECT_EQ(Run(PolicyExplainCommand, {"--chain", kDigest, "--resulting"}).code, 2);
}

TEST_F(PolicyExplain, SaysOfAuditWhatEnforceModeWouldChange) {
  const std::string bundle = root_ + "/bundle";
  std::filesystem::create_directories(bundle + "/rootfs");
  (void)Write("policy.json", R"({"version": 1, "profiles": [{"name": "all", "mode": "audit",
      "match": {}, "run": {"syscalls": {"deny": ["@swap"]}}}]})");
  const std::string config = R"({"root": {"path": "rootfs"}, "process": {},
      "linux": {"namespaces": [{"type": "mount"}]}})";
  std::ofstream(bundle + "/config.json") << config;
  const std::string text = Explain({"--bundle", bundle});
  EXPECT_THAT(text, HasSubstr("becomes   itself: nothing is changed"));
  EXPECT_THAT(text, HasSubstr("enforced  it would become another, with the changes below"));
  EXPECT_THAT(text, HasSubstr("\"swapon\""));
  EXPECT_EQ(Explain({"--bundle", bundle, "--resulting"}), config);
}

}  // namespace
}  // namespace runward
