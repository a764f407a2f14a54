#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace runward {
namespace {

using ::testing::HasSubstr;

class File : public ::testing::Test {
 protected:
  // /run, not /tmp: a directory above that others may write is itself a case.
  File() : directory_(geteuid() == 0 ? "/run/runward-test-XXXXXX" : "/tmp/runward-test-XXXXXX") {
    if (mkdtemp(directory_.data()) == nullptr) std::abort();
  }
  ~File() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  [[nodiscard]] std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  std::string Write(const std::string& name, const std::string& text, mode_t mode = 0644) const {
    std::ofstream(Path(name)) << text;
    chmod(Path(name).c_str(), mode);
    return Path(name);
  }
  [[nodiscard]] size_t Entries() const {
    const std::filesystem::directory_iterator all(directory_);
    return static_cast<size_t>(std::distance(begin(all), end(all)));
  }

  std::string directory_;
};

std::string ErrorOf(const Result<std::string>& result) {
  return result.ok() ? "read: " + result.value() : result.error().message;
}

TEST_F(File, AWholeRegularFileIsRead) {
  const std::string bytes("\0a\nb\xff", 5);
  EXPECT_EQ(ReadFileCapped(Write("f", bytes), 5, Trust::kAnyone).value(), bytes);
  EXPECT_EQ(ReadFileCapped(Write("empty", ""), 0, Trust::kOwner).value(), "");
  const std::string big(100'000, 'x');
  EXPECT_EQ(ReadFileCapped(Write("big", big), big.size(), Trust::kOwner).value(), big);
}

TEST_F(File, OneByteTooManyIsRefused) {
  const auto result = ReadFileCapped(Write("f", "123456"), 5, Trust::kAnyone);
  EXPECT_THAT(ErrorOf(result), HasSubstr("larger than the 5 bytes"));
}

TEST_F(File, AHugeSparseFileCostsOnlyTheCap) {
  const std::string path = Write("f", "");
  ASSERT_EQ(truncate(path.c_str(), int64_t{1} << 40), 0);
  EXPECT_THAT(ErrorOf(ReadFileCapped(path, 1000, Trust::kOwner)), HasSubstr("larger than"));
}

TEST_F(File, WhatIsNotARegularFileIsRefusedWithoutBlocking) {
  ASSERT_EQ(mkfifo(Path("fifo").c_str(), 0644), 0);
  ASSERT_EQ(symlink("target", Path("link").c_str()), 0);
  Write("target", "text");
  EXPECT_THAT(ErrorOf(ReadFileCapped(Path("fifo"), 10, Trust::kAnyone)), HasSubstr("regular file"));
  EXPECT_THAT(ErrorOf(ReadFileCapped(directory_, 10, Trust::kAnyone)), HasSubstr("regular file"));
  EXPECT_THAT(ErrorOf(ReadFileCapped("/dev/zero", 10, Trust::kAnyone)), HasSubstr("regular file"));
  EXPECT_THAT(ErrorOf(ReadFileCapped(Path("link"), 10, Trust::kAnyone)), HasSubstr("symbolic"));
  EXPECT_THAT(ErrorOf(ReadFileCapped(Path("none"), 10, Trust::kAnyone)), HasSubstr("No such file"));
}

TEST_F(File, WhatOthersMayWriteIsRefusedWhereTrustIsAsked) {
  const std::string path = Write("f", "text", 0646);
  EXPECT_TRUE(ReadFileCapped(path, 10, Trust::kAnyone).ok());
  const auto result = ReadFileCapped(path, 10, Trust::kOwner);
  EXPECT_THAT(ErrorOf(result), HasSubstr("may write it"));
  EXPECT_EQ(result.error().hint, "chmod go-w " + path);
}

TEST_F(File, AnotherUsersFileIsRefusedWhereTrustIsAsked) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string path = Write("f", "text");
  ASSERT_EQ(chown(path.c_str(), 65534, 65534), 0);
  EXPECT_TRUE(ReadFileCapped(path, 10, Trust::kAnyone).ok());
  EXPECT_THAT(ErrorOf(ReadFileCapped(path, 10, Trust::kOwner)), HasSubstr("user 65534"));
}

TEST_F(File, AGroupsRightToWriteCountsRootsToo) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string path = Write("f", "text", 0664);  // as a file with an access control list shows
  EXPECT_FALSE(ReadFileCapped(path, 10, Trust::kOwner).ok());
  ASSERT_EQ(chown(path.c_str(), 0, 65534), 0);
  ASSERT_EQ(chmod(path.c_str(), 0664), 0);
  EXPECT_FALSE(ReadFileCapped(path, 10, Trust::kOwner).ok());
}

TEST_F(File, ADirectoryAboveThatOthersMayWriteIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_TRUE(MakeDirectories(Path("a/b"), false).ok());
  const std::string path = Write("a/b/f", "text");
  EXPECT_TRUE(ReadFileCapped(path, 10, Trust::kOwnerAndParents).ok());
  ASSERT_EQ(chmod(Path("a").c_str(), 0777), 0);
  EXPECT_TRUE(ReadFileCapped(path, 10, Trust::kOwner).ok());
  EXPECT_THAT(ErrorOf(ReadFileCapped(path, 10, Trust::kOwnerAndParents)), HasSubstr("/a\""));
}

TEST_F(File, AStickyDirectoryAboveIsTrustedButNotWhoeverOwnsTheNextOne) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_TRUE(MakeDirectories(Path("a/b"), false).ok());
  const std::string path = Write("a/b/f", "text");
  ASSERT_EQ(chmod(Path("a").c_str(), 01777), 0);
  EXPECT_TRUE(ReadFileCapped(path, 10, Trust::kOwnerAndParents).ok());
  ASSERT_EQ(chown(Path("a/b").c_str(), 65534, 65534), 0);
  EXPECT_THAT(ErrorOf(ReadFileCapped(path, 10, Trust::kOwnerAndParents)), HasSubstr("/b\""));
}

TEST_F(File, ParentsAreTheRealOnesBehindASymlink) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_TRUE(MakeDirectories(Path("open/in"), false).ok());
  Write("open/in/f", "text");
  ASSERT_EQ(chmod(Path("open").c_str(), 0777), 0);
  ASSERT_EQ(symlink(Path("open/in").c_str(), Path("door").c_str()), 0);
  EXPECT_THAT(ErrorOf(ReadFileCapped(Path("door/f"), 10, Trust::kOwnerAndParents)),
              HasSubstr("/open\""));
}

TEST_F(File, APipeIsReadToItsEndAndHeldToTheCap) {
  for (const size_t cap : {size_t{100'000}, size_t{99'999}}) {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd reader(ends[0]);
    std::thread writer([fd = ends[1]] {
      const UniqueFd end(fd);
      const std::string text(100'000, 'x');
      for (size_t at = 0; at < text.size();) {
        const ssize_t wrote = write(end.get(), text.data() + at, text.size() - at);
        if (wrote <= 0) break;
        at += static_cast<size_t>(wrote);
      }
    });
    const auto result = ReadFdCapped(reader.get(), cap, "stdin");
    // What the cap left in the pipe, so that the writer ends.
    char rest[4096];
    while (read(reader.get(), rest, sizeof(rest)) > 0) continue;
    writer.join();
    EXPECT_EQ(result.ok(), cap == 100'000) << ErrorOf(result).substr(0, 200);
  }
}

TEST_F(File, MissingIsOnlyWhatIsNotThere) {
  ASSERT_EQ(symlink("/nowhere", Path("dangling").c_str()), 0);
  const std::string path = Write("f", "");
  EXPECT_TRUE(FileMissing(Path("none")));
  EXPECT_TRUE(FileMissing(path + "/below"));
  EXPECT_FALSE(FileMissing(path));
  EXPECT_FALSE(FileMissing(Path("dangling")));
  EXPECT_FALSE(FileMissing(Path(std::string(300, 'x')))) << "a name too long is another error";
}

TEST_F(File, AReplacedFileHasItsContentAndModeWhateverTheUmask) {
  const std::string path = Write("f", "old", 0600);
  const mode_t before = umask(0077);
  for (const bool sync : {false, true}) {
    ASSERT_TRUE(WriteFileAtomic(path, "new", 0644, sync).ok());
    struct stat info {};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0644U);
    EXPECT_EQ(ReadFileCapped(path, 10, Trust::kOwner).value(), "new");
  }
  umask(before);
  EXPECT_EQ(Entries(), 1U);
}

TEST_F(File, ASymlinkInThePlaceIsReplacedNotFollowed) {
  const std::string target = Write("target", "kept");
  ASSERT_EQ(symlink(target.c_str(), Path("f").c_str()), 0);
  ASSERT_TRUE(WriteFileAtomic(Path("f"), "new", 0600, false).ok());
  EXPECT_EQ(ReadFileCapped(target, 10, Trust::kAnyone).value(), "kept");
  EXPECT_EQ(ReadFileCapped(Path("f"), 10, Trust::kAnyone).value(), "new");
}

TEST_F(File, AFailedWriteLeavesTheOldContentAndNothingElse) {
  const std::string path = Write("f", "old");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);  // stands for a disk that fills half way
  const auto result = WriteFileAtomic(path, std::string(5000, 'x'), 0644, true);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(ReadFileCapped(path, 10, Trust::kOwner).value(), "old");
  EXPECT_EQ(Entries(), 1U);
}

TEST_F(File, AWriteWhereNoFileCanBeLeavesNothing) {
  ASSERT_TRUE(MakeDirectories(Path("d/full"), false).ok());
  EXPECT_FALSE(WriteFileAtomic(Path("d"), "x", 0644, false).ok());
  EXPECT_FALSE(WriteFileAtomic(Path("none/f"), "x", 0644, false).ok());
  EXPECT_EQ(Entries(), 1U);
}

TEST_F(File, AReaderSeesTheOldOrTheNewNeverAPart) {
  const std::string path = Write("f", std::string(50'000, 'a'));
  std::atomic<bool> done{false};
  std::vector<std::thread> writers;
  for (const char letter : {'a', 'b'}) {
    writers.emplace_back([&, letter] {
      const std::string text(letter == 'a' ? 50'000 : 30'000, letter);
      while (!done) EXPECT_TRUE(WriteFileAtomic(path, text, 0644, false).ok());
    });
  }
  for (int i = 0; i < 200; ++i) {
    const std::string text = ReadFileCapped(path, 100'000, Trust::kOwner).value();
    EXPECT_EQ(text, std::string(text.front() == 'a' ? 50'000 : 30'000, text.front()));
  }
  done = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(Entries(), 1U);
}

TEST_F(File, DirectoriesAreMadeAllTheWayAndTheLastMayBeSecret) {
  ASSERT_TRUE(MakeDirectories(Path("a/b/c"), true).ok());
  ASSERT_TRUE(MakeDirectories(Path("a/b/c"), true).ok()) << "a second time is success";
  for (const auto& [name, mode] :
       {std::pair{"a", 0755U}, std::pair{"a/b", 0755U}, std::pair{"a/b/c", 0700U}}) {
    struct stat info {};
    ASSERT_EQ(stat(Path(name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, mode) << name;
  }
  Write("f", "");
  EXPECT_FALSE(MakeDirectories(Path("f/below"), false).ok());
}

}  // namespace
}  // namespace runward
