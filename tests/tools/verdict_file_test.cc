#include "tools/verdict_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "tests/policy/signing.h"
#include "tests/tools/verdict_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using Json = nlohmann::ordered_json;

class VerdictFileTest : public VerdictCommandTest {
 protected:
  // A verdict about the digests `fills`, of the given day of November 2026.
  [[nodiscard]] std::string Line(const std::string& fills, int day,
                                 const std::string& name = "app") const {
    Json json = StatementJson();
    json["subject"] = Json::array();
    for (char fill : fills) json["subject"].push_back({{"digest", {{"sha256", Hex(fill)}}}});
    json["predicate"]["timeVerified"] =
        "2026-11-" + std::to_string(100 + day).substr(1) + "T10:00:00Z";
    json["predicate"]["resourceUri"] = name;
    return SignedText(signer_, json);
  }
  Result<std::vector<std::string>> Add(const std::string& lines) {
    return AddToStore(paths_, trust_, ReadNewEnvelopes(lines, trust_));
  }
  static size_t Lines(const std::string& text) {
    return static_cast<size_t>(std::ranges::count(text, '\n'));
  }

  Ed25519Signer signer_{'c'};
  std::vector<TrustedKey> trust_ = {Trusted("ci", signer_.key())};
};

TEST_F(VerdictFileTest, AVerdictLiesUnderEveryDigestItSpeaksOf) {
  const auto files = Add(Line("ab", 1));
  ASSERT_TRUE(files.ok()) << files.error().message;
  EXPECT_THAT(files.value(), SizeIs(2));
  EXPECT_EQ(Stored('a'), Line("ab", 1) + "\n");
  EXPECT_EQ(Stored('b'), Stored('a'));
  struct stat info {};
  ASSERT_EQ(stat(VerdictFile(paths_, DigestOf('a')).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0644U);
  EXPECT_THAT(StoreFiles(), SizeIs(2));
}

TEST_F(VerdictFileTest, WhatIsThereAlreadyIsNotAddedAgain) {
  ASSERT_TRUE(Add(Line("a", 1)).ok());
  const auto again = Add(Line("a", 1) + "\n" + Line("a", 1));
  ASSERT_TRUE(again.ok());
  EXPECT_THAT(again.value(), IsEmpty());
  EXPECT_EQ(Lines(Stored('a')), 1);
}

TEST_F(VerdictFileTest, ABundleIsStoredAsTheEnvelopeInIt) {
  const Json bundle = {{"mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json"},
                       {"verificationMaterial", {{"publicKey", {{"hint", "x"}}}}},
                       {"dsseEnvelope", Json::parse(Line("a", 1))}};
  ASSERT_TRUE(Add(bundle.dump(2)).ok());
  EXPECT_EQ(Stored('a'), Line("a", 1) + "\n");
}

TEST_F(VerdictFileTest, SupersededVerdictsAreKeptInSmallNumber) {
  std::string text;
  for (int day = 1; day <= 10; ++day) text = MergeVerdicts(text, Line("a", day), trust_).value();
  EXPECT_EQ(Lines(text), 1 + kKeptSuperseded);
  EXPECT_THAT(text, HasSubstr(Line("a", 10)));
  EXPECT_THAT(text, HasSubstr(Line("a", 9)));
  EXPECT_THAT(text, ::testing::Not(HasSubstr(Line("a", 5))));
}

TEST_F(VerdictFileTest, AnOlderVerdictOfAnotherNameOrAnUnknownKeyStays) {
  std::string text = Line("a", 1, "other") + "\nbroken\n" +
                     SignedText(Ed25519Signer('x'), StatementJson()) + "\n" +
                     SignedText(signer_, RevocationJson()) + "\n";
  const std::string before = text;
  for (int day = 3; day <= 20; ++day) text = MergeVerdicts(text, Line("a", day), trust_).value();
  EXPECT_TRUE(text.starts_with(before));
  EXPECT_EQ(Lines(text), 4 + 1 + kKeptSuperseded);
}

TEST_F(VerdictFileTest, AnOlderVerdictAddedLaterDropsNoNewerOne) {
  std::string text;
  for (int day = 20; day >= 1; --day) text = MergeVerdicts(text, Line("a", day), trust_).value();
  EXPECT_EQ(Lines(text), 1 + kKeptSuperseded);
  EXPECT_THAT(text, HasSubstr(Line("a", 20)));
}

TEST_F(VerdictFileTest, ThereIsRoomForAMebibyteAndThenSupersededOnesGoFirst) {
  const std::string foreign(kMaxVerdictFile - 2 * Line("a", 1).size(), 'x');
  std::string text = MergeVerdicts(foreign + "\n", Line("a", 1), trust_).value();
  text = MergeVerdicts(text, Line("a", 2), trust_).value();
  EXPECT_EQ(Lines(text), 2);  // the first gave way
  EXPECT_THAT(text, HasSubstr(Line("a", 2)));
  EXPECT_LE(text.size(), kMaxVerdictFile);
  const auto full = MergeVerdicts(text, Line("a", 1, std::string(900, 'n')), trust_);
  ASSERT_FALSE(full.ok());
  EXPECT_THAT(full.error().message, HasSubstr("more than the"));
}

TEST_F(VerdictFileTest, AFailureAtTheSecondFileTakesBackTheFirst) {
  ASSERT_TRUE(Add(Line("a", 1)).ok());
  const std::string before = Stored('a');
  // A directory in the place of the second file: read as an error before anything is written.
  std::filesystem::create_directory(VerdictFile(paths_, DigestOf('b')));
  EXPECT_FALSE(Add(Line("ab", 2)).ok());
  EXPECT_EQ(Stored('a'), before);
  EXPECT_THAT(StoreFiles(), SizeIs(1));
}

TEST_F(VerdictFileTest, AFullDiskLeavesTheStoreAsItWas) {
  ASSERT_TRUE(Add(Line("a", 1)).ok());
  const std::string before = Stored('a');
  // The second file grows past the limit, the first does not.
  ASSERT_TRUE(Add(Line("b", 1) + "\n" + Line("b", 1, "x") + "\n" + Line("b", 1, "y")).ok());
  const std::string second = Stored('b');
  const std::string line = Line("ab", 2);
  struct rlimit old {};
  getrlimit(RLIMIT_FSIZE, &old);
  struct rlimit small = old;
  small.rlim_cur = second.size() + line.size() / 2;
  ASSERT_LT(before.size() + line.size() + 1, small.rlim_cur) << "the test shows nothing";
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const auto added = Add(line);
  setrlimit(RLIMIT_FSIZE, &old);
  (void)std::signal(SIGXFSZ, previous);
  ASSERT_FALSE(added.ok());
  EXPECT_THAT(added.error().message, HasSubstr("write"));
  EXPECT_EQ(Stored('a'), before);
  EXPECT_EQ(Stored('b'), second);
  EXPECT_THAT(StoreFiles(), SizeIs(2));
}

TEST_F(VerdictFileTest, ManyAtOnceLoseNothing) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      EXPECT_TRUE(AddToStore(paths_, trust_,
                             ReadNewEnvelopes(Line("a", 1, "app" + std::to_string(i)), trust_))
                      .ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Lines(Stored('a')), 8);
  EXPECT_THAT(StoreFiles(), SizeIs(1));
}

TEST_F(VerdictFileTest, AnUnacceptedEnvelopeKeepsItsReason) {
  const auto envelopes = ReadNewEnvelopes(
      "broken\n" + SignedText(Ed25519Signer('x'), StatementJson()) + "\n" + Line("a", 1), trust_);
  ASSERT_THAT(envelopes, SizeIs(3));
  EXPECT_EQ(envelopes[0].checked.rule, "verdict.malformed");
  EXPECT_EQ(envelopes[1].checked.rule, "verdict.untrusted");
  EXPECT_TRUE(envelopes[2].checked.verdict);
}

}  // namespace
}  // namespace runward::fixtures
