#include "policy/syscall_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "policy/syscall_names.h"

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SyscallGroups, AreSortedWithKnownMembersAndHelp) {
  EXPECT_TRUE(std::ranges::is_sorted(SyscallGroups(), {}, &SyscallGroup::name));
  for (const SyscallGroup& group : SyscallGroups()) {
    EXPECT_TRUE(group.name.starts_with('@')) << group.name;
    EXPECT_TRUE(group.help.ends_with('.')) << group.name;
    EXPECT_FALSE(group.names.empty()) << group.name;
    EXPECT_TRUE(std::ranges::is_sorted(group.names)) << group.name;
    for (std::string_view name : group.names) {
      EXPECT_TRUE(IsSyscallName(name)) << group.name << " " << name;
      EXPECT_FALSE(IsNeededSyscall(name)) << group.name << " " << name;
    }
  }
}

TEST(SyscallGroups, AreFoundByName) {
  for (const char* name : {"@mount", "@module", "@ptrace", "@io-uring"}) {
    EXPECT_NE(FindSyscallGroup(name), nullptr) << name;
  }
  for (const char* name : {"", "mount", "@mounts", "@Mount"}) {
    EXPECT_EQ(FindSyscallGroup(name), nullptr) << name;
  }
}

TEST(SyscallGroups, AreReplacedByTheirMembersOnce) {
  const std::vector<std::string_view> words = {"ptrace", "@swap", "swapon", "acct"};
  EXPECT_THAT(ExpandSyscalls(words), ElementsAre("acct", "ptrace", "swapoff", "swapon"));
  EXPECT_THAT(ExpandSyscalls({}), IsEmpty());
}

TEST(SyscallGroups, LeaveWhatEveryProgramNeeds) {
  for (const char* name : {"brk", "execve", "exit_group", "read", "write", "openat"}) {
    EXPECT_TRUE(IsNeededSyscall(name)) << name;
    EXPECT_TRUE(IsSyscallName(name)) << name;
  }
  EXPECT_FALSE(IsNeededSyscall("ptrace"));
}

}  // namespace
}  // namespace runward
