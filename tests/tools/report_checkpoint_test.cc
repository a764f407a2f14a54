#include <sys/stat.h>

#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class ReportCheckpointTest : public ReportFixture {
 protected:
  [[nodiscard]] std::vector<std::string> Checkpoints() const {
    return Lines(Read(Log() + "/checkpoints.jsonl"));
  }
};

TEST_F(ReportCheckpointTest, SignsAlsoWhenNothingHappened) {
  ASSERT_EQ(Run(ReportCheckpoint).code, 0);
  ASSERT_EQ(Run(ReportCheckpoint, {"--quiet"}).out, "");
  Append(Denied());
  EXPECT_THAT(Run(ReportCheckpoint).out, HasSubstr("checkpoint 3"));
  EXPECT_THAT(Checkpoints(), SizeIs(3));
  EXPECT_THAT(Checkpoints()[1], HasSubstr("\"number\":2,\"seq\":0"));
  EXPECT_THAT(Checkpoints()[2], HasSubstr("\"number\":3,\"seq\":1"));
  EXPECT_EQ(Run(ReportVerify).code, 0);
}

TEST_F(ReportCheckpointTest, MakesAPrivateKeyOnceAndUsesItAgain) {
  ASSERT_EQ(Run(ReportCheckpoint).code, 0);
  const std::string key = Read(base_ + "/checkpoint.key");
  struct stat info {};
  ASSERT_EQ(stat((base_ + "/checkpoint.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
  ASSERT_EQ(Run(ReportCheckpoint).code, 0);
  EXPECT_EQ(Read(base_ + "/checkpoint.key"), key);
}

TEST_F(ReportCheckpointTest, DoesNotApproveOfALogThatWasChanged) {
  for (int i = 0; i < 3; ++i) Append(Denied());
  ASSERT_EQ(Run(ReportCheckpoint).code, 0);
  const std::string whole = Read(File());
  const auto lines = Lines(whole);
  Write(File(), lines[0] + "\n" + lines[1] + "\n");
  const Output cut = Run(ReportCheckpoint);
  EXPECT_EQ(cut.code, 1);
  EXPECT_THAT(cut.err, HasSubstr("cut off"));
  Write(File(), whole);
  Replace(File(), lines[2].substr(lines[2].find("web-1"), 5), "web-2");
  Append(Denied());
  EXPECT_EQ(Run(ReportCheckpoint).code, 1);
  EXPECT_THAT(Checkpoints(), SizeIs(1));
}

TEST_F(ReportCheckpointTest, AKeyThatIsGoneIsNotReplacedBehindAnyonesBack) {
  ASSERT_EQ(Run(ReportCheckpoint).code, 0);
  std::filesystem::remove(base_ + "/checkpoint.key");
  EXPECT_EQ(Run(ReportCheckpoint).code, 1);
  EXPECT_THAT(Run(ReportCheckpoint).err, HasSubstr("is gone"));
}

TEST_F(ReportCheckpointTest, AKeyThatOthersCanReadIsRefused) {
  ASSERT_EQ(Run(ReportCheckpoint).code, 0);
  chmod((base_ + "/checkpoint.key").c_str(), 0640);
  EXPECT_EQ(Run(ReportCheckpoint).code, 1);
  EXPECT_EQ(Run(ReportCheckpoint, {"word"}).code, 2);
}

}  // namespace
}  // namespace runward
