#include "oci/spec.h"

#include <algorithm>
#include <optional>

namespace runward {
namespace {

constexpr size_t kMaxName = 1024;  // of an image: longer ones are no reference, and are left out
constexpr std::string_view kCriImageName = "io.kubernetes.cri.image-name";

Result<JsonValue> Typed(JsonValue parent, std::string_view key, JsonKind kind,
                        std::string_view what) {
  if (parent && !parent.IsObject()) return Error{parent.Where() + ": not an object", ""};
  const JsonValue value = TRY(parent.Field(key));
  if (!value || value.kind() == JsonKind::kNull || value.kind() == kind) {
    return value && value.kind() == kind ? value : JsonValue();
  }
  return Error{value.Where() + ": \"" + std::string(key) + "\" must be " + std::string(what), ""};
}

Result<JsonValue> Object(JsonValue parent, std::string_view key) {
  return Typed(parent, key, JsonKind::kObject, "an object");
}

Result<JsonValue> List(JsonValue parent, std::string_view key) {
  return Typed(parent, key, JsonKind::kArray, "a list");
}

// The system calls that use these strings end them at the first NUL.
Result<std::string> Plain(JsonValue value) {
  const std::string_view text = TRY(value.String());
  if (text.find('\0') != std::string_view::npos) {
    return Error{value.Where() + ": a string with a NUL character", ""};
  }
  return std::string(text);
}

Result<std::string> Text(JsonValue parent, std::string_view key) {
  const JsonValue value = TRY(Typed(parent, key, JsonKind::kString, "a string"));
  if (!value) return std::string();
  return Plain(value);
}

Result<std::vector<std::string>> Texts(JsonValue parent, std::string_view key) {
  std::vector<std::string> texts;
  const JsonValue list = TRY(List(parent, key));
  for (const JsonValue item : list) texts.push_back(TRY(Plain(item)));
  return texts;
}

Result<std::string> Id(JsonValue user, std::string_view key) {
  const JsonValue value = TRY(user.Field(key));
  if (!value || value.kind() == JsonKind::kNull) return std::string("0");
  const int64_t id = TRY(value.Int());
  if (id < 0 || id > UINT32_MAX) {
    return Error{value.Where() + ": \"" + std::string(key) + "\" is no user or group id", ""};
  }
  return std::to_string(id);
}

Result<Process> ProcessOf(JsonValue value) {
  Process process;
  process.args = TRY(Texts(value, "args"));
  process.env = TRY(Texts(value, "env"));
  const JsonValue user = TRY(Object(value, "user"));
  const std::string uid = TRY(Id(user, "uid"));
  const std::string gid = TRY(Id(user, "gid"));
  process.user = uid + ":" + gid;
  return process;
}

std::string Join(const std::string& directory, const std::string& path) {
  return !path.empty() && path.front() == '/' ? path : directory + "/" + path;
}

Result<SpecMount> MountOf(JsonValue value) {
  SpecMount mount{.destination = TRY(Text(value, "destination"))};
  const std::string type = TRY(Text(value, "type"));
  const std::vector<std::string> options = TRY(Texts(value, "options"));
  mount.bind = type == "bind" || std::ranges::any_of(options, [](const std::string& option) {
                 return option == "bind" || option == "rbind";
               });
  return mount;
}

Result<bool> OwnMountNamespace(JsonValue root) {
  int own = 0;
  const JsonValue on_linux = TRY(Object(root, "linux"));
  const JsonValue namespaces = TRY(List(on_linux, "namespaces"));
  for (const JsonValue item : namespaces) {
    const std::string type = TRY(Text(item, "type"));
    const std::string path = TRY(Text(item, "path"));
    if (type != "mount") continue;
    if (!path.empty()) return false;
    ++own;
  }
  return own == 1;
}

Result<Spec> SpecOf(JsonValue root, const std::string& bundle) {
  if (!root.IsObject()) return Error{"not a JSON object", ""};
  Spec spec;
  const JsonValue filesystem = TRY(Object(root, "root"));
  const std::string path = TRY(Text(filesystem, "path"));
  if (path.empty()) return Error{"it names no root filesystem (root.path)", ""};
  spec.rootfs = Join(bundle, path);
  const JsonValue process = TRY(Object(root, "process"));
  spec.process = TRY(ProcessOf(process));
  const JsonValue mounts = TRY(List(root, "mounts"));
  for (const JsonValue item : mounts) {
    spec.mounts.push_back(TRY(MountOf(item)));
  }
  spec.own_mount_namespace = TRY(OwnMountNamespace(root));
  // A map, not a struct: Go tells its keys' cases apart.
  const JsonValue annotations = TRY(Object(root, "annotations"));
  const JsonValue name = annotations.Find(kCriImageName);
  if (name.IsString() && name.text().size() <= kMaxName) spec.unsigned_name = name.text();
  return spec;
}

Result<JsonDocument> Read(std::string text) {
  return JsonDocument::Parse(std::move(text), {.max_bytes = kMaxSpecBytes, .max_depth = 64});
}

template <typename T>
Result<T> Named(Result<T> result, std::string_view name) {
  if (result.ok()) return result;
  return Error{"refusing \"" + std::string(name) + "\": " + result.error().message,
               result.error().hint};
}

}  // namespace

Result<Spec> ParseSpec(std::string text, std::string_view name, const std::string& bundle) {
  const JsonDocument document = TRY(Named(Read(std::move(text)), name));
  return Named(SpecOf(document.root(), bundle), name);
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
