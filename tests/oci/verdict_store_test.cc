#include "oci/verdict_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "tests/policy/signing.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Digest DigestOf(char fill) { return Digest::FromHex(std::string(64, fill)).value(); }

class VerdictStore : public ::testing::Test {
 protected:
  // /run: a directory above that others may write is itself a case.
  VerdictStore() {
    if (mkdtemp(root_.data()) == nullptr) std::abort();
    paths_ = PathsFor(root_);
    if (!MakeDirectories(paths_.verdicts + "/sha256", false).ok()) std::abort();
    policy_.trust = {Trusted("ci", ci_.key())};
  }
  ~VerdictStore() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  void Store(const Digest& digest, const std::string& text) const {
    std::ofstream(VerdictFile(paths_, digest)) << text;
    chmod(VerdictFile(paths_, digest).c_str(), 0644);
  }
  [[nodiscard]] std::vector<FoundEnvelopes> Load() const {
    auto found = LoadVerdicts(paths_, policy_, image_);
    EXPECT_TRUE(found.ok()) << found.error().message;
    return found.ok() ? std::move(found).value() : std::vector<FoundEnvelopes>();
  }
  [[nodiscard]] std::string Failure() const {
    const auto found = LoadVerdicts(paths_, policy_, image_);
    return found.ok() ? "loaded" : found.error().message;
  }

  std::string root_ = geteuid() == 0 ? "/run/runward-test-XXXXXX" : "/tmp/runward-test-XXXXXX";
  Paths paths_;
  Ed25519Signer ci_{'c'};
  Policy policy_;
  ImageEvidence image_{.chain = DigestOf('a'),
                       .prefixes = {DigestOf('d'), DigestOf('e'), DigestOf('a')},
                       .configs = {DigestOf('b'), DigestOf('c')}};
  std::string passed_ = SignedText(ci_, StatementJson()) + "\n";
};

TEST_F(VerdictStore, AnEmptyOrMissingStoreHoldsNothing) {
  EXPECT_THAT(Load(), IsEmpty());
  std::filesystem::remove_all(paths_.verdicts);
  EXPECT_THAT(Load(), IsEmpty());
}

TEST_F(VerdictStore, TheChainAndEveryConfigAreLookedUp) {
  Store(DigestOf('a'), passed_);
  Store(DigestOf('c'), passed_ + passed_);
  Store(DigestOf('f'), passed_);  // another image's
  const auto found = Load();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].digest, DigestOf('a'));
  ASSERT_THAT(found[0].envelopes, SizeIs(1));
  EXPECT_EQ(found[0].envelopes[0].key, "ci");
  EXPECT_TRUE(found[0].envelopes[0].verdict);
  EXPECT_EQ(found[1].digest, DigestOf('c'));
  EXPECT_THAT(found[1].envelopes, SizeIs(2));
}

TEST_F(VerdictStore, ABaseChainIsLookedUpWhenAProfileNamesItAndTheImageStandsOnIt) {
  Store(DigestOf('d'), passed_);
  Store(DigestOf('e'), passed_);
  Store(DigestOf('f'), passed_);
  EXPECT_THAT(Load(), IsEmpty());
  Profile profile;
  profile.match.base_chains = {DigestOf('d'), DigestOf('f')};
  policy_.profiles = {profile, profile};
  const auto found = Load();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].digest, DigestOf('d'));
}

TEST_F(VerdictStore, AnImageWithoutIdentityHasNoVerdicts) {
  Store(DigestOf('a'), passed_);
  image_ = {};
  EXPECT_THAT(Load(), IsEmpty());
}

TEST_F(VerdictStore, WhatDoesNotCountIsKeptWithItsReason) {
  Store(DigestOf('a'), "broken\n" + SignedText(Ed25519Signer('x'), StatementJson()) + "\n");
  const auto found = Load();
  ASSERT_THAT(found, SizeIs(1));
  ASSERT_THAT(found[0].envelopes, SizeIs(2));
  EXPECT_EQ(found[0].envelopes[0].rule, "verdict.malformed");
  EXPECT_EQ(found[0].envelopes[1].rule, "verdict.untrusted");
}

TEST_F(VerdictStore, AFileThatCannotBeTrustedIsAnErrorAndNotAMissingVerdict) {
  const std::string path = VerdictFile(paths_, DigestOf('b'));
  const auto replace = [&](const auto& make) {
    std::filesystem::remove_all(path);
    make();
    const std::string failure = Failure();
    EXPECT_THAT(failure, HasSubstr(path));
    return failure;
  };
  EXPECT_THAT(replace([&] { ASSERT_EQ(symlink("/dev/null", path.c_str()), 0); }),
              HasSubstr("symbolic link"));
  EXPECT_THAT(replace([&] { ASSERT_EQ(symlink("nowhere", path.c_str()), 0); }),
              HasSubstr("symbolic link"));
  EXPECT_THAT(replace([&] { ASSERT_EQ(mkfifo(path.c_str(), 0644), 0); }),
              HasSubstr("not a regular file"));
  EXPECT_THAT(replace([&] { ASSERT_EQ(mkdir(path.c_str(), 0755), 0); }),
              HasSubstr("not a regular file"));
  EXPECT_THAT(replace([&] { Store(DigestOf('b'), std::string(kMaxVerdictFile + 1, '\n')); }),
              HasSubstr("larger than"));
  EXPECT_THAT(replace([&] {
                Store(DigestOf('b'), passed_);
                chmod(path.c_str(), 0666);
              }),
              HasSubstr("may write it"));
}

TEST_F(VerdictStore, ADirectoryThatOthersMayWriteIsAnError) {
  Store(DigestOf('a'), passed_);
  chmod(paths_.verdicts.c_str(), 0777);
  EXPECT_THAT(Failure(), HasSubstr("may write it"));
}

TEST_F(VerdictStore, NoDirectoryIsListed) {
  constexpr uid_t kNobody = 65534;
  Store(DigestOf('a'), passed_);
  // A directory that can be searched and not read shows it, to a user whom permissions bind.
  chmod((paths_.verdicts + "/sha256").c_str(), 0311);
  const bool root = geteuid() == 0;
  if (root) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
      ASSERT_EQ(lchown(entry.path().c_str(), kNobody, kNobody), 0);
    }
    ASSERT_EQ(chown(root_.c_str(), kNobody, kNobody), 0);
    ASSERT_EQ(seteuid(kNobody), 0);
  }
  std::error_code error;
  const std::filesystem::directory_iterator listing(paths_.verdicts + "/sha256", error);
  const auto found = Load();
  ASSERT_EQ(root ? seteuid(0) : 0, 0);
  EXPECT_TRUE(error) << "the test shows nothing";
  EXPECT_THAT(found, SizeIs(1));
}

}  // namespace
}  // namespace runward::fixtures
