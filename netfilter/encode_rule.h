#pragma once

#include <string>

#include "base/fd.h"
#include "netfilter/plan.h"

extern "C" {
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
}

namespace runward {

using RuleHandle = CHandle<nftnl_rule, nftnl_rule_free>;

// The rule as the kernel's expressions (linux/netfilter/nf_tables.h), without table and chain.
RuleHandle EncodeRule(const PlanRule& rule);

}  // namespace runward
