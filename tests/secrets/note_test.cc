#include "secrets/note.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace runward {
namespace {

namespace fs = std::filesystem;

class Note : public ::testing::Test {
 protected:
  Note() {
    std::string name = ::testing::TempDir() + "/noteXXXXXX";
    paths_ = PathsFor(mkdtemp(name.data()));
    directory_ = paths_.run + "/containers/k";
    fs::create_directories(directory_);
  }
  ~Note() override { fs::remove_all(paths_.run.substr(0, paths_.run.rfind('/'))); }

  Paths paths_;
  std::string directory_;
};

TEST_F(Note, IsReadBackAsWritten) {
  const SecretNote note{.pid = 7, .start = 99, .places = {{"/run/secrets", 52}, {"/k \"x", 1}}};
  ASSERT_TRUE(WriteSecretNote(paths_, "k", note).ok());
  const auto read = ReadSecretNote(paths_, "k");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().pid, 7);
  EXPECT_EQ(read.value().start, 99U);
  ASSERT_EQ(read.value().places.size(), 2U);
  EXPECT_EQ(read.value().places[1].directory, "/k \"x");
  EXPECT_EQ(read.value().places[0].device, 52U);
  EXPECT_EQ(fs::status(directory_ + "/secrets.json").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Note, RefusesWhatIsNotItsOwn) {
  EXPECT_FALSE(ReadSecretNote(paths_, "k").ok());
  for (const char* bad : {"", "{}", R"({"pid":0,"start":1,"places":[]})",
                          R"({"pid":7,"start":1,"places":[{"directory":1,"device":1}]})"}) {
    std::ofstream(directory_ + "/secrets.json") << bad;
    EXPECT_FALSE(ReadSecretNote(paths_, "k").ok()) << bad;
  }
}

TEST_F(Note, TellsWhichContainersHaveOne) {
  EXPECT_TRUE(SuppliedContainers(paths_).empty());
  fs::create_directories(paths_.run + "/containers/a");
  fs::create_directories(paths_.run + "/containers/none");
  ASSERT_TRUE(WriteSecretNote(paths_, "k", {.pid = 1, .start = 1, .places = {}}).ok());
  ASSERT_TRUE(WriteSecretNote(paths_, "a", {.pid = 1, .start = 1, .places = {}}).ok());
  EXPECT_EQ(SuppliedContainers(paths_), (std::vector<std::string>{"a", "k"}));
}

}  // namespace
}  // namespace runward
