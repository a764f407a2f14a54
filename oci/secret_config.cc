#include "oci/secret_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "oci/json_edit.h"
#include "oci/spec.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

std::string TextOf(const Json& json) { return json.dump(); }

bool HasValues(const std::vector<SecretRule>& rules) {
  return std::ranges::any_of(rules, [](const SecretRule& rule) { return !rule.env.empty(); });
}

bool NamesFiles(const std::vector<SecretRule>& rules) {
  return std::ranges::any_of(rules, [](const SecretRule& rule) { return !rule.file_env.empty(); });
}

// Of the variables that the engine gave, those that a secret does not set.
bool IsSet(const std::vector<SecretRule>& rules, std::string_view entry) {
  const std::string_view name = entry.substr(0, entry.find('='));
  return std::ranges::any_of(
      rules, [&](const SecretRule& rule) { return name == rule.env || name == rule.file_env; });
}

std::string Environment(const JsonValue& given, const std::vector<SecretRule>& rules) {
  Json list = Json::array();
  for (const JsonValue entry : given) {
    if (!IsSet(rules, entry.text())) list.push_back(entry.text());
  }
  for (const SecretRule& rule : rules) {
    if (!rule.file_env.empty()) list.push_back(rule.file_env + "=" + rule.file);
  }
  return TextOf(list);
}

std::string Arguments(const JsonValue& given, const std::vector<SecretRule>& rules) {
  Json list = {kEnvHelper};
  for (const SecretRule& rule : rules) {
    if (!rule.env.empty()) list.push_back(rule.env + "=" + rule.file);
  }
  list.push_back("--");
  for (const JsonValue argument : given) list.push_back(argument.text());
  return TextOf(list);
}

std::string MountText(const std::string& helper) {
  return TextOf({{"destination", kEnvHelper},
                 {"type", "bind"},
                 {"source", helper},
                 {"options", {"bind", "ro", "nosuid", "nodev", "rprivate"}}});
}

// A member of an object replaced, or added where there is none.
Result<std::string> WithValue(const JsonDocument& config, const JsonValue& object,
                              const std::string& name, const std::string& text) {
  const JsonValue member = TRY(object.Field(name));
  if (member) return WithReplaced(config, member, text);
  return WithReplaced(config, object, WithMember(object, "\"" + name + "\":" + text));
}

Result<JsonDocument> ReadAgain(std::string text) {
  return ReadSpec(std::move(text), "config.json");
}

Result<std::string> WithHelper(const JsonDocument& config, const std::vector<SecretRule>& rules,
                               const std::string& helper) {
  const JsonValue process = TRY(config.root().Field("process"));
  const JsonValue args = TRY(process.Field("args"));
  if (args.size() == 0) {
    return Error{"the container has no command to give variables to", "give it one"};
  }
  const JsonDocument changed = TRY(ReadAgain(WithReplaced(config, args, Arguments(args, rules))));
  const JsonValue mounts = TRY(changed.root().Field("mounts"));
  std::string list = "[";
  for (const JsonValue mount : mounts) list.append(mount.raw()).append(",");
  return WithValue(changed, changed.root(), "mounts", list + MountText(helper) + "]");
}

}  // namespace

std::vector<SecretRule> SecretRulesOf(const Policy& policy, std::string_view profile) {
  const auto found = std::ranges::find(policy.profiles, profile, &Profile::name);
  if (found == policy.profiles.end()) return {};
  return ReadSecretRules(found->secrets);
}

Result<std::string> WithSecretVariables(const JsonDocument& config,
                                        const std::vector<SecretRule>& rules,
                                        const std::string& helper) {
  const bool values = HasValues(rules);
  if (!values && !NamesFiles(rules)) return std::string();
  const JsonValue process = TRY(config.root().Field("process"));
  const JsonValue env = TRY(process.Field("env"));
  std::string text = TRY(WithValue(config, process, "env", Environment(env, rules)));
  if (!values) return text;
  const JsonDocument changed = TRY(ReadAgain(std::move(text)));
  return WithHelper(changed, rules, helper);
}

}  // namespace runward
