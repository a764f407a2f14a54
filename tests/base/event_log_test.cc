#include "base/event_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <functional>

#include "base/encoding.h"
#include "base/event_files.h"
#include "base/event_link.h"
#include "base/fd.h"
#include "base/json.h"
#include "tests/base/event_directory.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EventLog : public EventDirectory {
 protected:
  void Append(int count = 1) const {
    for (int i = 0; i < count; ++i) {
      const Result<void> done = AppendEvent(Log(), Denied(), options_);
      ASSERT_TRUE(done.ok()) << done.error().message;
    }
  }
  [[nodiscard]] std::string Refusal() const {
    const Result<void> done = AppendEvent(Log(), Denied(), options_);
    return done.ok() ? "" : done.error().message;
  }
  // The whole chain, rotated files first; fails the test where a link does not hold.
  void ExpectChain(const std::vector<std::string>& lines, int64_t first_seq = 1) const {
    for (size_t i = 0; i < lines.size(); ++i) {
      const auto link = ParseLink(lines[i]);
      ASSERT_TRUE(link.has_value()) << lines[i];
      EXPECT_EQ(link->seq, first_seq + static_cast<int64_t>(i));
      if (i > 0) {
        EXPECT_EQ(link->prev, Sha256Hex(lines[i - 1]));
      }
    }
  }
  [[nodiscard]] std::vector<std::string> AllLines() const {
    std::string text;
    const UniqueFd fd(open(Log().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (const RotatedFile& file : ListRotated(fd.get()).value())
      text += Read(Log() + "/" + file.name);
    return Lines(text + Read(File()));
  }

  EventLogOptions options_;
};

TEST_F(EventLog, MakesAPrivateDirectoryAndLinksTheFirstRecordToNothing) {
  Append();
  struct stat info {};
  ASSERT_EQ(stat(Log().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700U);
  ASSERT_EQ(stat(File().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
  const auto link = ParseLink(Lines(Read(File())).at(0));
  ASSERT_TRUE(link.has_value());
  EXPECT_EQ(link->seq, 1);
  EXPECT_EQ(link->prev, kNoRecord);
}

TEST_F(EventLog, EveryRecordIsOneLineOfJsonAndNamesTheLineBefore) {
  options_.fdatasync = true;
  Append(5);
  const auto lines = Lines(Read(File()));
  ASSERT_THAT(lines, SizeIs(5));
  ExpectChain(lines);
  for (const std::string& line : lines) EXPECT_TRUE(JsonDocument::Parse(line).ok()) << line;
}

TEST_F(EventLog, RotatesWithoutBreakingTheChain) {
  options_.rotate_bytes = 4000;
  Append(12);
  const auto lines = AllLines();
  EXPECT_THAT(lines, SizeIs(12));
  ExpectChain(lines);
  struct stat info {};
  ASSERT_EQ(stat(File().c_str(), &info), 0);
  EXPECT_LE(info.st_size, 4000);
}

TEST_F(EventLog, KeepsSoManyRotatedFilesAndSaysWhatItDropped) {
  options_.rotate_bytes = 1;
  options_.keep = 2;
  Append(6);
  const auto lines = AllLines();
  ASSERT_THAT(lines, SizeIs(3));
  ExpectChain(lines, 4);
  EXPECT_EQ(ParseLink(lines.back())->dropped_to, 3);
}

// As a call is logged that is refused before any policy was read: whoever may make such calls has
// no say in what is kept.
TEST_F(EventLog, IsNeitherRotatedNorDroppedWhereNoPolicySaysSo) {
  options_.rotate_bytes = 1;
  Append(20);
  options_ = {};
  std::filesystem::remove(File());
  Append();
  EXPECT_THAT(AllLines(), SizeIs(20));
  std::filesystem::resize_file(File(), 100'000'000);
  Add(File(), "\n");
  Append(2);  // the first closes what is torn
  EXPECT_GT(std::filesystem::file_size(File()), 100'000'000U);
}

TEST_F(EventLog, ContinuesFromTheRotatedFileWhenTheNewOneIsMissing) {
  options_.rotate_bytes = 1;
  Append(3);
  std::filesystem::remove(File());
  Append();
  const auto lines = AllLines();
  ASSERT_THAT(lines, SizeIs(3));  // the third record is gone, and the checkpoints know
  ExpectChain(lines);
}

TEST_F(EventLog, ClosesWhatADyingWriterLeftAndCountsIt) {
  Append(2);
  const std::string whole = Read(File());
  const std::string torn = Lines(whole)[1].substr(0, 300);
  Add(File(), torn);
  Append(2);
  const auto lines = Lines(Read(File()));
  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_EQ(lines[2], torn + "#torn");
  EXPECT_EQ(ParseLink(lines[3])->torn_bytes, 300);
  ExpectChain({lines[0], lines[1], lines[3], lines[4]});
}

TEST_F(EventLog, ARecordWithoutItsNewlineWasNeverWritten) {
  Append(2);
  const std::string whole = Read(File());
  Write(File(), whole.substr(0, whole.size() - 1));
  Append();
  const auto lines = Lines(Read(File()));
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_FALSE(ParseLink(lines[1]).has_value());
  ExpectChain({lines[0], lines[2]});
}

TEST_F(EventLog, SurvivesAnEndOfGarbage) {
  Append(2);
  Add(File(), std::string(300000, '\0') + "\n{}\n");
  Append();
  EXPECT_EQ(ParseLink(Lines(Read(File())).back())->seq, 3);
  EXPECT_EQ(ParseLink(Lines(Read(File())).back())->torn_bytes, 300004);
}

TEST_F(EventLog, AFullDiskLeavesNoPartOfARecord) {
  Append(1);
  const std::string before = Read(File());
  // The kernel cuts the write at the limit, as at a disk's end.
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = before.size() + 100, .rlim_max = before.size() + 100};
    setrlimit(RLIMIT_FSIZE, &limit);
    _exit(AppendEvent(Log(), Denied(), options_).ok() ? 0 : 7);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(Read(File()), before);
}

TEST_F(EventLog, RefusesWhatIsNoLog) {
  struct Case {
    const char* what;
    std::function<void()> make;
    const char* message;
  };
  const std::vector<Case> cases = {
      {"link", [&] { EXPECT_EQ(symlink("/dev/null", File().c_str()), 0); }, "symbolic link"},
      {"fifo", [&] { EXPECT_EQ(mkfifo(File().c_str(), 0600), 0); }, "not a regular file"},
      {"directory", [&] { std::filesystem::create_directory(File()); }, "events.jsonl"},
      {"writable", [&] { Write(File(), ""), chmod(File().c_str(), 0666); }, "other than root"},
  };
  for (const Case& one : cases) {
    std::filesystem::remove_all(Log());
    std::filesystem::create_directory(Log());
    one.make();
    EXPECT_THAT(Refusal(), HasSubstr(one.message)) << one.what;
  }
  std::filesystem::remove_all(Log());
  Write(Log(), "");
  EXPECT_THAT(Refusal(), HasSubstr(Log()));
  std::filesystem::remove(Log());
  std::filesystem::create_directory(Log());
  chmod(Log().c_str(), 0777);
  EXPECT_THAT(Refusal(), HasSubstr("other than root"));
}

TEST_F(EventLog, DoesNotWaitForEverForALockThatNobodyGivesBack) {
  Append();
  const UniqueFd held(open(File().c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(flock(held.get(), LOCK_EX), 0);
  const Time start = Now();
  EXPECT_THAT(Refusal(), HasSubstr("held it for 5 s"));
  EXPECT_LT(Now().ns - start.ns, int64_t{7} * 1'000'000'000);
}

TEST_F(EventLog, ProcessesShareOneChainAndLoseNothing) {
  constexpr int kProcesses = 16;
  constexpr int kEach = 25;
  options_.rotate_bytes = 20000;
  options_.keep = 1000;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      int failed = 0;
      for (int k = 0; k < kEach; ++k) failed += AppendEvent(Log(), Denied(), options_).ok() ? 0 : 1;
      _exit(failed);
    }
    children.push_back(child);
  }
  for (pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const auto lines = AllLines();
  EXPECT_THAT(lines, SizeIs(kProcesses * kEach));
  ExpectChain(lines);
}

}  // namespace
}  // namespace runward
