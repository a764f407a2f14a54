#include "hooks/root_check.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace runward {
namespace {

RootIdentity IdentityOf(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(stat(path.c_str(), &info), 0);
  return {.path = path, .device = info.st_dev, .inode = info.st_ino};
}

TEST(RootCheck, PassesTheDirectoryThatWasIdentified) {
  const auto checked = CheckContainerRoot(getpid(), IdentityOf("/usr"));
  EXPECT_TRUE(checked.ok()) << checked.error().message;
}

TEST(RootCheck, RefusesAnotherDirectoryInItsPlace) {
  RootIdentity root = IdentityOf("/usr");
  root.path = "/etc";
  EXPECT_FALSE(CheckContainerRoot(getpid(), root).ok());
}

TEST(RootCheck, RefusesADirectoryThatIsGone) {
  RootIdentity root = IdentityOf("/usr");
  root.path = "/usr/runward-is-not-here";
  EXPECT_FALSE(CheckContainerRoot(getpid(), root).ok());
}

TEST(RootCheck, RefusesAProcessThatDoesNotExist) {
  EXPECT_FALSE(CheckContainerRoot(1 << 30, IdentityOf("/usr")).ok());
}

}  // namespace
}  // namespace runward
