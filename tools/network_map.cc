#include "tools/network_map.h"

#include <algorithm>

namespace runward {
namespace {

// Denied, would be denied, allowed.
int Rank(EventAction action) {
  if (action == EventAction::kDenied) return 0;
  return action == EventAction::kWouldDeny ? 1 : 2;
}

}  // namespace

void NetworkMap::Add(const LoggedEvent& logged) {
  const Event& event = logged.event;
  if (!event.flow) return;
  const EventFlow& flow = *event.flow;
  if (event.action == EventAction::kError) {
    ++untold_;
    return;
  }
  SeenFlowKey key{.container = event.container_id,
                  .image = event.image_name.empty() ? event.image_chain : event.image_name,
                  .action = event.action,
                  .ingress = flow.ingress,
                  .peer = flow.peer,
                  .name = flow.peer_name,
                  .protocol = flow.protocol,
                  .port = flow.port,
                  .rule = event.rule};
  if (event.operation == "dns") key.protocol = "dns";
  auto known = flows_.find(key);
  if (known == flows_.end()) {
    if (flows_.size() >= kMaxFlows) {
      ++uncounted_;
      return;
    }
    const SeenFlow fresh{.key = key, .first = event.time, .last = event.time};
    known = flows_.emplace(std::move(key), fresh).first;
  }
  SeenFlow& sum = known->second;
  sum.count += flow.count;
  sum.bytes_out += flow.bytes_out;
  sum.bytes_in += flow.bytes_in;
  sum.first = std::min(sum.first, event.time);
  sum.last = std::max(sum.last, event.time);
}

std::vector<SeenFlow> NetworkMap::Flows() const {
  std::map<std::string, std::pair<int64_t, int64_t>> denied;  // by container; would be
  for (const auto& [key, flow] : flows_) {
    auto& [really, would] = denied[key.container];
    if (key.action == EventAction::kDenied) really += flow.count;
    if (key.action == EventAction::kWouldDeny) would += flow.count;
  }
  std::vector<SeenFlow> flows;
  for (const auto& [key, flow] : flows_) flows.push_back(flow);
  std::ranges::stable_sort(flows, [&](const SeenFlow& a, const SeenFlow& b) {
    if (a.key.container != b.key.container) {
      const auto& left = denied.at(a.key.container);
      const auto& right = denied.at(b.key.container);
      return left != right ? left > right : a.key.container < b.key.container;
    }
    const int left = Rank(a.key.action);
    const int right = Rank(b.key.action);
    return left != right ? left < right : a.count > b.count;
  });
  return flows;
}

std::string ServiceOf(const SeenFlowKey& key) {
  if (key.protocol.starts_with("icmp")) return key.protocol + " type " + std::to_string(key.port);
  if (key.port == 0) return key.protocol;
  return std::to_string(key.port) + "/" + key.protocol;
}

std::string PeerOf(const SeenFlowKey& key) {
  if (key.peer.empty()) return key.name.empty() ? "several" : key.name;
  return key.name.empty() ? key.peer : key.name + " (" + key.peer + ")";
}

std::string ShortContainer(const std::string& id) {
  constexpr size_t kDocker = 64;
  constexpr size_t kShown = 12;
  return id.size() == kDocker ? id.substr(0, kShown) : id;
}

}  // namespace runward
