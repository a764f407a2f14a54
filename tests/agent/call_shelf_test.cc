#include "agent/call_shelf.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <vector>

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CallShelfTest : public ::testing::Test {
 protected:
  static UniqueFd File() { return UniqueFd(memfd_create("kept", MFD_CLOEXEC)); }
  static ino_t InodeOf(int file) {
    struct stat info {};
    return fstat(file, &info) == 0 ? info.st_ino : 0;
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    shelf_.Sort([&](int, const std::string& text) {
      texts.push_back(text);
      return true;
    });
    return texts;
  }

  ShelfEnds ends_ = CallShelf::Make().value();
  CallShelf shelf_{ends_.in.get(), ends_.out.get()};
};

TEST_F(CallShelfTest, GivesBackTheFilesThatWerePutThereAndClosedSince) {
  std::map<std::string, ino_t> inodes;
  for (const char* text : {"one", "two", "three"}) {
    const UniqueFd file = File();
    inodes[text] = InodeOf(file.get());
    ASSERT_TRUE(shelf_.Put(file.get(), text));
  }
  for (int turn = 0; turn < 3; ++turn) {
    std::map<std::string, ino_t> found;
    shelf_.Sort([&](int file, const std::string& text) {
      found[text] = InodeOf(file);
      return true;
    });
    EXPECT_EQ(found, inodes);
  }
}

TEST_F(CallShelfTest, LosesWhatIsNotKeptAndClosesIt) {
  UniqueFd ends[2];
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
  ends[0] = UniqueFd(pair[0]);
  ends[1] = UniqueFd(pair[1]);
  ASSERT_TRUE(shelf_.Put(ends[1].get(), "socket"));
  ASSERT_TRUE(shelf_.Put(File().get(), "other"));
  ends[1] = {};
  char byte = 0;
  EXPECT_EQ(read(ends[0].get(), &byte, 1), -1);  // the shelf holds the other end
  shelf_.Sort([](int, const std::string& text) { return text != "socket"; });
  EXPECT_EQ(read(ends[0].get(), &byte, 1), 0);
  EXPECT_THAT(Texts(), ElementsAre("other"));
  shelf_.Sort([](int, const std::string&) { return false; });
  EXPECT_THAT(Texts(), IsEmpty());
}

// What one that was killed while it sorted leaves: an end that nobody looks for, and one file
// twice.
TEST_F(CallShelfTest, PassesOverWhatADeadSorterLeft) {
  ASSERT_TRUE(shelf_.Put(File().get(), "one"));
  ASSERT_GT(send(ends_.in.get(), "end 1234", 8, 0), 0);
  ASSERT_TRUE(shelf_.Put(File().get(), "one"));
  EXPECT_THAT(Texts(), ElementsAre("one", "one"));
  EXPECT_THAT(Texts(), ElementsAre("one", "one"));
}

TEST_F(CallShelfTest, HoldsThousandsWhereItMay) {
  const UniqueFd file = File();
  size_t put = 0;
  while (put < 3000 && shelf_.Put(file.get(), std::to_string(put))) ++put;
  EXPECT_GE(put, geteuid() == 0 ? 3000U : 100U);
  EXPECT_EQ(Texts().size(), put);
  EXPECT_EQ(Texts().size(), put);
}

}  // namespace
}  // namespace runward
