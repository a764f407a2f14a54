#include "agent/flow_table.h"

#include <algorithm>

namespace runward {
namespace {

void AddTo(FlowCounts& to, const FlowCounts& more) {
  to.count += more.count;
  to.bytes_out += more.bytes_out;
  to.bytes_in += more.bytes_in;
}

FlowKey Shared(const FlowKey& key) {
  return {.kind = key.kind, .ingress = key.ingress, .rule = key.rule};
}

bool Before(const FlowTable::Flow& a, const FlowTable::Flow& b) {
  if (a.key.kind != b.key.kind) return a.key.kind < b.key.kind;
  return a.counts.count > b.counts.count;
}

}  // namespace

void FlowTable::Add(const FlowKey& key, const FlowCounts& counts) {
  const auto known = flows_.find(key);
  if (known != flows_.end()) {
    AddTo(known->second, counts);
  } else if (flows_.size() < kMostFlows) {
    flows_.emplace(key, counts);
  } else {
    AddTo(others_[Shared(key)], counts);
  }
}

std::vector<FlowTable::Flow> FlowTable::Take(size_t most) {
  std::vector<Flow> all;
  for (const auto& [key, counts] : flows_) all.push_back({key, false, counts});
  for (const auto& [key, counts] : others_) all.push_back({key, true, counts});
  std::ranges::stable_sort(all, Before);
  if (all.size() > most) all.resize(most);
  for (const Flow& flow : all) (flow.others ? others_ : flows_).erase(flow.key);
  return all;
}

}  // namespace runward
