#include "oci/network_config.h"

#include <nlohmann/json.hpp>

#include "oci/json_edit.h"
#include "policy/capabilities.h"

namespace runward {
namespace {

std::string SetText(JsonValue set) {
  std::string list;
  for (const JsonValue word : set) {
    if (!IsNetworkCapability(word.text())) list.append(list.empty() ? "" : ",").append(word.raw());
  }
  return "[" + list + "]";
}

}  // namespace

bool IsNetworkCapability(std::string_view word) {
  constexpr int kNetAdmin = 12;
  constexpr int kNetRaw = 13;
  const auto number = CapabilityOf(word);
  return number == kNetAdmin || number == kNetRaw;
}

bool HasNetworkCapabilities(JsonValue process) {
  for (const JsonValue set : process.Find("capabilities")) {
    for (const JsonValue word : set) {
      if (IsNetworkCapability(word.text())) return true;
    }
  }
  return false;
}

std::string WithoutNetworkCapabilities(const JsonDocument& document, JsonValue process) {
  if (!HasNetworkCapabilities(process)) return "";
  const JsonValue capabilities = process.Find("capabilities");
  std::string sets;
  for (const JsonValue set : capabilities) {
    const std::string name = nlohmann::json(std::string(set.key())).dump();
    sets.append(sets.empty() ? "" : ",").append(name).append(":");
    sets.append(set.IsArray() ? SetText(set) : std::string(set.raw()));
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
