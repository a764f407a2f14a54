#include "oci/network_record.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "policy/network_schema.h"
#include "policy/validate.h"

namespace runward {
namespace {

constexpr std::array<KeySpec, 2> kKeys = {{
    {.name = "addressGroups",
     .shape = Shape::kObject,
     .count = Count::kAny,
     .required = true,
     .object = &kAddressGroupSchema},
    {.name = "network", .shape = Shape::kObject, .required = true, .object = &kNetworkSchema},
}};
constexpr ObjectSpec kRecorded = {"record", "", kKeys};

JsonValue SectionOf(const Policy& policy, std::string_view profile) {
  const auto found = std::ranges::find(policy.profiles, profile, &Profile::name);
  return found == policy.profiles.end() ? JsonValue() : found->network;
}

}  // namespace

std::string FormatNetworkRecord(const Policy& policy, std::string_view profile) {
  const JsonValue network = SectionOf(policy, profile);
  if (!network) return "";
  const std::string_view groups = policy.address_groups ? policy.address_groups.raw() : "[]";
  std::string text = "{\"addressGroups\":";
  return text.append(groups).append(",\"network\":").append(network.raw()).append("}");
}

Result<NetworkRule> ParseNetworkRecord(const std::string& text) {
  if (text.empty()) return NetworkRule{};
  // As the policy's own text, which may have comments.
  const JsonDocument document = TRY(JsonDocument::Parse(text, {.max_depth = 9, .comments = true}));
  Problems problems(document);
  Validate(document, kRecorded, problems);
  const JsonValue groups = document.root().Find("addressGroups");
  const JsonValue network = document.root().Find("network");
  if (problems.empty()) {
    CheckAddressGroups(groups, problems);
    CheckNetwork(network, groups, problems);
  }
  if (problems.empty()) return ReadNetworkRule(network, groups);
  return Error{
      "the record's network rules are not what runward writes: " + problems.Take().front().message,
      "start the container again"};
}

NetworkRule NetworkRuleOf(const Policy& policy, std::string_view profile) {
  return ReadNetworkRule(SectionOf(policy, profile), policy.address_groups);
}

}  // namespace runward
