#include "policy/verdict.h"
#include "tests/tools/verdict_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class VerdictRevokeTest : public VerdictCommandTest {
 protected:
  int Revoke(const std::string& digest, const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"revoke", digest, "--key", Path("ci.key"), "--reason", "leak"};
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  }
  // The revocation on file for a digest.
  [[nodiscard]] std::optional<Verdict> Found(char fill) const {
    const PublicKey key = ParsePublicKeyPem(Read(Path("ci.pub"))).value();
    const std::vector<TrustedKey> trust = {{.name = "ci", .key = key, .images = {"*"}}};
    for (const CheckedEnvelope& checked : CheckEnvelopes(Stored(fill), trust)) {
      const bool revoked = checked.verdict && checked.verdict->result == VerdictResult::kRevoked;
      if (revoked) return checked.verdict;
    }
    return std::nullopt;
  }
};

TEST_F(VerdictRevokeTest, AnImageIsRevokedUnderEveryDigestOfItsVerdicts) {
  ASSERT_EQ(Sign('a', {"--result", "PASSED", "--diff-id", Hex('b'), "--add"}), 0) << err_;
  EXPECT_EQ(Revoke(Hex('a')), 0) << err_;
  for (char fill : {'a', 'b'}) {
    const auto revocation = Found(fill);
    ASSERT_TRUE(revocation) << fill;
    EXPECT_THAT(revocation->reasons, ::testing::ElementsAre("leak"));
    EXPECT_THAT(revocation->revokes, IsEmpty());
  }
}

TEST_F(VerdictRevokeTest, AnImageWithoutVerdictsCanBeRevokedAhead) {
  EXPECT_EQ(Revoke("sha256:" + Hex('d'), {"--out", Path("r")}), 0) << err_;
  EXPECT_TRUE(Found('d'));
  EXPECT_EQ(Read(Path("r")), Stored('d'));  // for the other nodes
}

TEST_F(VerdictRevokeTest, OnePayloadAloneCanBeRevoked) {
  EXPECT_EQ(Revoke(Hex('a'), {"--payload", Hex('e')}), 0) << err_;
  EXPECT_THAT(Found('a')->revokes, ::testing::ElementsAre(Hex('e')));
}

TEST_F(VerdictRevokeTest, AnotherImagesVerdictInTheFileWidensNothing) {
  ASSERT_EQ(Sign('c', {"--result", "PASSED", "--out", Path("v")}), 0);
  Write("verdicts/sha256/" + Hex('a') + ".intoto.jsonl", Read(Path("v")));
  EXPECT_EQ(Revoke(Hex('a')), 0) << err_;
  EXPECT_FALSE(Found('c'));
}

TEST_F(VerdictRevokeTest, WrongUsageAndStrangersRevokeNothing) {
  EXPECT_EQ(Revoke("busybox"), 2);
  EXPECT_THAT(err_, HasSubstr("is not a digest"));
  EXPECT_EQ(Run({"revoke", Hex('a'), "--key", Path("ci.key")}), 2);
  EXPECT_THAT(err_, HasSubstr("--reason"));
  EXPECT_EQ(Revoke(Hex('a'), {"--payload", "x"}), 2);
  ASSERT_EQ(Run({"keygen", "--out", Path("stranger")}), 0);
  EXPECT_EQ(Revoke(Hex('a'), {"--key", Path("stranger.key")}), 2);
  EXPECT_THAT(err_, HasSubstr("verdict.untrusted"));
  EXPECT_THAT(StoreFiles(), IsEmpty());
}

}  // namespace
}  // namespace runward::fixtures
