#include "policy/capabilities.h"

#include <gtest/gtest.h>
#include <sys/capability.h>

#include <algorithm>

namespace runward {
namespace {

TEST(Capabilities, AreSortedAndThoseOfLibcap) {
  EXPECT_TRUE(std::ranges::is_sorted(Capabilities(), {}, &Capability::name));
  for (const Capability& one : Capabilities()) {
    cap_value_t value = -1;
    const std::string name = "cap_" + std::string(one.name);
    ASSERT_EQ(cap_from_name(name.c_str(), &value), 0) << one.name;
    EXPECT_EQ(value, one.number) << one.name;
    EXPECT_FALSE(one.help.empty());
  }
  EXPECT_EQ(Capabilities().size(), static_cast<size_t>(CAP_LAST_CAP) + 1);
}

TEST(Capabilities, AreFoundInEverySpellingThatARuntimeTakes) {
  for (const char* word : {"SYS_ADMIN", "CAP_SYS_ADMIN", "cap_sys_admin", "Sys_Admin", "21"}) {
    EXPECT_EQ(CapabilityOf(word), 21) << word;
  }
  for (const char* word : {"", "CAP_", "SYS_ADMINS", "41", "-1", "CAP_CAP_KILL", "0x15", "ALL"}) {
    EXPECT_FALSE(CapabilityOf(word)) << word;
  }
}

TEST(Capabilities, AreDescribedByName) {
  EXPECT_EQ(DescribeCapabilities(0), "none");
  EXPECT_EQ(DescribeCapabilities(MaskOf(5) | MaskOf(12)), "KILL, NET_ADMIN");
  EXPECT_EQ(AllCapabilities(), (CapabilityMask{1} << 41) - 1);
}

}  // namespace
}  // namespace runward
