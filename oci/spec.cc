#include "oci/spec.h"

#include <algorithm>
#include <array>
#include <optional>

#include "oci/spec_fields.h"

namespace runward {
namespace {

constexpr size_t kMaxName = 1024;  // of an image: longer ones are no reference, and are left out
constexpr std::string_view kCriImageName = "io.kubernetes.cri.image-name";

Result<Process> ProcessOf(JsonValue value) {
  Process process;
  process.args = TRY(TextsField(value, "args"));
  process.env = TRY(TextsField(value, "env"));
  const JsonValue user = TRY(ObjectField(value, "user"));
  const uint32_t uid = TRY(IdField(user, "uid"));
  const uint32_t gid = TRY(IdField(user, "gid"));
  process.user = std::to_string(uid) + ":" + std::to_string(gid);
  return process;
}

std::string Join(const std::string& directory, const std::string& path) {
  return !path.empty() && path.front() == '/' ? path : directory + "/" + path;
}

Result<SpecMount> MountOf(JsonValue value) {
  constexpr std::array<std::string_view, 6> kSettled = {"tmpfs",  "devpts",  "mqueue",
                                                        "cgroup", "cgroup2", "sysfs"};
  SpecMount mount{.destination = TRY(TextField(value, "destination"))};
  const std::string type = TRY(TextField(value, "type"));
  const std::vector<std::string> options = TRY(TextsField(value, "options"));
  const bool bind = std::ranges::any_of(
      options, [](const std::string& option) { return option == "bind" || option == "rbind"; });
  mount.settled = !bind && std::ranges::find(kSettled, type) != kSettled.end();
  return mount;
}

Result<bool> OwnMountNamespace(JsonValue root) {
  int own = 0;
  const JsonValue on_linux = TRY(ObjectField(root, "linux"));
  const JsonValue namespaces = TRY(ListField(on_linux, "namespaces"));
  for (const JsonValue item : namespaces) {
    const std::string type = TRY(TextField(item, "type"));
    const std::string path = TRY(TextField(item, "path"));
    if (type != "mount") continue;
    if (!path.empty()) return false;
    ++own;
  }
  return own == 1;
}

Result<Spec> SpecOf(JsonValue root, const std::string& bundle) {
  if (!root.IsObject()) return Error{"not a JSON object", ""};
  Spec spec;
  const JsonValue filesystem = TRY(ObjectField(root, "root"));
  const std::string path = TRY(TextField(filesystem, "path"));
  if (path.empty()) return Error{"it names no root filesystem (root.path)", ""};
  spec.rootfs = Join(bundle, path);
  const JsonValue process = TRY(ObjectField(root, "process"));
  spec.process = TRY(ProcessOf(process));
  const JsonValue mounts = TRY(ListField(root, "mounts"));
  for (const JsonValue item : mounts) {
    spec.mounts.push_back(TRY(MountOf(item)));
  }
  spec.own_mount_namespace = TRY(OwnMountNamespace(root));
  // A map, not a struct: Go tells its keys' cases apart.
  const JsonValue annotations = TRY(ObjectField(root, "annotations"));
  const JsonValue name = annotations.Find(kCriImageName);
  if (name.IsString() && name.text().size() <= kMaxName) spec.unsigned_name = name.text();
  return spec;
}

// A runtime in C reads a string to its NUL, so that "mount\\u0000" would be one word to it and
// another to whoever judges it. In JSON a NUL is written in one way only.
bool HasNul(std::string_view text) {
  constexpr std::string_view kNul = "\\u0000";
  for (size_t at = text.find(kNul); at != std::string_view::npos; at = text.find(kNul, at + 1)) {
    size_t escapes = 0;
    while (escapes < at && text[at - escapes - 1] == '\\') ++escapes;
    if (escapes % 2 == 0) return true;
  }
  return false;
}

Result<JsonDocument> Read(std::string text) {
  if (HasNul(text)) return Error{"a string with a NUL character", "write what comes before it"};
  return JsonDocument::Parse(std::move(text), {.max_bytes = kMaxSpecBytes, .max_depth = 64});
}

template <typename T>
Result<T> Named(Result<T> result, std::string_view name) {
  if (result.ok()) return result;
  return Error{"refusing \"" + std::string(name) + "\": " + result.error().message,
               result.error().hint};
}

}  // namespace

Result<JsonDocument> ReadSpec(std::string text, std::string_view name) {
  return Named(Read(std::move(text)), name);
}

Result<Spec> SpecFrom(const JsonDocument& document, std::string_view name,
                      const std::string& bundle) {
  return Named(SpecOf(document.root(), bundle), name);
}

Result<Spec> ParseSpec(std::string text, std::string_view name, const std::string& bundle) {
  const JsonDocument document = TRY(ReadSpec(std::move(text), name));
  return SpecFrom(document, name, bundle);
}

Result<Process> ParseProcess(std::string text, std::string_view name) {
  const JsonDocument document = TRY(Named(Read(std::move(text)), name));
  if (!document.root().IsObject()) {
    return Named<Process>(Error{"not a JSON object", ""}, name);
  }
  return Named(ProcessOf(document.root()), name);
}

Result<void> CheckResources(std::string text, std::string_view name) {
  const JsonDocument document = TRY(Named(Read(std::move(text)), name));
  if (!document.root().IsObject()) return Named<void>(Error{"not a JSON object", ""}, name);
  return {};
}

std::string CleanPath(std::string_view path) {
  std::string clean;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      clean.resize(clean.empty() ? 0 : clean.rfind('/'));
    } else {
      clean.append("/").append(part);
    }
  }
  return clean.empty() ? "/" : clean;
}

}  // namespace runward
