#include "secrets/atomic_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "base/fd.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

class AtomicFiles : public ::testing::Test {
 protected:
  AtomicFiles() {
    std::string name = ::testing::TempDir() + "/secretsXXXXXX";
    path_ = mkdtemp(name.data());
    directory_ = UniqueFd(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~AtomicFiles() override { fs::remove_all(path_); }

  Result<void> Replace(const std::vector<std::pair<std::string, std::string>>& contents) {
    std::vector<SecretFile> files;
    for (const auto& [name, bytes] : contents) {
      files.push_back({.name = name, .bytes = bytes, .uid = getuid(), .gid = getgid()});
    }
    return ReplaceFiles(directory_.get(), files);
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(path_ + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::set<std::string> Names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(path_)) names.insert(entry.path().filename());
    return names;
  }

  std::string path_;
  UniqueFd directory_;
};

TEST_F(AtomicFiles, AreLaidOutAsReadersOfKubernetesVolumesExpect) {
  ASSERT_TRUE(Replace({{"a", "one"}, {"b", ""}}).ok());
  EXPECT_EQ(Read("a"), "one");
  EXPECT_EQ(Read("b"), "");
  EXPECT_EQ(fs::read_symlink(path_ + "/a"), "..data/a");
  const std::string version = fs::read_symlink(path_ + "/..data");
  EXPECT_TRUE(version.starts_with(".."));
  EXPECT_EQ(Names(), (std::set<std::string>{"..data", version, "a", "b"}));
  struct stat info {};
  ASSERT_EQ(stat((path_ + "/a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0400U);
}

TEST_F(AtomicFiles, ReplaceWhatIsGivenAndKeepTheRest) {
  ASSERT_TRUE(Replace({{"a", "one"}, {"b", "kept"}}).ok());
  struct stat before {};
  ASSERT_EQ(stat((path_ + "/b").c_str(), &before), 0);
  ASSERT_TRUE(Replace({{"a", "two"}, {"c", "new"}}).ok());
  EXPECT_EQ(Read("a") + Read("b") + Read("c"), "twokeptnew");
  struct stat after {};
  ASSERT_EQ(stat((path_ + "/b").c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(Names().size(), 5U);  // of versions only the last
}

TEST_F(AtomicFiles, StayAsTheyWereWhenTheNewOnesCannotBeWritten) {
  ASSERT_TRUE(Replace({{"a", "one"}}).ok());
  const auto before = Names();
  const auto failed = Replace({{"a", "two"}, {"no/such", "x"}});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(Read("a"), "one");
  EXPECT_EQ(Names(), before);
}

TEST_F(AtomicFiles, AreNeverSeenHalf) {
  const std::string sizes[] = {std::string(100'000, 'a'), std::string(3, 'b')};
  ASSERT_TRUE(Replace({{"a", sizes[0]}}).ok());
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; i < 300; ++i) EXPECT_TRUE(Replace({{"a", sizes[i % 2]}}).ok());
    stop = true;
  });
  int reads = 0;
  for (; !stop; ++reads) {
    std::ifstream file(path_ + "/a");
    // Between looking up "..data" and opening, the version may have gone; then it is opened again.
    if (!file.is_open()) continue;
    const std::string seen{std::istreambuf_iterator<char>(file), {}};
    ASSERT_TRUE(seen == sizes[0] || seen == sizes[1]) << seen.size();
  }
  writer.join();
  EXPECT_GT(reads, 0);
}

TEST_F(AtomicFiles, AreComparedByContent) {
  ASSERT_TRUE(Replace({{"a", "one"}, {"b", ""}}).ok());
  const auto same = [this](const std::string& name, const std::string& bytes) {
    return SameFiles(directory_.get(), {{.name = name, .bytes = bytes}});
  };
  EXPECT_TRUE(same("a", "one"));
  EXPECT_TRUE(same("b", ""));
  EXPECT_FALSE(same("a", "two"));
  EXPECT_FALSE(same("a", "one "));
  EXPECT_FALSE(same("c", ""));
}

}  // namespace
}  // namespace runward
