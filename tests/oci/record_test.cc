#include "oci/record.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "oci/record_json.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

// Records are read only from directories that nobody else can write, which /tmp is not.
class RecordTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = std::string(geteuid() == 0 ? "/run" : ".") + "/runward-record-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = fs::canonical(name);
    paths_ = PathsFor(directory_);
    root_ = directory_ + "/state";
    fs::create_directory(root_);
  }
  void TearDown() override { fs::remove_all(directory_); }

  Record Make(const std::string& id, int64_t creator) {
    return {.id = id,
            .root = root_,
            .bundle = "/b",
            .event = "e1",
            .profile = "web",
            .mode = Mode::kAudit,
            .image = "img \"1\"",
            .events = {.required = false, .fdatasync = true, .rotate_bytes = 5, .keep = 3},
            .creator = creator,
            .creator_start = creator == 0 ? 1 : StartTimeOf(creator),
            .creator_namespace = PidNamespace()};
  }

  void Age(const std::string& id) {
    const fs::path directory = fs::path(PlanOf(id)).parent_path();
    fs::last_write_time(directory, fs::file_time_type::clock::now() - std::chrono::minutes(2));
  }

  std::string PlanOf(const std::string& id) {
    return paths_.run + "/containers/" + RecordKey(root_, id) + "/plan.json";
  }

  std::string directory_;
  std::string root_;
  Paths paths_;
};

TEST_F(RecordTest, IsReadBackAsWritten) {
  ASSERT_TRUE(CreateRecord(paths_, Make("c1", getpid())).ok());
  const auto record = ReadRecord(paths_, root_, "c1");
  ASSERT_TRUE(record.ok()) << record.error().message;
  ASSERT_TRUE(record.value().has_value());
  EXPECT_EQ(record.value()->image, "img \"1\"");
  EXPECT_EQ(record.value()->mode, Mode::kAudit);
  EXPECT_EQ(record.value()->creator, getpid());
  EXPECT_TRUE(record.value()->events.fdatasync);
  EXPECT_FALSE(record.value()->events.required);
  EXPECT_EQ(record.value()->events.keep, 3);
  EXPECT_EQ(fs::status(PlanOf("c1")).permissions(), fs::perms(0600));
  EXPECT_EQ(fs::status(paths_.run + "/containers").permissions(), fs::perms(0700));
}

TEST_F(RecordTest, IdsAreTheirDirectorysOwn) {
  ASSERT_TRUE(CreateRecord(paths_, Make("c1", getpid())).ok());
  EXPECT_FALSE(ReadRecord(paths_, root_ + "2", "c1").value().has_value());
  EXPECT_FALSE(ReadRecord(paths_, root_, "c2").value().has_value());
  EXPECT_NE(RecordKey("/a", "bc"), RecordKey("/ab", "c"));
}

TEST_F(RecordTest, NeverReplacesALivingContainers) {
  const pid_t other = getppid();
  ASSERT_EQ(CreateRecord(paths_, Make("c1", other)).value(), Recorded::kWritten);
  EXPECT_EQ(CreateRecord(paths_, Make("c1", getpid())).value(), Recorded::kIdInUse);
  EXPECT_EQ(ReadRecord(paths_, root_, "c1").value()->creator, other);

  fs::create_directory(root_ + "/c2");  // started, by whomever
  EXPECT_EQ(CreateRecord(paths_, Make("c2", getpid())).value(), Recorded::kIdInUse);
}

TEST_F(RecordTest, ReplacesWhatADeadCreatorLeft) {
  ASSERT_EQ(CreateRecord(paths_, Make("c1", 0)).value(), Recorded::kWritten);
  Record reused = Make("c2", getppid());
  reused.creator_start += 1;  // the number lives, as another process
  ASSERT_EQ(CreateRecord(paths_, reused).value(), Recorded::kWritten);
  EXPECT_EQ(CreateRecord(paths_, Make("c1", getpid())).value(), Recorded::kWritten);
  EXPECT_EQ(CreateRecord(paths_, Make("c2", getpid())).value(), Recorded::kWritten);
}

TEST_F(RecordTest, AnotherPidNamespacesCreatorCountsAsLivingForAMinute) {
  Record elsewhere = Make("c1", getpid());
  elsewhere.creator_namespace += 1;
  ASSERT_EQ(CreateRecord(paths_, elsewhere).value(), Recorded::kWritten);
  EXPECT_EQ(CreateRecord(paths_, Make("c1", getpid())).value(), Recorded::kIdInUse);
  SweepRecords(paths_, root_, "c1");
  WithdrawRecord(paths_, root_, "c1");
  EXPECT_TRUE(fs::exists(PlanOf("c1")));
  Age("c1");
  EXPECT_EQ(CreateRecord(paths_, Make("c1", getpid())).value(), Recorded::kWritten);
}

TEST_F(RecordTest, SweepsOnlyWhatIsGone) {
  ASSERT_TRUE(CreateRecord(paths_, Make("gone", 0)).ok());
  ASSERT_TRUE(CreateRecord(paths_, Make("young", 0)).ok());
  ASSERT_TRUE(CreateRecord(paths_, Make("starting", getppid())).ok());
  ASSERT_TRUE(CreateRecord(paths_, Make("running", 0)).ok());
  fs::create_directory(root_ + "/running");
  for (const char* id : {"gone", "starting", "running"}) Age(id);
  SweepRecords(paths_, root_, "other");
  EXPECT_FALSE(fs::exists(fs::path(PlanOf("gone")).parent_path()));
  EXPECT_TRUE(fs::exists(PlanOf("young")));  // its creator may live where it is not seen
  EXPECT_TRUE(fs::exists(PlanOf("starting")));
  EXPECT_TRUE(fs::exists(PlanOf("running")));
}

TEST_F(RecordTest, SweepsTheDeletedContainersOwnAtOnce) {
  ASSERT_TRUE(CreateRecord(paths_, Make("young", 0)).ok());
  SweepRecords(paths_, root_, "young");
  EXPECT_FALSE(fs::exists(PlanOf("young")));
}

TEST_F(RecordTest, WithdrawsOnlyItsOwn) {
  ASSERT_TRUE(CreateRecord(paths_, Make("mine", getpid())).ok());
  ASSERT_TRUE(CreateRecord(paths_, Make("theirs", getppid())).ok());
  WithdrawRecord(paths_, root_, "mine");
  WithdrawRecord(paths_, root_, "theirs");
  EXPECT_FALSE(fs::exists(PlanOf("mine")));
  EXPECT_TRUE(fs::exists(PlanOf("theirs")));
}

TEST_F(RecordTest, OneOfManyThatStartAtOnceGetsTheId) {
  constexpr int kMany = 20;
  int said[2];  // what each got
  int stay[2];  // closed when all have said so: until then, they live
  ASSERT_EQ(pipe2(said, O_CLOEXEC), 0);
  ASSERT_EQ(pipe2(stay, O_CLOEXEC), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < kMany; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      close(stay[1]);
      const auto made = CreateRecord(paths_, Make("c1", getpid()));
      char result = made.ok() ? static_cast<char>(made.value()) : '!';
      const bool told = write(said[1], &result, 1) == 1 && read(stay[0], &result, 1) == 0;
      _exit(told ? 0 : 1);
    }
    children.push_back(child);
  }
  int written = 0;
  for (int i = 0; i < kMany; ++i) {
    char result = '!';
    ASSERT_EQ(read(said[0], &result, 1), 1);
    EXPECT_NE(result, '!');
    written += result == static_cast<char>(Recorded::kWritten) ? 1 : 0;
  }
  close(stay[1]);
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  for (const int end : {said[0], said[1], stay[0]}) close(end);
  EXPECT_EQ(written, 1);
}

TEST_F(RecordTest, ReadsTheVersionBefore) {
  ASSERT_TRUE(CreateRecord(paths_, Make("c1", getpid())).ok());
  std::string text = FormatRecord(Make("c1", getpid()));
  text.replace(text.find("\"version\":4"), 11, "\"version\":3");
  const std::string later = R"("secrets":"","network":"",)";
  text.erase(text.find(later), later.size());
  std::ofstream(PlanOf("c1")) << text;
  const auto record = ReadRecord(paths_, root_, "c1");
  ASSERT_TRUE(record.ok()) << record.error().message;
  EXPECT_EQ(record.value()->secrets, "");
  EXPECT_EQ(record.value()->network, "");
}

TEST_F(RecordTest, RefusesARecordThatIsNotRunwards) {
  ASSERT_TRUE(CreateRecord(paths_, Make("c1", getpid())).ok());
  const std::string good = FormatRecord(Make("c1", getpid()));
  const std::string bad[] = {"",
                             "{}",
                             good.substr(0, good.size() / 2),
                             good + "x",
                             "{\"version\":5" + good.substr(good.find(",\"id\"")),
                             "{\"version\":3" + good.substr(good.find(",\"id\"")),
                             "{\"version\":4,\"more\":1" + good.substr(good.find(",\"id\"")),
                             FormatRecord(Make("c2", getpid()))};
  for (const std::string& text : bad) {
    std::ofstream(PlanOf("c1")) << text;
    const auto record = ReadRecord(paths_, root_, "c1");
    EXPECT_FALSE(record.ok()) << text;
    EXPECT_FALSE(CreateRecord(paths_, Make("c1", getpid())).ok() && text.empty());
  }
}

TEST_F(RecordTest, RefusesWhatAnotherUserCouldWrite) {
  ASSERT_TRUE(CreateRecord(paths_, Make("c1", getpid())).ok());
  ASSERT_EQ(chmod(PlanOf("c1").c_str(), 0666), 0);
  EXPECT_FALSE(ReadRecord(paths_, root_, "c1").ok());
  ASSERT_EQ(chmod(PlanOf("c1").c_str(), 0600), 0);
  fs::rename(PlanOf("c1"), directory_ + "/plan");
  fs::create_symlink(directory_ + "/plan", PlanOf("c1"));
  EXPECT_FALSE(ReadRecord(paths_, root_, "c1").ok());
}

TEST(StartTime, IsThatOfALivingProcess) {
  EXPECT_NE(StartTimeOf(getpid()), 0U);
  EXPECT_EQ(StartTimeOf(getpid()), StartTimeOf(getpid()));
  EXPECT_EQ(StartTimeOf(int64_t{1} << 40), 0U);
}

}  // namespace
}  // namespace runward
