#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "netfilter/batch.h"
#include "netfilter/net_namespace.h"
#include "netfilter/plan.h"

namespace runward {

// Gives live sets of a table the elements that `sets` have, in place of those that they had: in one
// transaction, so that no packet meets a part of them. False, and nothing is changed, where there
// is no such table or set. The socket by which it was done goes to `used`: to close it waits for
// the kernel to release what was taken out, which costs no more for many than for one.
Result<bool> FillSets(const NetNamespace& space, const std::string& table,
                      std::span<const PlanSet> sets, std::vector<NetfilterSocket>& used);

}  // namespace runward
