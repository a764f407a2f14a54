#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

class ReportVerifyTest : public ReportFixture {
 protected:
  void Fill(int count) const {
    for (int i = 0; i < count; ++i) Append(Denied());
  }
  void Keep(size_t lines) const {
    std::string text;
    const auto all = Lines(Read(File()));
    for (size_t i = 0; i < lines; ++i) text += all.at(i) + "\n";
    Write(File(), text);
  }
};

TEST_F(ReportVerifyTest, AnUntouchedLogPassesWithAndWithoutCheckpoints) {
  EXPECT_EQ(Run(ReportVerify).code, 0);
  Fill(3);
  const Output without = Run(ReportVerify);
  EXPECT_EQ(without.code, 0);
  EXPECT_THAT(without.out, HasSubstr("3 records verified"));
  EXPECT_THAT(without.out, HasSubstr("no checkpoints"));
  ASSERT_EQ(Run(ReportCheckpoint).code, 0);
  const Output with = Run(ReportVerify);
  EXPECT_EQ(with.code, 0);
  EXPECT_THAT(with.out, HasSubstr("1 checkpoint verified"));
}

TEST_F(ReportVerifyTest, NamesTheFirstBadLine) {
  Fill(4);
  Replace(File(), "verdict.missing", "verdict.passing");
  const Output output = Run(ReportVerify);
  EXPECT_EQ(output.code, 2);
  EXPECT_THAT(output.out, HasSubstr("events.jsonl, line 1: changed: record 1"));
  EXPECT_THAT(output.out, HasSubstr("NOT INTACT"));
}

TEST_F(ReportVerifyTest, FindsWhatWasRemovedBeforeTheLastCheckpointOnly) {
  Fill(3);
  ASSERT_EQ(Run(ReportCheckpoint).code, 0);
  Fill(2);
  Keep(3);  // after the checkpoint: the documented limit
  EXPECT_EQ(Run(ReportVerify).code, 0);
  Keep(2);
  const Output output = Run(ReportVerify);
  EXPECT_EQ(output.code, 2);
  EXPECT_THAT(output.out, HasSubstr("cut off: checkpoint 1"));
  Fill(5);
  EXPECT_EQ(Run(ReportVerify).code, 2);
}

TEST_F(ReportVerifyTest, TheCheckpointsCanBeACopyKeptElsewhereWithItsKey) {
  Fill(3);
  ASSERT_EQ(Run(ReportCheckpoint).code, 0);
  std::filesystem::rename(Log() + "/checkpoints.jsonl", base_ + "/copy");
  std::filesystem::rename(base_ + "/checkpoint.pub", base_ + "/pub");
  const std::vector<std::string> args = {"--checkpoints", base_ + "/copy", "--pub", base_ + "/pub"};
  EXPECT_EQ(Run(ReportVerify, args).code, 0);
  Keep(2);
  EXPECT_EQ(Run(ReportVerify).code, 0);  // the host's own copy is gone
  EXPECT_EQ(Run(ReportVerify, args).code, 2);
  EXPECT_EQ(Run(ReportVerify, {"--checkpoints", base_ + "/none"}).code, 1);
}

TEST_F(ReportVerifyTest, AForgedCheckpointIsFound) {
  Fill(1);
  ASSERT_EQ(Run(ReportCheckpoint).code, 0);
  Replace(Log() + "/checkpoints.jsonl", "\"seq\":1", "\"seq\":0");
  const Output output = Run(ReportVerify);
  EXPECT_EQ(output.code, 2);
  EXPECT_THAT(output.out, HasSubstr("checkpoints.jsonl, line 1: changed: its signature"));
}

TEST_F(ReportVerifyTest, CheckpointsWithoutTheirKeyAreAnError) {
  Fill(1);
  ASSERT_EQ(Run(ReportCheckpoint).code, 0);
  std::filesystem::remove(base_ + "/checkpoint.pub");
  EXPECT_EQ(Run(ReportVerify).code, 1);
  EXPECT_EQ(Run(ReportVerify, {"--what"}).code, 2);
}

TEST_F(ReportVerifyTest, ATornWriteIsANote) {
  Fill(1);
  Add(File(), "{\"unmapped\":{\"run");
  Fill(1);
  const Output output = Run(ReportVerify);
  EXPECT_EQ(output.code, 0);
  EXPECT_THAT(output.out, HasSubstr("note: 1 unfinished write, 17 bytes in all"));
}

}  // namespace
}  // namespace runward
