#include "policy/host_network.h"

#include <algorithm>

#include "policy/container_peer.h"

namespace runward {
namespace {

constexpr const char* kHint =
    "leave it out, or set \"hostNetwork\" to deny; a container with a network of its own can have "
    "it";

std::string WhyNot(const NetworkDirection& direction) {
  if (direction.rules.size() > kMostCgroupRules) {
    return "there are more than " + std::to_string(kMostCgroupRules);
  }
  for (const NetworkRuleItem& item : direction.rules) {
    if (!item.dns.empty()) return item.place + " names names";
    if (!item.containers.empty()) return item.place + " names containers";
    if (item.rate) return item.place + " has a rate";
  }
  return "";
}

void CheckRule(const JsonValue& rule, Problems& problems) {
  for (const char* key : {"to", "from"}) {
    for (const JsonValue peer : rule.Find(key)) {
      if (peer.text().starts_with("dns:")) {
        problems.At(peer, "names are not resolved for a container on the host's network", kHint);
      } else if (ParseContainerPeer(peer.text())) {
        problems.At(peer, "containers are no peers of a container on the host's network", kHint);
      }
    }
  }
  const JsonValue rate = rule.Find("rate");
  if (rate) problems.AtKey(rate, "rates do not hold on the host's network", kHint);
}

}  // namespace

std::string WhyNotByCgroup(const NetworkRule& rule) {
  const std::string egress = WhyNot(rule.egress);
  return egress.empty() ? WhyNot(rule.ingress) : egress;
}

void CheckHostNetwork(const JsonValue& network, Problems& problems) {
  if (network.Find("hostNetwork").text() != "cgroup") return;
  for (const char* name : {"egress", "ingress"}) {
    const JsonValue direction = network.Find(name);
    size_t rules = 0;
    for (const char* list : {"allow", "deny", "rules"}) {
      rules += direction.Find(list).size();
      for (const JsonValue rule : direction.Find(list)) CheckRule(rule, problems);
    }
    if (rules <= kMostCgroupRules) continue;
    problems.AtKey(direction,
                   "more than " + std::to_string(kMostCgroupRules) +
                       " rules, which is too much for the host's network",
                   "put the addresses of alike rules into one, or into a group");
  }
}

}  // namespace runward
