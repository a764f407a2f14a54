#include "oci/command_record.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "policy/command_schema.h"
#include "policy/validate.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

void PutLists(const CommandLists& lists, Json& json) {
  if (!lists.deny.empty()) json["deny"] = lists.deny;
  if (lists.allow) json["allow"] = *lists.allow;
}

}  // namespace

std::string FormatCommandRule(const CommandRule& rule) {
  if (rule.empty()) return "";
  constexpr std::array<const char*, 3> kDrifts = {"allow", "warn", "deny"};
  Json json = Json::object();
  PutLists(rule.lists, json);
  json["drift"] = kDrifts[static_cast<size_t>(rule.drift)];
  if (!rule.drift_except.empty()) json["driftExcept"] = rule.drift_except;
  for (const UserCommands& element : rule.users) {
    Json one = {{"users", AccountWords(element.users)}};
    PutLists(element.lists, one);
    json["users"].push_back(std::move(one));
  }
  if (rule.exec_users.limited) json["exec"]["users"] = AccountWords(rule.exec_users);
  if (rule.exec_allow) json["exec"]["allow"] = *rule.exec_allow;
  for (const ArgumentRule& one : rule.arguments) {
    Json element = {{"command", one.command}};
    if (one.allow) element["allow"] = *one.allow;
    if (!one.allow) element["deny"] = one.deny;
    json["arguments"].push_back(std::move(element));
  }
  if (rule.learn) json["learn"] = true;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<CommandRule> ParseCommandRule(const std::string& text) {
  if (text.empty()) return CommandRule{};
  const JsonDocument document = TRY(JsonDocument::Parse(text, {.max_depth = 6}));
  Problems problems(document);
  Validate(document, kCommandSchema, problems);
  if (problems.empty()) return ReadCommandRule(document.root());
  return Error{
      "the record's command rules are not what runward writes: " + problems.Take().front().message,
      "start the container again"};
}

}  // namespace runward
