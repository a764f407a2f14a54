#include <array>
#include <nlohmann/json.hpp>

#include "tools/engine_config.h"
#include "tools/json_edit.h"

namespace runward {
namespace {

constexpr std::array<std::string_view, 2> kEntry = {"runtimes", kRuntimeName};
constexpr std::array<std::string_view, 3> kProgram = {"runtimes", kRuntimeName, "path"};
constexpr std::array<std::string_view, 3> kArguments = {"runtimes", kRuntimeName, "runtimeArgs"};
constexpr std::array<std::string_view, 1> kRuntimes = {"runtimes"};
constexpr std::array<std::string_view, 1> kDefault = {"default-runtime"};
constexpr std::string_view kQuotedName = "\"runward\"";

// What was configured may name more (runtimeArgs of a person's own): then only what differs
// changes.
Result<std::string> Enter(const std::string& text, const EngineSettings& settings) {
  const JsonDocument document = TRY(ReadJsonFile(text));
  const JsonValue entry = TRY(FindJsonMember(document, kEntry));
  const std::string program = nlohmann::json(settings.program).dump();
  const std::string arguments = nlohmann::json::array({settings.root_flag}).dump();
  std::string changed = text;
  if (!entry) {
    nlohmann::ordered_json value = {{"path", settings.program}};
    if (!settings.root_flag.empty()) value["runtimeArgs"] = {settings.root_flag};
    return SetJsonMember(text, kEntry, value.dump(2));
  }
  const JsonValue path = TRY(FindJsonMember(document, kProgram));
  if (path.text() != settings.program) changed = TRY(SetJsonMember(changed, kProgram, program));
  if (settings.root_flag.empty()) return changed;
  const JsonValue given = TRY(FindJsonMember(document, kArguments));
  for (const JsonValue argument : given) {
    if (argument.text() == settings.root_flag) return changed;
  }
  return SetJsonMember(changed, kArguments, arguments);
}

Result<std::string> Add(const std::string& text, const EngineSettings& settings) {
  const std::string entered = TRY(Enter(text, settings));
  if (!settings.make_default) return entered;
  const JsonDocument document = TRY(ReadJsonFile(entered));
  const JsonValue now = TRY(FindJsonMember(document, kDefault));
  if (now.text() == kRuntimeName) return entered;
  return SetJsonMember(entered, kDefault, std::string(kQuotedName));
}

// The default that stood there before, in its own bytes; "" for none.
std::string FormerDefault(const std::string& before) {
  const auto document = ReadJsonFile(before);
  if (!document.ok()) return "";
  const auto value = FindJsonMember(document.value(), kDefault);
  if (!value.ok() || !value.value() || value.value().text() == kRuntimeName) return "";
  return std::string(value.value().raw());
}

bool HadRuntimes(const std::string& before) {
  const auto document = ReadJsonFile(before);
  return document.ok() && document.value().root().Find(kRuntimes[0]);
}

Result<std::string> Remove(const std::string& text, const std::string& before) {
  std::string changed = TRY(RemoveJsonMember(text, kEntry));
  const JsonDocument document = TRY(ReadJsonFile(changed));
  const JsonValue runtimes = TRY(FindJsonMember(document, kRuntimes));
  if (changed != text && runtimes.IsObject() && runtimes.size() == 0 && !HadRuntimes(before)) {
    changed = TRY(RemoveJsonMember(changed, kRuntimes));
  }
  const JsonValue now = TRY(FindJsonMember(document, kDefault));
  if (now.text() != kRuntimeName) return changed;
  const std::string former = FormerDefault(before);
  return former.empty() ? RemoveJsonMember(changed, kDefault)
                        : SetJsonMember(changed, kDefault, former);
}

Result<EngineConfig::Entry> Find(const std::string& text) {
  const JsonDocument document = TRY(ReadJsonFile(text));
  const JsonValue path = TRY(FindJsonMember(document, kProgram));
  const JsonValue now = TRY(FindJsonMember(document, kDefault));
  return EngineConfig::Entry{.program = std::string(path.text()),
                             .is_default = now.text() == kRuntimeName};
}

}  // namespace

const EngineConfig kDockerConfig = {
    .name = "docker",
    .file = "/etc/docker/daemon.json",
    .whole_file = false,
    .restart = "systemctl restart docker",
    .add = Add,
    .remove = Remove,
    .find = Find,
};

}  // namespace runward
