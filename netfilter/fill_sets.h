#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "netfilter/net_namespace.h"
#include "netfilter/plan.h"

namespace runward {

// Gives live sets of a table the elements that `sets` have, in place of those that they had: in one
// transaction, so that no packet meets a part of them. False, and nothing is changed, where there
// is no such table or set.
Result<bool> FillSets(const NetNamespace& space, const std::string& table,
                      std::span<const PlanSet> sets);

}  // namespace runward
