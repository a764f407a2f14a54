#include "agent/learner.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace runward {
namespace {

class LearnerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "learner-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    record_.image = "web:1";
    record_.image_chain = "sha256:ab";
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  static LearnedCommand Command(int number) {
    return {.command = "/bin/" + std::to_string(number), .applet = "", .parent = "/bin/sh"};
  }
  [[nodiscard]] Paths paths() const { return PathsFor(root_); }
  [[nodiscard]] std::string file() const { return LearnedFile(paths(), record_); }
  [[nodiscard]] LearnedCommands Read() const {
    auto read = ReadLearned(file());
    EXPECT_TRUE(read.ok()) << read.error().message;
    return read.ok() ? std::move(read).value() : LearnedCommands{};
  }

  std::string root_;
  Record record_;
};

TEST_F(LearnerTest, WritesEachCommandOnceForItselfAndThoseAfterIt) {
  for (int life = 0; life < 2; ++life) {
    Learner learner(paths());
    for (int number : {1, 2, 1}) EXPECT_FALSE(learner.Learn(record_, Command(number)));
  }
  EXPECT_EQ(Read().commands.size(), 2U);
  EXPECT_EQ(Read().image.name, "web:1");
  struct stat info {};
  ASSERT_EQ(stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
}

TEST_F(LearnerTest, TakesAwayHalfALineOfOneThatDied) {
  EXPECT_FALSE(Learner(paths()).Learn(record_, Command(1)));
  std::ofstream(file(), std::ios::app) << R"({"command":"/bin)";
  EXPECT_FALSE(Learner(paths()).Learn(record_, Command(2)));
  EXPECT_EQ(Read().commands.size(), 2U);
  EXPECT_FALSE(Read().unfinished);
}

TEST_F(LearnerTest, StopsAtItsBoundAndSaysSoOnce) {
  Learner learner(paths());
  for (size_t i = 0; i < kMostLearnedCommands; ++i) {
    ASSERT_FALSE(learner.Learn(record_, Command(static_cast<int>(i))));
  }
  const auto full = learner.Learn(record_, Command(-1));
  ASSERT_TRUE(full);
  EXPECT_NE(full->message.find("4096"), std::string::npos) << full->message;
  EXPECT_FALSE(learner.Learn(record_, Command(-2)));
  EXPECT_EQ(Read().commands.size(), kMostLearnedCommands);
}

TEST_F(LearnerTest, StopsAtItsBoundOfBytes) {
  Learner learner(paths());
  std::optional<Error> full;
  for (int i = 0; i < 1000 && !full; ++i) {
    LearnedCommand command = Command(i);
    command.parent = std::string(4096, 'x');
    full = learner.Learn(record_, command);
  }
  ASSERT_TRUE(full);
  EXPECT_LE(std::filesystem::file_size(file()), kMostLearnedBytes);
}

TEST_F(LearnerTest, StopsAtItsBoundOfImages) {
  Learner learner(paths());
  std::optional<Error> full;
  size_t written = 0;
  for (; written <= kMostLearnedImages && !full; ++written) {
    record_.image_chain = "sha256:" + std::to_string(written);
    full = learner.Learn(record_, Command(1));
  }
  ASSERT_TRUE(full);
  EXPECT_GT(written, kMostLearnedImages - 4);
}

TEST_F(LearnerTest, SaysWhatStandsInTheWayOnceAndGoesOnWhenItIsGone) {
  std::filesystem::create_directories(root_ + "/log");
  std::ofstream(root_ + "/log/commands") << "in the way";
  Learner learner(paths());
  EXPECT_TRUE(learner.Learn(record_, Command(1)));
  EXPECT_FALSE(learner.Learn(record_, Command(1)));
  std::filesystem::remove(root_ + "/log/commands");
  EXPECT_FALSE(learner.Learn(record_, Command(1)));
  EXPECT_EQ(Read().commands.size(), 1U);
}

TEST_F(LearnerTest, LeavesAFileAloneThatIsNotItsOwn) {
  EXPECT_FALSE(Learner(paths()).Learn(record_, Command(1)));
  std::ofstream(file(), std::ios::trunc) << "a person's notes\n";
  chmod(file().c_str(), 0600);
  EXPECT_TRUE(Learner(paths()).Learn(record_, Command(1)));
  EXPECT_EQ(std::filesystem::file_size(file()), 17U);
}

}  // namespace
}  // namespace runward
