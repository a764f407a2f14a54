#include "oci/secret_record.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "policy/secret_schema.h"
#include "policy/validate.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

// The list as a member: a document that Validate reads is an object.
constexpr std::array<KeySpec, 1> kListKeys = {{
    {.name = "secrets", .shape = Shape::kObject, .count = Count::kAny, .object = &kSecretSchema},
}};
constexpr ObjectSpec kList = {"record", "What a container receives.", kListKeys};

std::string Octal(uint32_t mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

Json JsonOf(const SecretRule& rule) {
  Json json = {{"name", rule.name}, {"file", rule.file}, {"mode", Octal(rule.mode)}};
  if (rule.uid) json["uid"] = *rule.uid;
  if (rule.gid) json["gid"] = *rule.gid;
  if (!rule.env.empty()) json["env"] = rule.env;
  if (!rule.file_env.empty()) json["fileEnv"] = rule.file_env;
  if (rule.refresh) json["refresh"] = true;
  if (!rule.signal.empty()) json["signal"] = rule.signal;
  return json;
}

}  // namespace

std::string FormatSecretRules(const std::vector<SecretRule>& rules) {
  if (rules.empty()) return "";
  Json list = Json::array();
  for (const SecretRule& rule : rules) list.push_back(JsonOf(rule));
  const Json json = {{"secrets", list}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<std::vector<SecretRule>> ParseSecretRules(const std::string& text) {
  if (text.empty()) return std::vector<SecretRule>{};
  const JsonDocument document = TRY(JsonDocument::Parse(text, {.max_depth = 4}));
  Problems problems(document);
  Validate(document, kList, problems);
  if (problems.empty()) return ReadSecretRules(document.root().Find("secrets"));
  return Error{
      "the record's secrets are not what runward writes: " + problems.Take().front().message,
      "start the container again"};
}

}  // namespace runward
