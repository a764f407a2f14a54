#include "oci/container.h"

#include <algorithm>
#include <array>

#include "oci/container_linux.h"
#include "oci/spec.h"
#include "oci/spec_fields.h"

namespace runward {
namespace {

constexpr std::array<std::string_view, 6> kStages = {
    "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"};

Result<std::optional<CapabilitySets>> CapabilitiesOf(JsonValue process) {
  const JsonValue value = TRY(ObjectField(process, "capabilities"));
  if (!value) return std::optional<CapabilitySets>();
  CapabilitySets sets;
  sets.bounding = TRY(TextsField(value, "bounding"));
  sets.effective = TRY(TextsField(value, "effective"));
  sets.inheritable = TRY(TextsField(value, "inheritable"));
  sets.permitted = TRY(TextsField(value, "permitted"));
  sets.ambient = TRY(TextsField(value, "ambient"));
  return std::optional<CapabilitySets>(std::move(sets));
}

Result<std::vector<uint32_t>> AdditionalGids(JsonValue user) {
  std::vector<uint32_t> gids;
  const JsonValue list = TRY(ListField(user, "additionalGids"));
  for (const JsonValue item : list) {
    const int64_t gid = TRY(item.Int());
    if (gid < 0 || gid >= UINT32_MAX) return Error{item.Where() + ": no group id", ""};
    gids.push_back(static_cast<uint32_t>(gid));
  }
  return gids;
}

Result<std::vector<Rlimit>> RlimitsOf(JsonValue process) {
  std::vector<Rlimit> limits;
  const JsonValue list = TRY(ListField(process, "rlimits"));
  for (const JsonValue item : list) {
    Rlimit limit{.type = TRY(TextField(item, "type"))};
    limit.soft = TRY(CountField(item, "soft")).value_or(0);
    limit.hard = TRY(CountField(item, "hard")).value_or(0);
    limits.push_back(std::move(limit));
  }
  return limits;
}

bool IsOneOf(const std::string& text, std::string_view a, std::string_view b) {
  return text == a || text == b;
}

Result<MountConfig> MountOf(JsonValue value) {
  MountConfig mount{.destination = TRY(TextField(value, "destination"))};
  mount.type = TRY(TextField(value, "type"));
  mount.source = TRY(TextField(value, "source"));
  mount.options = TRY(TextsField(value, "options"));
  mount.bind = mount.type == "bind";
  for (const std::string& option : mount.options) {
    mount.bind |= IsOneOf(option, "bind", "rbind");
    if (IsOneOf(option, "ro", "rro")) mount.read_only = true;
    if (IsOneOf(option, "rw", "rrw")) mount.read_only = false;
  }
  return mount;
}

Result<void> ReadHooks(JsonValue root, std::vector<HookConfig>& hooks) {
  const JsonValue object = TRY(ObjectField(root, "hooks"));
  for (std::string_view stage : kStages) {
    const JsonValue list = TRY(ListField(object, stage));
    for (const JsonValue item : list) {
      HookConfig hook{.stage = std::string(stage)};
      hook.path = TRY(TextField(item, "path"));
      hook.args = TRY(TextsField(item, "args"));
      hooks.push_back(std::move(hook));
    }
  }
  return {};
}

Result<void> ReadRoot(JsonValue root, const std::string& bundle, ContainerConfig& config) {
  const JsonValue filesystem = TRY(ObjectField(root, "root"));
  const std::string path = TRY(TextField(filesystem, "path"));
  if (path.empty()) return Error{"it names no root filesystem (root.path)", ""};
  config.rootfs = path.front() == '/' ? path : bundle + "/" + path;
  config.read_only_root = TRY(BoolField(filesystem, "readonly"));
  return {};
}

template <typename T>
Result<T> Named(Result<T> result, std::string_view name) {
  if (result.ok()) return result;
  return Error{"refusing \"" + std::string(name) + "\": " + result.error().message,
               result.error().hint};
}

// What `read` makes of the text's root, which has to be an object.
template <typename T, typename Read>
Result<T> Parse(std::string text, std::string_view name, const Read& read) {
  Result<JsonDocument> document =
      JsonDocument::Parse(std::move(text), {.max_bytes = kMaxSpecBytes, .max_depth = 64});
  if (!document.ok()) return Named<T>(document.error(), name);
  const JsonValue root = document.value().root();
  if (!root.IsObject()) return Named<T>(Error{"not a JSON object", ""}, name);
  return Named<T>(read(root), name);
}

}  // namespace

Result<ProcessConfig> ProcessConfigOf(JsonValue process) {
  ProcessConfig config;
  const JsonValue user = TRY(ObjectField(process, "user"));
  config.uid = TRY(IdField(user, "uid"));
  config.gid = TRY(IdField(user, "gid"));
  config.additional_gids = TRY(AdditionalGids(user));
  config.args = TRY(TextsField(process, "args"));
  config.env = TRY(TextsField(process, "env"));
  config.cwd = TRY(TextField(process, "cwd"));
  config.terminal = TRY(BoolField(process, "terminal"));
  config.capabilities = TRY(CapabilitiesOf(process));
  config.no_new_privileges = TRY(BoolField(process, "noNewPrivileges"));
  config.apparmor_profile = TRY(TextField(process, "apparmorProfile"));
  config.selinux_label = TRY(TextField(process, "selinuxLabel"));
  config.rlimits = TRY(RlimitsOf(process));
  config.oom_score_adj = TRY(IntField(process, "oomScoreAdj"));
  return config;
}

Result<ContainerConfig> ContainerOf(JsonValue root, const std::string& bundle) {
  if (!root.IsObject()) return Error{"not a JSON object", ""};
  ContainerConfig config;
  TRY(ReadRoot(root, bundle, config));
  config.oci_version = TRY(TextField(root, "ociVersion"));
  config.hostname = TRY(TextField(root, "hostname"));
  config.domainname = TRY(TextField(root, "domainname"));
  const JsonValue process = TRY(ObjectField(root, "process"));
  config.process = TRY(ProcessConfigOf(process));
  const JsonValue mounts = TRY(ListField(root, "mounts"));
  for (const JsonValue item : mounts) config.mounts.push_back(TRY(MountOf(item)));
  TRY(ReadHooks(root, config.hooks));
  config.annotations = TRY(MapField(root, "annotations"));
  TRY(ReadLinux(root, config));
  return config;
}

Result<ContainerConfig> ParseContainer(std::string text, std::string_view name,
                                       const std::string& bundle) {
  return Parse<ContainerConfig>(std::move(text), name,
                                [&](JsonValue root) { return ContainerOf(root, bundle); });
}

Result<ProcessConfig> ParseProcessConfig(std::string text, std::string_view name) {
  return Parse<ProcessConfig>(std::move(text), name, ProcessConfigOf);
}

Result<ResourceLimits> ParseResources(std::string text, std::string_view name) {
  return Parse<ResourceLimits>(std::move(text), name, ResourcesOf);
}

}  // namespace runward
