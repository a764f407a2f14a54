#include "oci/network_config.h"

#include <nlohmann/json.hpp>

#include "oci/json_edit.h"
#include "policy/capabilities.h"

namespace runward {
namespace {

std::string SetText(JsonValue set, HostNetwork host) {
  std::string list;
  for (const JsonValue word : set) {
    if (IsNetworkCapability(word.text(), host)) continue;
    list.append(list.empty() ? "" : ",").append(word.raw());
  }
  return "[" + list + "]";
}

}  // namespace

std::string NetworkCapabilityNames(HostNetwork host) {
  if (host != HostNetwork::kCgroup) return "NET_ADMIN or NET_RAW";
  return "NET_ADMIN, NET_RAW, SYS_ADMIN or BPF";
}

bool IsNetworkCapability(std::string_view word, HostNetwork host) {
  constexpr int kNetAdmin = 12;
  constexpr int kNetRaw = 13;
  constexpr int kSysAdmin = 21;
  constexpr int kBpf = 39;
  const auto number = CapabilityOf(word);
  if (number == kNetAdmin || number == kNetRaw) return true;
  return host == HostNetwork::kCgroup && (number == kSysAdmin || number == kBpf);
}

bool HasNetworkCapabilities(JsonValue process, HostNetwork host) {
  for (const JsonValue set : process.Find("capabilities")) {
    for (const JsonValue word : set) {
      if (IsNetworkCapability(word.text(), host)) return true;
    }
  }
  return false;
}

std::string WithoutNetworkCapabilities(const JsonDocument& document, JsonValue process,
                                       HostNetwork host) {
  if (!HasNetworkCapabilities(process, host)) return "";
  const JsonValue capabilities = process.Find("capabilities");
  std::string sets;
  for (const JsonValue set : capabilities) {
    const std::string name = nlohmann::json(std::string(set.key())).dump();
    sets.append(sets.empty() ? "" : ",").append(name).append(":");
    sets.append(set.IsArray() ? SetText(set, host) : std::string(set.raw()));
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
