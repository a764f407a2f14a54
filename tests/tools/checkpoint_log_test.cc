#include "tools/checkpoint_log.h"

#include "base/encoding.h"
#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CheckpointLogTest : public ReportFixture {
 protected:
  // A file of checkpoints, each linked to the one before, of the given record numbers.
  void Make(const std::vector<int64_t>& seqs) {
    std::string before;
    lines_.clear();
    for (int64_t seq : seqs) {
      Checkpoint one{.number = static_cast<int64_t>(lines_.size()) + 1,
                     .seq = seq,
                     .head = std::string(64, 'a'),
                     .time = Time{static_cast<int64_t>(lines_.size()) + 1},
                     .prev = before.empty() ? std::string(kNoRecord) : Sha256Hex(before)};
      before = SignCheckpoint(one, key_);
      lines_.push_back(before);
    }
    Save();
  }
  void Save() const {
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    Write(path_, text);
  }
  [[nodiscard]] CheckpointLog Log() const {
    auto log = ReadCheckpoints(path_, PublicKey{KeyAlgorithm::kEd25519, key_.public_bytes()});
    EXPECT_TRUE(log.ok());
    return std::move(log).value();
  }
  [[nodiscard]] std::string First() const {
    const CheckpointLog log = Log();
    if (log.problems.empty()) return "";
    return std::to_string(log.problems[0].line) + ": " + log.problems[0].what;
  }

  SigningKey key_ = SigningKey::Generate();
  std::string path_ = base_ + "/checkpoints.jsonl";
  std::vector<std::string> lines_;
};

TEST_F(CheckpointLogTest, ReadsAWholeFile) {
  EXPECT_THAT(Log().checkpoints, IsEmpty());
  Make({0, 4, 4, 9});
  EXPECT_EQ(First(), "");
  EXPECT_THAT(Log().checkpoints, SizeIs(4));
  const auto heads = ExpectedHeads(Log().checkpoints);
  ASSERT_THAT(heads, SizeIs(3));  // nothing stands behind record 0
  EXPECT_EQ(heads.back().seq, 9);
}

TEST_F(CheckpointLogTest, FindsWhatWasDoneToIt) {
  Make({1, 2, 3, 4});
  const auto whole = lines_;
  lines_[1][20] = '9';
  Save();
  EXPECT_THAT(First(), HasSubstr("2: changed: its signature"));
  lines_ = {whole[0], whole[2], whole[3]};
  Save();
  EXPECT_EQ(First(), "2: removed: checkpoint 2 should stand before this line");
  lines_ = {whole[0], whole[2], whole[1], whole[3]};
  Save();
  EXPECT_THAT(First(), HasSubstr("2: removed: checkpoint 2"));
  Make({1, 5, 3});
  EXPECT_THAT(First(), HasSubstr("3: cut off: checkpoint 3 signed record 3 after record 5"));
}

TEST_F(CheckpointLogTest, AnUnfinishedLineIsNotedAndCutOffByTheNext) {
  Make({1, 2});
  Add(path_, "{\"runward");
  EXPECT_EQ(First(), "");
  EXPECT_THAT(Log().notes, SizeIs(1));
  const auto file = CheckpointFile::Open(path_);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file.value().Append("line").ok());
  EXPECT_EQ(Read(path_), lines_[0] + "\n" + lines_[1] + "\nline\n");
}

TEST_F(CheckpointLogTest, ALongFileLosesItsOlderHalf) {
  Write(path_, std::string(5'000'000, 'a') + "\n" + std::string(5'000'000, 'b') + "\nlast\n");
  const auto file = CheckpointFile::Open(path_);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file.value().Append("next").ok());
  EXPECT_EQ(Read(path_), "last\nnext\n");
}

TEST_F(CheckpointLogTest, TwoSignersAtOnceAreRefused) {
  const auto first = CheckpointFile::Open(path_);
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(CheckpointFile::Open(path_).ok());
}

}  // namespace
}  // namespace runward
