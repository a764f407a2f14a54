#include "agent/kernel_entries.h"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <algorithm>

namespace runward {
namespace {

KernelEntries Make(const KernelRules& rules) {
  Result<KernelEntries> made = MakeKernelEntries(1, 2, rules);
  EXPECT_TRUE(made.ok());
  return made.ok() ? std::move(made).value() : KernelEntries{};
}

TEST(KernelEntries, DevicesAreNumberedAsTheKernelDoes) {
  EXPECT_EQ(KernelDevice(makedev(254, 1)), 254U << 20 | 1U);
  EXPECT_EQ(KernelDevice(makedev(0, 300)), 300U);
}

TEST(KernelEntries, OfTwoRulesAboutOneFileTheDenyingOneIsGivenBack) {
  KernelRules rules;
  FileKey file = {.device = makedev(1, 2), .inode = 3};
  rules.files = {{.file = file, .flags = kFileAllowed, .rule = 1},
                 {.file = file, .flags = kFileDenied, .rule = 2},
                 {.file = file, .flags = kFileMultiCall, .rule = 3}};
  for (int i = 0; i < 3; i++) {
    std::rotate(rules.files.begin(), rules.files.begin() + 1, rules.files.end());
    KernelEntries entries = Make(rules);
    ASSERT_EQ(entries.file_keys.size(), 1U);
    EXPECT_EQ(entries.file_rules[0].flags, kFileAllowed | kFileDenied | kFileMultiCall);
    EXPECT_EQ(entries.file_rules[0].rule, 2);
  }
}

TEST(KernelEntries, OfTwoRulesAboutOneNameTheDenyingOneStays) {
  KernelRules rules;
  rules.names = {{.name = "nc", .denied = true, .rule = 1},
                 {.name = "nc", .denied = false, .rule = 2}};
  for (int i = 0; i < 2; i++) {
    std::swap(rules.names[0], rules.names[1]);
    KernelEntries entries = Make(rules);
    ASSERT_EQ(entries.name_keys.size(), 1U);
    EXPECT_EQ(entries.name_rules[0].denied, 1);
    EXPECT_EQ(entries.name_rules[0].rule, 1);
  }
}

TEST(KernelEntries, FlagsSayWhichTablesToAsk) {
  KernelRules rules;
  EXPECT_EQ(Make(rules).container.flags, 0);
  rules.record = true;
  rules.names = {{.name = std::string(63, 'n')}};
  rules.files = {{.file = {}, .flags = kExceptDirectory, .rule = 0}};
  EXPECT_EQ(Make(rules).container.flags, RW_RECORD | RW_HAS_NAMES | RW_HAS_EXCEPTIONS);
}

TEST(KernelEntries, NamesThatCannotMatchAreRefused) {
  for (const std::string& name : {std::string(), std::string("a/b"), std::string(64, 'n')}) {
    KernelRules rules;
    rules.names = {{.name = name}};
    EXPECT_FALSE(MakeKernelEntries(1, 2, rules).ok()) << name;
  }
}

TEST(KernelEntries, HaveArgumentsToTheirEndOrToTheirStar) {
  KernelRules rules;
  rules.arguments = {{.files = {{.device = 1, .inode = 2}},
                      .name = "git",
                      .allow = true,
                      .patterns = {"log", "-*", "*"},
                      .rule = 7}};
  const KernelEntries entries = Make(rules);
  EXPECT_EQ(entries.container.flags, RW_HAS_ARGUMENTS);
  ASSERT_EQ(entries.argument_keys.size(), 3U);
  EXPECT_EQ(entries.argument_keys[0].prefix, (12 + 4) * 8U);
  EXPECT_EQ(entries.argument_keys[1].prefix, (12 + 1) * 8U);
  EXPECT_EQ(entries.argument_keys[2].prefix, 12 * 8U);
  EXPECT_EQ(entries.argument_keys[0].rule, 7U);
  EXPECT_EQ(entries.file_keys[0].set, entries.argument_keys[0].set | RW_OF_ARGUMENTS);
  EXPECT_EQ(entries.file_rules[0].flags, 1);
  EXPECT_EQ(entries.name_rules[0].denied, 1);
}

TEST(KernelEntries, TwoRulesAboutTheArgumentsOfOneAreRefused) {
  KernelRules rules;
  const KernelArguments git{.files = {}, .name = "git", .patterns = {"x"}};
  const KernelArguments file{.files = {{.device = 1, .inode = 2}}, .patterns = {"x"}};
  for (const KernelArguments& one : {git, file}) {
    rules.arguments = {one, one};
    EXPECT_FALSE(MakeKernelEntries(1, 2, rules).ok());
  }
  rules.arguments = {git};
  rules.arguments[0].patterns = {std::string(111, 'x')};
  EXPECT_FALSE(MakeKernelEntries(1, 2, rules).ok());
}

}  // namespace
}  // namespace runward
