#include "oci/recorded_config.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "base/event_redact.h"
#include "base/event_text.h"

namespace runward {
namespace {

constexpr std::array<std::string_view, 2> kRoot = {"ociVersion", "root"};
constexpr std::array<std::string_view, 9> kProcess = {
    "terminal",        "user",         "cwd",     "capabilities", "noNewPrivileges",
    "apparmorProfile", "selinuxLabel", "rlimits", "oomScoreAdj"};
constexpr std::array<std::string_view, 13> kLinux = {
    "uidMappings", "gidMappings", "namespaces",        "devices",     "resources",
    "sysctl",      "cgroupsPath", "rootfsPropagation", "maskedPaths", "readonlyPaths",
    "mountLabel",  "intelRdt",    "personality"};
constexpr std::array<std::string_view, 6> kSeccomp = {
    "defaultAction", "defaultErrnoRet", "architectures", "flags", "listenerPath", "syscalls"};
// Mount options with values that are judged or tell nothing.
constexpr std::array<std::string_view, 16> kOptions = {
    "lowerdir",  "lowerdir+", "datadir+",    "upperdir", "workdir", "size",
    "nr_blocks", "nr_inodes", "mode",        "uid",      "gid",     "newinstance",
    "ptmxmode",  "hugetlbfs", "propagation", "context"};
constexpr size_t kMaxOption = 16384;  // bytes; a page is what mount(2) takes, crun takes more

// JSON in one line: without its line ends, which no string of JSON may contain, and without what
// indents the next line. A profile of hundreds of rules passes here at each start, so in pieces.
void AppendLine(std::string_view raw, std::string& text) {
  constexpr std::string_view kSpace = " \t\r\n";
  while (!raw.empty()) {
    const size_t end = std::min(raw.find('\n'), raw.size());
    text.append(raw.substr(0, end));
    raw.remove_prefix(std::min(raw.find_first_not_of(kSpace, end), raw.size()));
  }
}

void Key(std::string_view name, std::string& text) {
  if (text.back() != '{') text += ',';
  text.append("\"").append(name).append("\":");
}

void CopyMembers(JsonValue object, std::span<const std::string_view> names, std::string& text) {
  for (const JsonValue member : object) {
    if (std::ranges::find(names, member.key()) == names.end()) continue;
    Key(member.key(), text);
    AppendLine(member.raw(), text);
  }
}

std::string WithoutSecret(std::string_view option) {
  const size_t equals = option.find('=');
  if (equals == std::string_view::npos) return EscapeJson(option, kMaxOption);
  const std::string_view name = option.substr(0, equals);
  if (std::ranges::find(kOptions, name) != kOptions.end()) return EscapeJson(option, kMaxOption);
  return EscapeJson(name, kMaxOption) + "=" + std::string(kRedacted);
}

bool IsBind(JsonValue mount) {
  if (mount.Find("type").text() == "bind") return true;
  const JsonValue options = mount.Find("options");
  if (!options.IsArray()) return false;
  for (const JsonValue option : options) {
    if (option.text() == "bind" || option.text() == "rbind") return true;
  }
  return false;
}

void CopyMount(JsonValue mount, std::string& text) {
  constexpr std::array<std::string_view, 3> kAll = {"destination", "type", "source"};
  text += '{';
  CopyMembers(mount, std::span(kAll).first(IsBind(mount) ? 3 : 2), text);
  if (const JsonValue options = mount.Find("options"); options.IsArray()) {
    Key("options", text);
    text += '[';
    for (const JsonValue option : options) {
      if (text.back() != '[') text += ',';
      text += '"' + WithoutSecret(option.text()) + '"';
    }
    text += ']';
  }
  text += '}';
}

void CopyMounts(JsonValue mounts, std::string& text) {
  Key("mounts", text);
  text += '[';
  for (const JsonValue mount : mounts) {
    if (text.back() != '[') text += ',';
    CopyMount(mount, text);
  }
  text += ']';
}

// Those that crun, or systemd for both runtimes, takes orders from: policy/controls.cc.
void CopyAnnotations(JsonValue annotations, std::string& text) {
  Key("annotations", text);
  text += '{';
  for (const JsonValue one : annotations) {
    const std::string_view key = one.key();
    if (!key.starts_with("run.oci.") && !key.starts_with("org.systemd.property.")) continue;
    Key(EscapeJson(key, key.size() * 6), text);
    text += "\"\"";
  }
  text += '}';
}

void CopyLinux(JsonValue section, std::string& text) {
  Key("linux", text);
  text += '{';
  CopyMembers(section, kLinux, text);
  if (const JsonValue seccomp = section.Find("seccomp"); seccomp.IsObject()) {
    Key("seccomp", text);
    text += '{';
    CopyMembers(seccomp, kSeccomp, text);
    text += '}';
  }
  text += '}';
}

}  // namespace

std::string RecordableConfig(const JsonDocument& config) {
  const JsonValue root = config.root();
  std::string text;
  text.reserve(root.raw().size());
  text += '{';
  CopyMembers(root, kRoot, text);
  if (const JsonValue process = root.Find("process"); process.IsObject()) {
    Key("process", text);
    text += '{';
    CopyMembers(process, kProcess, text);
    text += '}';
  }
  if (root.Find("mounts").IsArray()) CopyMounts(root.Find("mounts"), text);
  if (root.Find("annotations").IsObject()) CopyAnnotations(root.Find("annotations"), text);
  if (root.Find("linux").IsObject()) CopyLinux(root.Find("linux"), text);
  return text + "}";
}

}  // namespace runward
