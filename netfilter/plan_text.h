#pragma once

#include <string>

#include "netfilter/plan.h"

namespace runward {

// The plan in nft's syntax (nft(8)), which `nft -f` would install.
std::string PlanText(const NetfilterPlan& plan);
std::string RuleText(const PlanRule& rule);

}  // namespace runward
