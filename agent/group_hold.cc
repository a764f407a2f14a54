#include "agent/group_hold.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "agent/group_links.h"
#include "agent/kernel_object.h"
#include "agent/kernel_pins.h"

namespace runward {
namespace {

using Sets = std::array<std::string, 2>;

// Whether both are of that start, and were proved.
bool AreProved(const std::string& dir, const Sets& sets, const std::string& start) {
  return std::ranges::all_of(sets, [&](const std::string& set) {
    if (!IsSetOf(set, start)) return false;
    const Result<RuleMaps> maps = RuleMaps::Open(PinPath(dir, set));
    if (!maps.ok()) return false;
    const Result<rw_host_settings> settings = maps.value().Settings();
    return settings.ok() && settings.value().state == RW_HOST_RULED;
  });
}

Result<RuleMaps> Make(const std::string& dir, const WantedRules& wanted, rw_host_state state,
                      const RuleMaps* before) {
  const std::string folder = PinPath(dir, SetName(wanted));
  RemovePinned(folder, {});  // of an agent that was killed
  Result<RuleMaps> made = MakeRuleSet(folder, HostNetworkObject(), wanted, state, before);
  if (made.ok()) return made;
  Error error = made.error();
  if (error.hint.empty()) {
    error.hint =
        "the kernel needs CONFIG_CGROUP_BPF, of 5.10 or later; or give the container a network of "
        "its own";
  }
  return error;
}

Result<RuleMaps> HoldAnew(const std::string& dir, int group, const WantedRules& wanted) {
  if (mkdir(dir.c_str(), 0700) != 0 && errno != EEXIST) {
    return ErrnoError("mkdir \"" + dir + "\"", errno);
  }
  RuleMaps rules = TRY(Make(dir, wanted, RW_HOST_CLOSED, nullptr));
  TRY(PutInForce(dir, SetName(wanted), group));
  return rules;
}

}  // namespace

Result<GroupHold> HoldGroup(const std::string& dir, int group, const WantedRules& wanted) {
  const Sets sets = TRY(SetsInForce(dir));
  const std::string own = SetName(wanted);
  const bool proved = AreProved(dir, sets, wanted.start);
  GroupHold hold{.rules = {}, .proved = proved || wanted.audit};
  hold.went_on = proved && std::ranges::count(sets, own) == 2;
  if (hold.went_on) {
    hold.rules = TRY(RuleMaps::Open(PinPath(dir, own)));
  } else if (proved) {
    hold.rules = TRY(ChangeGroup(dir, wanted));
  } else {
    Result<RuleMaps> rules = HoldAnew(dir, group, wanted);
    const bool held = std::ranges::any_of(sets, [](const auto& set) { return !set.empty(); });
    if (!rules.ok() && !held) RemoveGroupRules(dir);
    hold.rules = TRY(std::move(rules));
  }
  RemoveUnused(dir);
  return hold;
}

Result<RuleMaps> ChangeGroup(const std::string& dir, const WantedRules& wanted) {
  constexpr int kNoGroup = -1;  // both links are there
  const Sets sets = TRY(SetsInForce(dir));
  const RuleMaps before = TRY(RuleMaps::Open(PinPath(dir, sets.front())));
  const std::string own = SetName(wanted);
  // Where it holds in one direction already it is whole, and counts.
  const bool half = std::ranges::count(sets, own) != 0;
  RuleMaps rules =
      TRY(half ? RuleMaps::Open(PinPath(dir, own)) : Make(dir, wanted, RW_HOST_RULED, &before));
  const Result<void> changed = PutInForce(dir, own, kNoGroup);
  if (!changed.ok() && !half) (void)PutInForce(dir, sets.front(), kNoGroup).ok();
  RemoveUnused(dir);
  if (!changed.ok()) return changed.error();
  return rules;
}

}  // namespace runward
