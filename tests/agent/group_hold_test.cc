#include "agent/group_hold.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/kernel_object.h"
#include "tests/agent/group_fixture.h"

namespace runward {
namespace {

using Sets = std::array<std::string, 2>;

class GroupHoldTest : public GroupTest {
 protected:
  // Of a start whose rules were proved.
  Result<GroupHold> Proved(const WantedRules& wanted) {
    GroupHold held = TRY(Hold(group_, wanted));
    TRY(held.rules.SetState(RW_HOST_RULED));
    return held;
  }
  [[nodiscard]] Sets InForce() const { return SetsInForce(pinned_).value(); }
  [[nodiscard]] std::vector<std::string> Folders() const { return PinnedVersions(pinned_); }

  // Where an agent was killed that had put the set in force for what leaves, and not yet for what
  // arrives.
  void PutHalf(const std::string& set) const {
    const UniqueFd link(bpf_obj_get((pinned_ + "/egress").c_str()));
    const UniqueFd program(bpf_obj_get((pinned_ + "/" + set + "/egress").c_str()));
    ASSERT_EQ(bpf_link_update(link.get(), program.get(), nullptr), 0);
  }

  const WantedRules old_ = Wanted();
  const WantedRules new_ = Wanted("1-1", /*allow=*/true);
  const WantedRules again_ = Wanted("1-2");
};

TEST_F(GroupHoldTest, RulesAreGoneOnWithOnceTheyAreProved) {
  auto held = Hold(group_, old_);
  ASSERT_TRUE(held.ok()) << held.error().message;
  EXPECT_FALSE(held.value().proved);
  held = Hold(group_, old_);
  ASSERT_TRUE(held.ok());
  EXPECT_FALSE(held.value().proved || held.value().went_on) << "nobody has proved them";
  ASSERT_TRUE(held.value().rules.SetState(RW_HOST_RULED).ok());
  held = Hold(group_, old_);
  ASSERT_TRUE(held.ok());
  EXPECT_TRUE(held.value().proved && held.value().went_on);
  ASSERT_EQ(unlink((pinned_ + "/ingress").c_str()), 0);
  EXPECT_FALSE(Hold(group_, old_).value().proved) << "one direction was not held";
}

TEST_F(GroupHoldTest, AnotherStartsRulesAreClosedAndReplaced) {
  ASSERT_TRUE(Proved(old_).ok());
  const auto held = Hold(group_, again_);  // of the same rules
  ASSERT_TRUE(held.ok()) << held.error().message;
  EXPECT_FALSE(held.value().proved || held.value().went_on);
  EXPECT_EQ(held.value().rules.Settings().value().state, uint32_t{RW_HOST_CLOSED});
  const std::string set = SetName(again_);
  EXPECT_EQ(InForce(), (Sets{set, set}));
  EXPECT_EQ(Folders(), std::vector{set});
}

TEST_F(GroupHoldTest, OtherRulesOfTheSameStartReplaceThoseThatHoldAndCountAnew) {
  const auto before = Proved(old_);
  ASSERT_TRUE(before.ok()) << before.error().message;
  const auto changed = ChangeGroup(pinned_, new_);
  ASSERT_TRUE(changed.ok()) << changed.error().message;
  EXPECT_EQ(changed.value().Settings().value().default_allow[0], 1U);
  EXPECT_EQ(changed.value().Settings().value().state, uint32_t{RW_HOST_RULED});
  const std::string set = SetName(new_);
  EXPECT_EQ(InForce(), (Sets{set, set}));
  EXPECT_EQ(Folders(), std::vector{set});
  // Conversations are the same ones.
  const rw_flow_key key{.v6 = 0, .protocol = 6, .zero = {}, .own_port = {1, 2}};
  const rw_flow flow{.seen = 7, .ingress = 0, .ended = 0, .number = 80, .rule = 0};
  ASSERT_EQ(bpf_map_update_elem(before.value().rules.flows(), &key, &flow, BPF_ANY), 0);
  rw_flow found{};
  ASSERT_EQ(bpf_map_lookup_elem(changed.value().flows(), &key, &found), 0);
  EXPECT_EQ(found.seen, 7U);
}

TEST_F(GroupHoldTest, WhoWasKilledInTheMiddleOfAChangeIsFollowedEitherWay) {
  for (const bool forward : {false, true}) {
    ASSERT_TRUE(Proved(old_).ok());
    const RuleMaps before = RuleMaps::Open(pinned_ + "/" + SetName(old_)).value();
    ASSERT_TRUE(MakeRuleSet(pinned_ + "/" + SetName(new_), HostNetworkObject(), new_, RW_HOST_RULED,
                            &before)
                    .ok());
    PutHalf(SetName(new_));
    EXPECT_EQ(InForce(), (Sets{SetName(new_), SetName(old_)}));
    const WantedRules& wanted = forward ? new_ : old_;
    const auto held = Hold(group_, wanted);
    ASSERT_TRUE(held.ok()) << held.error().message;
    EXPECT_TRUE(held.value().proved) << "the container runs: it is not closed";
    EXPECT_EQ(held.value().rules.Settings().value().state, uint32_t{RW_HOST_RULED});
    EXPECT_EQ(InForce(), (Sets{SetName(wanted), SetName(wanted)}));
    EXPECT_EQ(Folders(), std::vector{SetName(wanted)});
    RemoveGroupRules(pinned_);
  }
}

TEST_F(GroupHoldTest, WhatWasMadeAndNeverPutInForceGoes) {
  ASSERT_TRUE(Proved(old_).ok());
  ASSERT_EQ(mkdir((pinned_ + "/1-1-enforce-x").c_str(), 0700), 0);
  ASSERT_EQ(mkdir((pinned_ + "/" + SetName(new_)).c_str(), 0700), 0);
  ASSERT_TRUE(ChangeGroup(pinned_, new_).ok());
  EXPECT_EQ(Folders(), std::vector{SetName(new_)});
}

TEST_F(GroupHoldTest, AnErrorLeavesTheOldRules) {
  ASSERT_TRUE(Proved(old_).ok());
  WantedRules bad = new_;
  bad.start = std::string(300, '1');  // no name of a folder
  EXPECT_FALSE(ChangeGroup(pinned_, bad).ok());
  EXPECT_FALSE(Hold(group_, bad).ok());
  EXPECT_EQ(InForce(), (Sets{SetName(old_), SetName(old_)}));
}

TEST_F(GroupHoldTest, WhatCannotBeAttachedLeavesNothing) {
  const auto held = Hold(dir_, old_);  // no control group
  ASSERT_FALSE(held.ok());
  EXPECT_NE(held.error().message.find("control group"), std::string::npos);
  EXPECT_TRUE(PinnedVersions(dir_ + "/pins").empty());
}

}  // namespace
}  // namespace runward
