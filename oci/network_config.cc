#include "oci/network_config.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "oci/json_edit.h"

namespace runward {
namespace {

constexpr std::array<std::pair<int, const char*>, 4> kNames = {
    {{12, "NET_ADMIN"}, {13, "NET_RAW"}, {21, "SYS_ADMIN"}, {39, "BPF"}}};

std::string SetText(JsonValue set, CapabilityMask guarded) {
  std::string list;
  for (const JsonValue word : set) {
    if (IsNetworkCapability(word.text(), guarded)) continue;
    list.append(list.empty() ? "" : ",").append(word.raw());
  }
  return "[" + list + "]";
}

}  // namespace

CapabilityMask GuardedCapabilities(const NetworkRule& rule, NetworkPlace place) {
  const CapabilityMask net_admin = MaskOf(12);
  const CapabilityMask net_raw = MaskOf(13);
  if (rule.capabilities == NetworkCapabilities::kKeep) return 0;
  const bool cables = rule.capabilities == NetworkCapabilities::kVeth && !place.on_host;
  const CapabilityMask guarded = cables ? net_admin : net_admin | net_raw;
  constexpr int kSysAdmin = 21;
  constexpr int kBpf = 39;
  if (rule.host_network != HostNetwork::kCgroup) return guarded;
  return guarded | MaskOf(kSysAdmin) | MaskOf(kBpf);
}

std::string NetworkCapabilityNames(CapabilityMask guarded) {
  std::vector<std::string> names;
  for (const auto& [number, name] : kNames) {
    if ((guarded & MaskOf(number)) != 0) names.emplace_back(name);
  }
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

bool IsNetworkCapability(std::string_view word, CapabilityMask guarded) {
  const auto number = CapabilityOf(word);
  return number && (guarded & MaskOf(*number)) != 0;
}

bool HasNetworkCapabilities(JsonValue process, CapabilityMask guarded) {
  for (const JsonValue set : process.Find("capabilities")) {
    for (const JsonValue word : set) {
      if (IsNetworkCapability(word.text(), guarded)) return true;
    }
  }
  return false;
}

std::string WithoutNetworkCapabilities(const JsonDocument& document, JsonValue process,
                                       CapabilityMask guarded) {
  if (!HasNetworkCapabilities(process, guarded)) return "";
  const JsonValue capabilities = process.Find("capabilities");
  std::string sets;
  for (const JsonValue set : capabilities) {
    const std::string name = nlohmann::json(std::string(set.key())).dump();
    sets.append(sets.empty() ? "" : ",").append(name).append(":");
    sets.append(set.IsArray() ? SetText(set, guarded) : std::string(set.raw()));
  }
  return WithReplaced(document, capabilities, "{" + sets + "}");
}

bool SharesHostNetwork(JsonValue config) {
  for (const JsonValue space : config.Find("linux").Find("namespaces")) {
    if (space.Find("type").text() == "network") return false;
  }
  return true;
}

}  // namespace runward
