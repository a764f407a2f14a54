#include "policy/syscall_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <seccomp.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace runward {
namespace {

// Of kernels later than the 5.17 that libseccomp 2.5.4 knows.
const std::vector<std::string_view> kNewer = {
    "cachestat",         "fchmodat2",         "file_getattr",
    "file_setattr",      "futex_requeue",     "futex_wait",
    "futex_wake",        "getxattrat",        "listmount",
    "listxattrat",       "lsm_get_self_attr", "lsm_list_modules",
    "lsm_set_self_attr", "map_shadow_stack",  "mseal",
    "open_tree_attr",    "removexattrat",     "set_mempolicy_home_node",
    "setxattrat",        "statmount",         "uretprobe"};

TEST(SyscallNames, AreSortedAndKnownToLibseccomp) {
  EXPECT_TRUE(std::ranges::is_sorted(SyscallNames()));
  EXPECT_EQ(std::ranges::adjacent_find(SyscallNames()), SyscallNames().end());
  for (std::string_view name : SyscallNames()) {
    const int number = seccomp_syscall_resolve_name(std::string(name).c_str());
    const bool newer = std::ranges::find(kNewer, name) != kNewer.end();
    EXPECT_TRUE(newer || number != __NR_SCMP_ERROR) << name;
  }
}

TEST(SyscallNames, LackNoneThatLibseccompKnowsHere) {
  for (const uint32_t arch : std::initializer_list<uint32_t>{
           SCMP_ARCH_X86, SCMP_ARCH_X86_64, SCMP_ARCH_X32, SCMP_ARCH_ARM, SCMP_ARCH_AARCH64}) {
    const int base = arch == SCMP_ARCH_X32 ? 0x40000000 : 0;
    for (int number = base; number < base + 1024; ++number) {
      char* const name = seccomp_syscall_resolve_num_arch(arch, number);
      if (name == nullptr) continue;
      EXPECT_TRUE(IsSyscallName(name)) << name;
      std::free(name);
    }
  }
}

TEST(SyscallNames, AreFoundExactly) {
  EXPECT_TRUE(IsSyscallName("ptrace"));
  EXPECT_TRUE(IsSyscallName("_llseek"));
  for (const char* name : {"", "Ptrace", "ptrac", "ptracee", "@mount", "101"}) {
    EXPECT_FALSE(IsSyscallName(name)) << name;
  }
}

}  // namespace
}  // namespace runward
