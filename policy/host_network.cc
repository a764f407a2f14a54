#include "policy/host_network.h"

#include <algorithm>

#include "policy/container_peer.h"

namespace runward {
namespace {

// Which word it is that has programs hold the rules.
struct Asker {
  std::string where;
  const char* hint;
};
constexpr const char* kHostHint =
    "leave it out, or set \"hostNetwork\" to deny; a container with a network of its own can have "
    "it";
constexpr const char* kVethHint = "leave it out, or set \"capabilities\" to withhold or refuse";

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

void CheckRule(const JsonValue& rule, const Asker& asker, Problems& problems) {
  for (const char* key : {"to", "from"}) {
    for (const JsonValue peer : rule.Find(key)) {
      if (peer.text().starts_with("dns:")) {
        problems.At(peer, "names are not resolved for a container " + asker.where, asker.hint);
      } else if (ParseContainerPeer(peer.text())) {
        problems.At(peer, "containers are no peers of a container " + asker.where, asker.hint);
      }
    }
  }
  const JsonValue rate = rule.Find("rate");
  if (rate) problems.AtKey(rate, "rates do not hold for a container " + asker.where, asker.hint);
}

}  // namespace

std::string WhyNotByCgroup(const NetworkRule& rule) {
  const std::string egress = WhyNot(rule.egress);
  return egress.empty() ? WhyNot(rule.ingress) : egress;
}

void CheckHostNetwork(const JsonValue& network, Problems& problems) {
  const bool host = network.Find("hostNetwork").text() == "cgroup";
  if (!host && network.Find("capabilities").text() != "veth") return;
  const Asker asker = host ? Asker{"on the host's network", kHostHint}
                           : Asker{"under \"capabilities\": \"veth\"", kVethHint};
  for (const char* name : {"egress", "ingress"}) {
    const JsonValue direction = network.Find(name);
    size_t rules = 0;
    for (const char* list : {"allow", "deny", "rules"}) {
      rules += direction.Find(list).size();
      for (const JsonValue rule : direction.Find(list)) CheckRule(rule, asker, problems);
    }
    if (rules <= kMostCgroupRules) continue;
    problems.AtKey(direction,
                   "more than " + std::to_string(kMostCgroupRules) +
                       " rules, which is too much for a container " + asker.where,
                   "put the addresses of alike rules into one, or into a group");
  }
}

}  // namespace runward
