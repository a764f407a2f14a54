#include "base/encoding.h"
#include "policy/dsse.h"
#include "tests/tools/verdict_image_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class VerdictSignTest : public VerdictImageTest {
 protected:
  // What the envelope on stdout states.
  [[nodiscard]] Verdict Signed() const {
    const Result<Envelope> envelope = ParseEnvelope(out_);
    EXPECT_TRUE(envelope.ok()) << out_ << err_;
    if (!envelope.ok()) return {};
    const Result<Verdict> verdict = ParseStatement(envelope.value().payload);
    EXPECT_TRUE(verdict.ok()) << verdict.error().message;
    return verdict.ok() ? verdict.value() : Verdict();
  }
};

TEST_F(VerdictSignTest, TheFlagsAreWhatIsSigned) {
  EXPECT_EQ(Sign('a', {"--result", "warn", "--manifest", "sha256:" + Hex('b'), "--chain", Hex('c'),
                       "--diff-id", Hex('d'), "--diff-id", Hex('e'), "--time",
                       "2026-11-01T10:00:00Z", "--expires", "7d", "--verifier",
                       "https://ci.example.com", "--reason", "r1", "--reason=r2"}),
            0)
      << err_;
  const Verdict verdict = Signed();
  EXPECT_EQ(verdict.result, VerdictResult::kWarned);
  EXPECT_EQ(verdict.resource_uri, "registry.example.com/app:1");
  EXPECT_EQ(verdict.verifier_id, "https://ci.example.com");
  EXPECT_EQ(FormatTime(verdict.time_verified), "2026-11-01T10:00:00.000Z");
  EXPECT_EQ(FormatTime(verdict.expires_at.value()), "2026-11-08T10:00:00.000Z");
  EXPECT_THAT(verdict.reasons, ElementsAre("r1", "r2"));
  const Digest layers[] = {DigestOf('d'), DigestOf('e')};
  EXPECT_THAT(verdict.subjects,
              ElementsAre(DigestOf('b'), DigestOf('a'), DigestOf('c'), ChainIdOf(layers).value()));
}

TEST_F(VerdictSignTest, NothingThatIsReadIsReplaced) {
  std::filesystem::create_hard_link(Path("ci.key"), Path("link"));
  for (const auto& [file, what] :
       {std::pair("ci.key", "the signing key"), std::pair("./ci.key", "the signing key"),
        std::pair("link", "the signing key"), std::pair("policy.json", "the policy")}) {
    const std::string before = Read(Path(file));
    EXPECT_EQ(Sign('a', {"--result", "PASSED", "--out", Path(file)}), 2) << file;
    EXPECT_THAT(err_, HasSubstr("--out would replace \"" + Path(file) + "\", " + what)) << file;
    EXPECT_EQ(Read(Path(file)), before);
  }
  Write("v", "an older verdict");
  EXPECT_EQ(Sign('a', {"--result", "PASSED", "--out", Path("v")}), 0) << err_;
}

TEST_F(VerdictSignTest, TimesAreNowAndNeverUnlessGiven) {
  const Time before = Now();
  ASSERT_EQ(Sign('a', {"--result", "PASSED"}), 0);
  const Verdict verdict = Signed();
  EXPECT_GE(verdict.time_verified.ns, before.ns - 1'000'000);  // written in milliseconds
  EXPECT_LE(verdict.time_verified, Now());
  EXPECT_FALSE(verdict.expires_at);
  ASSERT_EQ(Sign('a', {"--result", "PASSED", "--expires", "2999-01-01"}), 2);  // beyond 2261
  ASSERT_EQ(Sign('a', {"--result", "PASSED", "--expires", "2100-01-01"}), 0);
  EXPECT_EQ(FormatTime(Signed().expires_at.value()), "2100-01-01T00:00:00.000Z");
}

TEST_F(VerdictSignTest, ALocalImageNeedsItsNameOnly) {
  WriteDocker({{"busybox",
                {{"busybox:1", Id(Config('a'))}, {"busybox@sha256:" + Hex('d'), Id(Config('a'))}}}},
              {Config('a')});
  EXPECT_EQ(Run({"sign", "--key", Path("ci.key"), "--image", "busybox:1", "--result", "PASSED",
                 "--docker-root", Path("docker")}),
            0)
      << err_;
  const Verdict verdict = Signed();
  EXPECT_EQ(verdict.resource_uri, "busybox:1");
  EXPECT_THAT(verdict.subjects,
              ElementsAre(DigestOf('d'), *Digest::Parse(Id(Config('a'))), DigestOf('a')));
  EXPECT_EQ(Run({"sign", "--key", Path("ci.key"), "--image", "busybox:1", "--result", "PASSED",
                 "--docker-root", Path("docker"), "--name", "x/y", "--diff-id", Hex('f')}),
            2);
  EXPECT_THAT(err_, HasSubstr("other layers"));
}

TEST_F(VerdictSignTest, AddStoresWhatWasSigned) {
  EXPECT_EQ(Sign('a', {"--result", "PASSED", "--diff-id", Hex('b'), "--add"}), 0) << err_;
  EXPECT_THAT(StoreFiles(), SizeIs(2));
  EXPECT_THAT(out_, HasSubstr("stored in"));
  EXPECT_EQ(Stored('a'), Stored('b'));
}

TEST_F(VerdictSignTest, WrongUsageSignsNothing) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> cases = {
      {{}, "--result must be"},
      {{"--result", "pass"}, "--result must be"},
      {{"--result", "REVOKED"}, "--result must be"},
      {{"--result", "PASSED", "--reason", "r"}, "belongs to WARN and FAILED"},
      {{"--result", "PASSED", "--expires", "soon"}, "neither a duration nor a time"},
      {{"--result", "PASSED", "--expires", "2020-01-01"},
       "does not lie after the verdict's own time"},
      {{"--result", "PASSED", "--expires", "0s"}, "does not lie after the verdict's own time"},
      {{"--result", "PASSED", "--time", "now"}, "RFC 3339"},
      {{"--result", "PASSED", "--config", "abc"}, "is not a digest"},
      {{"--result", "PASSED", "--name", "a b"}, "does not show"},
      {{"--result", "PASSED", "--name", "a\u202eb"}, "does not show"},
      {{"--result", "PASSED", "--name", "\xff"}, "does not show"},
      {{"--result", "PASSED", "--name", ""}, "needs --name"},
      {{"--result", "PASSED", "word"}, "takes no words"},
  };
  for (const auto& [more, message] : cases) {
    EXPECT_EQ(Sign('a', more), 2) << message;
    EXPECT_THAT(err_, HasSubstr(message));
    EXPECT_EQ(out_, "");
  }
  EXPECT_EQ(Run({"sign", "--result", "PASSED", "--key", Path("ci.key"), "--name", "x", "--manifest",
                 Hex('a')}),
            2);
  EXPECT_THAT(err_, HasSubstr("its layers or its config"));
  EXPECT_EQ(Run({"sign", "--result", "PASSED"}), 2);
  EXPECT_THAT(err_, HasSubstr("needs --key"));
}

TEST_F(VerdictSignTest, AKeyThatOthersMayReadOrOfAnotherKindSignsNothing) {
  chmod(Path("ci.key").c_str(), 0644);
  EXPECT_EQ(Sign('a', {"--result", "PASSED", "--out", Path("v")}), 1);
  EXPECT_THAT(err_, HasSubstr("others may read"));
  EXPECT_EQ(Sign('a', {"--result", "PASSED", "--key", Path("ci.pub"), "--out", Path("v")}), 1);
  EXPECT_EQ(Sign('a', {"--result", "PASSED", "--key", Path("none"), "--out", Path("v")}), 1);
  EXPECT_FALSE(std::filesystem::exists(Path("v")));
}

TEST_F(VerdictSignTest, AFileThatCannotBeWrittenIsAnErrorAndStoresNothing) {
  EXPECT_EQ(Sign('a', {"--result", "PASSED", "--out", Path("no/such/v"), "--add"}), 1);
  EXPECT_THAT(StoreFiles(), IsEmpty());
}

}  // namespace
}  // namespace runward::fixtures
