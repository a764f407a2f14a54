#include "oci/run_record.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "policy/run_schema.h"
#include "policy/validate.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

Json CapabilityNames(CapabilityMask mask) {
  Json list = Json::array();
  for (const Capability& one : Capabilities()) {
    if ((mask & MaskOf(one.number)) != 0) list.push_back(one.name);
  }
  return list;
}

}  // namespace

std::string FormatRunRule(const RunRule& rule) {
  Json json = Json::object();
  if (rule.users.limited) json["users"] = AccountWords(rule.users);
  if (rule.groups.limited) json["groups"] = AccountWords(rule.groups);
  if (!rule.privileged_allowed) json["privileged"] = false;
  if (rule.capabilities) json["capabilities"] = {{"allow", CapabilityNames(*rule.capabilities)}};
  if (rule.no_new_privileges) json["noNewPrivileges"] = true;
  if (rule.devices) json["devices"] = {{"allow", *rule.devices}};
  if (!rule.preserve_fds) json["preserveFds"] = false;
  for (size_t i = 0; i < std::size(kLimitNames); ++i) {
    if ((rule.limits >> i & 1U) != 0) json["limits"].push_back(kLimitNames[i]);
  }
  if (json.empty()) return "";
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<RunRule> ParseRunRule(const std::string& text) {
  if (text.empty()) return RunRule{};
  const JsonDocument document = TRY(JsonDocument::Parse(text, {.max_depth = 4}));
  Problems problems(document);
  Validate(document, kRunSchema, problems);
  if (problems.empty()) return ReadRunRule(document.root());
  return Error{
      "the record's controls are not what runward writes: " + problems.Take().front().message,
      "start the container again"};
}

}  // namespace runward
