#include "oci/hook_entry.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "oci/json_edit.h"

namespace runward {
namespace {

std::string EntryText(const HookEntry& entry) {
  std::vector<std::string> args{"runward-hook"};
  args.insert(args.end(), entry.args.begin(), entry.args.end());
  nlohmann::ordered_json json{{"path", entry.path}, {"args", args}};
  if (!entry.env.empty()) json["env"] = entry.env;
  return json.dump();
}

bool IsNull(const JsonValue& value) { return !value || value.kind() == JsonKind::kNull; }

// Whether OurHook made it, for whatever installation.
bool IsOurs(const JsonValue& hook) {
  if (!hook.Find("path").text().ends_with("/runward-hook")) return false;
  for (const JsonValue arg : hook.Find("args")) {
    constexpr std::array<std::string_view, 5> kWords = {"check-root", "network", "peer", "register",
                                                        "supply"};
    if (std::ranges::find(kWords, arg.text()) != kWords.end()) return true;
  }
  return false;
}

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

HookEntry OurHook(const std::string& hook_path, const std::string& root_flag,
                  const HookTask& task) {
  HookEntry entry{.path = hook_path, .args = {}, .env = {}};
  const std::string mode = task.audit ? "audit" : "enforce";
  const auto add = [&](const std::vector<std::string>& words) {
    entry.args.insert(entry.args.end(), words.begin(), words.end());
  };
  if (!root_flag.empty()) add({root_flag});
  if (task.root) {
    add({"check-root", task.root->path, std::to_string(task.root->device),
         std::to_string(task.root->inode)});
  }
  if (!task.network.empty()) add({"network", task.network, mode});
  if (const auto& peer = task.peer) {
    add({"peer", peer->key, mode, peer->profile, peer->image,
         peer->vouched ? "vouched" : "unvouched"});
  }
  if (!task.supply.empty()) add({"supply", task.supply, mode});
  if (!task.key.empty()) add({"register", task.key, mode, task.tier});
  return entry;
}

Result<std::string> WithHook(const JsonDocument& config, const HookEntry& entry) {
  const JsonValue root = config.root();
  if (!root.IsObject()) return Error{"config.json is not a JSON object", ""};
  const JsonValue hooks = TRY(root.Field("hooks"));
  const std::string created = "\"createRuntime\":" + ArrayText({}, entry);
  if (!hooks) return WithReplaced(config, root, WithMember(root, "\"hooks\":{" + created + "}"));
  if (IsNull(hooks)) return WithReplaced(config, hooks, "{" + created + "}");
  if (!hooks.IsObject()) return Error{hooks.Where() + ": \"hooks\" must be an object", ""};
  const JsonValue array = TRY(hooks.Field("createRuntime"));
  if (!array) return WithReplaced(config, hooks, WithMember(hooks, created));
  if (!IsNull(array) && !array.IsArray()) {
    return Error{array.Where() + ": \"createRuntime\" must be an array", ""};
  }
  return WithReplaced(config, array, ArrayText(array, entry));
}

std::string WithoutOurHook(const JsonDocument& config) {
  const JsonValue array = config.root().Find("hooks").Find("createRuntime");
  std::string kept;
  bool found = false;
  for (const JsonValue hook : array) {
    if (IsOurs(hook)) {
      found = true;
    } else {
      kept.append(kept.empty() ? "" : ",").append(hook.raw());
    }
  }
  return found ? WithReplaced(config, array, "[" + kept + "]") : "";
}

}  // namespace runward
