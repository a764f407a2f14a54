#include "oci/hook_entry.h"

#include <nlohmann/json.hpp>

namespace runward {
namespace {

std::string EntryText(const HookEntry& entry) {
  std::vector<std::string> args{"runward-hook"};
  args.insert(args.end(), entry.args.begin(), entry.args.end());
  return nlohmann::ordered_json{{"path", entry.path}, {"args", args}}.dump();
}

// The document's text with `value`'s bytes replaced.
std::string Replace(const JsonDocument& config, const JsonValue& value, std::string_view text) {
  const std::string_view whole = config.text();
  const std::string_view raw = value.raw();
  const auto offset = static_cast<size_t>(raw.data() - whole.data());
  std::string changed;
  changed.reserve(whole.size() + text.size());
  changed.append(whole.substr(0, offset)).append(text).append(whole.substr(offset + raw.size()));
  return changed;
}

// An object's bytes with one more member at its end.
std::string WithMember(const JsonValue& object, std::string_view member) {
  std::string text(object.raw());
  text.pop_back();  // '}'
  if (object.size() > 0) text += ',';
  text += member;
  return text + '}';
}

bool IsNull(const JsonValue& value) { return !value || value.kind() == JsonKind::kNull; }

// The createRuntime array with every entry but ours, and then ours.
std::string ArrayText(const JsonValue& array, const HookEntry& entry) {
  std::string text = "[";
  for (const JsonValue hook : array) {
    if (hook.Find("path").text() == entry.path) continue;
    text.append(hook.raw()).append(",");
  }
  return text + EntryText(entry) + "]";
}

}  // namespace

HookEntry RootCheckHook(const std::string& hook_path, const std::string& root_flag,
                        const RootIdentity& root) {
  HookEntry entry{.path = hook_path, .args = {}};
  if (!root_flag.empty()) entry.args.push_back(root_flag);
  entry.args.insert(entry.args.end(), {"check-root", root.path, std::to_string(root.device),
                                       std::to_string(root.inode)});
  return entry;
}

Result<std::string> WithHook(const JsonDocument& config, const HookEntry& entry) {
  const JsonValue root = config.root();
  if (!root.IsObject()) return Error{"config.json is not a JSON object", ""};
  const JsonValue hooks = TRY(root.Field("hooks"));
  const std::string created = "\"createRuntime\":" + ArrayText({}, entry);
  if (!hooks) return Replace(config, root, WithMember(root, "\"hooks\":{" + created + "}"));
  if (IsNull(hooks)) return Replace(config, hooks, "{" + created + "}");
  if (!hooks.IsObject()) return Error{hooks.Where() + ": \"hooks\" must be an object", ""};
  const JsonValue array = TRY(hooks.Field("createRuntime"));
  if (!array) return Replace(config, hooks, WithMember(hooks, created));
  if (!IsNull(array) && !array.IsArray()) {
    return Error{array.Where() + ": \"createRuntime\" must be an array", ""};
  }
  return Replace(config, array, ArrayText(array, entry));
}

}  // namespace runward
