#pragma once

#include <array>
#include <string>

#include "base/result.h"

namespace runward {

// The two links at a container's control group, egress and ingress, which call the programs of one
// of the sets of rules (agent/rule_set.h) in the folder in which they are pinned. They hold until
// the group is gone, or the folder, whether an agent lives or not.

inline constexpr std::array kGroupPrograms = {"egress", "ingress"};  // and links

// The names of the sets whose programs they call. "" where there is no link, or its group is gone;
// "?" for a program that no set in the folder has.
Result<std::array<std::string, 2>> SetsInForce(const std::string& dir);

// Has both call the programs of the set. Where there is a link already, each packet meets the old
// program or the new one, and never none; egress comes first. What is not there is made at `group`,
// an open directory of the unified hierarchy. An Error may leave it half done.
Result<void> PutInForce(const std::string& dir, const std::string& set, int group);

// Removes the sets that neither calls.
void RemoveUnused(const std::string& dir);

// Whether the group of the folder's links is gone, so that they hold nothing. False where that
// cannot be told.
bool HoldsNothing(const std::string& dir);
void RemoveGroupRules(const std::string& dir);

}  // namespace runward
