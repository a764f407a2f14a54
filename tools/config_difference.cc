#include "tools/config_difference.h"

#include <nlohmann/json.hpp>

#include "tools/unified_diff.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

const Json* Member(const Json& object, const char* name) {
  if (!object.is_object() || !object.contains(name)) return nullptr;
  return &object.at(name);
}

Json HookShown(const Json& hook) {
  const Json* const given = Member(hook, "path");
  const std::string path = given != nullptr && given->is_string() ? given->get<std::string>() : "";
  Json shown = {{"path", path}};
  if (path.ends_with("/runward-hook") && Member(hook, "args") != nullptr) {
    shown["args"] = hook.at("args");
  }
  return shown;
}

std::string Shown(std::string_view text) {
  const Json config = Json::parse(text, nullptr, false);
  Json shown = Json::object();
  const Json* const section = Member(config, "linux");
  if (section != nullptr && Member(*section, "seccomp") != nullptr) {
    Json seccomp = section->at("seccomp");
    if (seccomp.is_object()) seccomp.erase("listenerMetadata");
    shown["linux"]["seccomp"] = std::move(seccomp);
  }
  const Json* const hooks = Member(config, "hooks");
  const Json* const created = hooks == nullptr ? nullptr : Member(*hooks, "createRuntime");
  if (created != nullptr && created->is_array()) {
    for (const Json& hook : *created) shown["hooks"]["createRuntime"].push_back(HookShown(hook));
  }
  return shown.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string ConfigDifference(std::string_view before, std::string_view after,
                             const std::string& from, const std::string& to) {
  return UnifiedDiff(Shown(before), Shown(after), from, to);
}

}  // namespace runward
