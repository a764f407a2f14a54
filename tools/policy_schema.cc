#include <nlohmann/json.hpp>

#include "policy/schema.h"
#include "policy/words.h"
#include "tools/console.h"
#include "tools/options.h"
#include "tools/policy_commands.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

// What policy/validate.cc accepts, as regular expressions (ECMA-262) for editors.
constexpr char kText[] = R"(^[^\u0000-\u001f\u007f]+$)";
constexpr char kDigest[] = "^sha256:[0-9a-f]{64}$";
constexpr char kDuration[] = "^0*[1-9][0-9]*[smhd]$";
constexpr char kMoment[] =
    R"(^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2}))?$)";
constexpr char kName[] = "^[A-Za-z0-9._-]{1,64}$";
constexpr char kPath[] = R"(^(/(?!\.{1,2}(/|$))[^/\u0000-\u001f\u007f]+)+$)";

constexpr char kAccount[] = R"(^([0-9]{1,10}(-[0-9]{1,10})?|[A-Za-z_][A-Za-z0-9_.-]{0,62}\$?)$)";
constexpr char kDevice[] = R"(^/dev(/(?!\.{1,2}(/|$))[^/\u0000-\u001f\u007f]+)+$)";
constexpr char kHostPath[] = R"(^(/|(/(?!\.{1,2}(/|$))[^/*\u0000-\u001f\u007f]+)+)$)";

Json ObjectJson(const ObjectSpec& object);

Json Text(const char* pattern) {
  return {{"type", "string"}, {"minLength", 1}, {"maxLength", 1024}, {"pattern", pattern}};
}

Json EnumJson(Shape shape) {
  Json words = Json::array();
  for (std::string_view word : KnownWords(shape)) words.push_back(word);
  return {{"enum", words}};
}

Json ValueJson(const KeySpec& key) {
  switch (key.shape) {
    case Shape::kAccount:
      return Text(kAccount);
    case Shape::kCapability:
    case Shape::kSyscall:
      return EnumJson(key.shape);
    case Shape::kDevice:
      return Text(kDevice);
    case Shape::kHostPath:
      return Text(kHostPath);
    case Shape::kMountRule:
      return {{"anyOf", {EnumJson(key.shape), Text(kHostPath)}}};
    case Shape::kBool:
      return {{"type", "boolean"}};
    case Shape::kChoice: {
      Json choices = Json::array();
      for (std::string_view choice : key.choices) choices.push_back(choice);
      return {{"enum", choices}};
    }
    case Shape::kDigest:
      return {{"type", "string"}, {"pattern", kDigest}};
    case Shape::kDuration:
      return {{"type", "string"}, {"pattern", kDuration}};
    case Shape::kInteger:
      return {{"type", "integer"}, {"minimum", key.min}, {"maximum", key.max}};
    case Shape::kMoment:
      return {{"type", "string"}, {"pattern", kMoment}};
    case Shape::kName:
      return {{"type", "string"}, {"pattern", kName}};
    case Shape::kObject:
      return ObjectJson(*key.object);
    case Shape::kShare:
      return {{"type", "number"}, {"minimum", 0}, {"maximum", 1}};
    case Shape::kPath:
      return Text(kPath);
    default:
      return Text(kText);
  }
}

Json KeyJson(const KeySpec& key) {
  Json json = {{"description", key.help}};
  if (!key.fallback.empty()) json["default"] = Json::parse(key.fallback);
  if (key.count == Count::kOne) {
    const std::string help = json["description"];
    json.update(ValueJson(key));
    json["description"] = help;  // the key's own says more than its object's
    return json;
  }
  json["type"] = "array";
  if (key.count == Count::kSome) json["minItems"] = 1;
  json["items"] = ValueJson(key);
  return json;
}

Json ObjectJson(const ObjectSpec& object) {
  Json json = {{"description", object.help}, {"type", "object"}};
  Json required = Json::array();
  for (const KeySpec& key : object.keys) {
    json["properties"][std::string(key.name)] = KeyJson(key);
    if (key.required) required.push_back(key.name);
  }
  if (!required.empty()) json["required"] = required;
  json["additionalProperties"] = false;
  return json;
}

}  // namespace

std::string PolicyJsonSchema() {
  Json json = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
               {"$id", "https://runward.dev/schema/policy-1.json"},
               {"title", "runward policy"}};
  json.update(ObjectJson(PolicySchema()));
  return json.dump(2) + "\n";
}

int PolicySchemaCommand(const CommandLine& line) {
  const auto options = Options::Parse(line.args, {});
  if (!options.ok()) return PrintUsage("policy schema", options.error());
  if (!options.value().words().empty()) {
    return PrintUsage("policy schema", Error{"it takes no arguments", ""});
  }
  Print(PolicyJsonSchema());
  return Finish(kExitDone);
}

}  // namespace runward
