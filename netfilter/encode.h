#pragma once

#include "netfilter/batch.h"
#include "netfilter/plan.h"

namespace runward {

// Adds the commands that make the plan's table, in place of one of that name that may be there, or
// `fresh`, which fails (EEXIST) where there is one. The plan must outlive the batch.
void EncodePlan(const NetfilterPlan& plan, Batch& batch, bool fresh = false);

// Adds the commands after which there is no table of that name, whether there was one or not.
void EncodeRemoval(const std::string& table, Batch& batch);

// Takes all elements out of the set of a table.
void EncodeEmptying(const std::string& table, const std::string& set, Batch& batch);

// Adds elements to the set of a table, as many messages as they need.
void EncodeElements(const std::string& table, const PlanSet& set, Batch& batch);

}  // namespace runward
