#include "tools/policy_subject.h"

#include "oci/record.h"
#include "tests/policy/signing.h"
#include "tests/tools/policy_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

const std::string kDigest = "sha256:" + std::string(fixtures::kHexA);

class PolicySubjectOf : public PolicyFixture {
 protected:
  void Record(const std::string& id, const std::string& bundle) const {
    const auto made = CreateRecord(paths_, {.id = id,
                                            .root = root_ + "/state",
                                            .bundle = bundle,
                                            .event = "abc",
                                            .time = "2026-11-22T10:00:00.000Z",
                                            .rule = "verdict.passed",
                                            .profile = "web",
                                            .policy_sha256 = std::string(64, '0'),
                                            .image = "r/web",
                                            .image_chain = kDigest});
    ASSERT_TRUE(made.ok()) << made.error().message;
  }
};

TEST_F(PolicySubjectOf, AContainerIsWhatIsMountedNow) {
  (void)Write("bundle/config.json", R"({"root": {"path": "rootfs"}, "process": {"args": ["x"]}})");
  std::filesystem::create_directories(root_ + "/bundle/rootfs");
  Record("c1", root_ + "/bundle");
  const auto subjects = ContainerSubjects(paths_, "c");
  ASSERT_TRUE(subjects.ok()) << subjects.error().message;
  ASSERT_EQ(subjects.value().size(), 1U);
  const PolicySubject& subject = subjects.value()[0];
  EXPECT_THAT(subject.title, HasSubstr("container \"c1\", started by event abc"));
  EXPECT_FALSE(subject.image.chain) << "the rootfs is a directory, whatever was recorded";
  EXPECT_NE(subject.image.why, "");
}

TEST_F(PolicySubjectOf, AContainerWithoutABundleIsWhatWasRecorded) {
  Record("c1", root_ + "/gone");
  const auto subjects = ContainerSubjects(paths_, "c1");
  ASSERT_TRUE(subjects.ok()) << subjects.error().message;
  EXPECT_EQ(subjects.value().at(0).image.chain, Digest::Parse(kDigest));
  EXPECT_EQ(subjects.value().at(0).notes.size(), 2U);
  EXPECT_FALSE(ContainerSubjects(paths_, "c2").ok());
}

TEST_F(PolicySubjectOf, ANameIsEveryDigestFiledUnderIt) {
  const fixtures::Ed25519Signer signer('k');
  nlohmann::ordered_json other = fixtures::StatementJson();
  other["predicate"]["resourceUri"] = "r/other";
  const std::string web = fixtures::SignedText(signer, fixtures::StatementJson());
  const std::string store = "verdicts/sha256/";
  (void)Write(store + std::string(fixtures::kHexA) + ".intoto.jsonl", "junk\n" + web + "\n");
  (void)Write(store + std::string(fixtures::kHexB) + ".intoto.jsonl",
              fixtures::SignedText(signer, other) + "\n");
  (void)Write(store + "README", web);
  const auto subjects = NamedSubjects(paths_, "registry.example.com/web/app:1.2", 10);
  ASSERT_TRUE(subjects.ok());
  ASSERT_EQ(subjects.value().size(), 1U);
  EXPECT_EQ(subjects.value()[0].title, kDigest);
  EXPECT_TRUE(NamedSubjects(paths_, "registry.example.com/web/app:1.2", 0).value().empty());
  EXPECT_TRUE(NamedSubjects(PathsFor(root_ + "/none"), "x", 10).value().empty());
}

TEST_F(PolicySubjectOf, ADigestIsNothingElse) {
  EXPECT_TRUE(DigestSubject(kDigest).ok());
  for (const std::string& bad : {std::string(), std::string("sha256:"), kDigest + "a"}) {
    EXPECT_FALSE(DigestSubject(bad).ok());
  }
}

}  // namespace
}  // namespace runward
