#include "agent/rule_set.h"

#include "agent/kernel_object.h"
#include "tests/agent/group_fixture.h"

namespace runward {
namespace {

TEST(RuleSet, ItsNameIsNoOtherStartsNorOtherRules) {
  WantedRules one{.start = "7-99", .plan = {}, .audit = false};
  const std::string name = SetName(one);
  EXPECT_EQ(SetName(one), name);
  EXPECT_TRUE(IsSetOf(name, "7-99"));
  EXPECT_FALSE(IsSetOf(name, "7-9"));
  EXPECT_EQ(name.find('.'), std::string::npos) << "a BPF filesystem takes no dots";
  WantedRules other = one;
  other.start = "7-100";
  EXPECT_NE(SetName(other), name);
  other = one;
  other.audit = true;
  EXPECT_NE(SetName(other), name);
  other = one;
  other.plan.peers.push_back({.bits = 32, .bytes = {}, .rules = {1}});
  EXPECT_NE(SetName(other), name);
}

TEST_F(GroupTest, ASetIsWhollyThereOrNotAtAll) {
  const std::string folder = dir_ + "/pins/set";
  const auto made = MakeRuleSet(folder, HostNetworkObject(), Wanted(), RW_HOST_CLOSED, nullptr);
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(made.value().Settings().value().state, uint32_t{RW_HOST_CLOSED});
  EXPECT_TRUE(RuleMaps::Open(folder).ok());
  for (const char* name : kGroupPrograms) EXPECT_TRUE(OpenPinned(folder, name).ok());
  EXPECT_FALSE(
      MakeRuleSet(folder + "/no/such", HostNetworkObject(), Wanted(), RW_HOST_CLOSED, nullptr)
          .ok());
  WantedRules audited = Wanted();
  audited.audit = true;
  const auto open =
      MakeRuleSet(folder + "2", HostNetworkObject(), audited, RW_HOST_CLOSED, nullptr);
  ASSERT_TRUE(open.ok());
  EXPECT_EQ(open.value().Settings().value().state, uint32_t{RW_HOST_RULED});
  RemovePinned(folder, {});
  RemovePinned(folder + "2", {});
  EXPECT_TRUE(PinnedVersions(dir_ + "/pins").empty());
}

TEST_F(GroupTest, AFileThatHasNoProgramsSaysSo) {
  const std::array<std::byte, 64> none{};
  const auto made = MakeRuleSet(dir_ + "/pins/set", none, Wanted(), RW_HOST_CLOSED, nullptr);
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().message.find("(libbpf: "), std::string::npos) << made.error().message;
  EXPECT_TRUE(PinnedVersions(dir_ + "/pins").empty());
}

}  // namespace
}  // namespace runward
