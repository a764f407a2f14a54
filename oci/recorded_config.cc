#include "oci/recorded_config.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "base/event_redact.h"
#include "base/event_text.h"

namespace runward {
namespace {

constexpr std::array<std::string_view, 1> kTop = {"ociVersion"};
constexpr std::array<std::string_view, 2> kRoot = {"path", "readonly"};
constexpr std::array<std::string_view, 8> kProcess = {
    "terminal",        "cwd",          "capabilities", "noNewPrivileges",
    "apparmorProfile", "selinuxLabel", "rlimits",      "oomScoreAdj"};
constexpr std::array<std::string_view, 4> kUser = {"uid", "gid", "umask", "additionalGids"};
constexpr std::array<std::string_view, 10> kLinux = {
    "uidMappings",       "gidMappings", "namespaces",    "devices",    "cgroupsPath",
    "rootfsPropagation", "maskedPaths", "readonlyPaths", "mountLabel", "personality"};
constexpr std::array<std::string_view, 5> kSeccomp = {"defaultAction", "defaultErrnoRet",
                                                      "architectures", "flags", "listenerPath"};
constexpr std::array<std::string_view, 4> kRule = {"names", "action", "errnoRet", "args"};
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

std::string WithoutSecretPart(std::string_view option) {
  const size_t equals = option.find('=');
  if (equals == std::string_view::npos) return EscapeJson(option, kMaxOption);
  const std::string_view name = option.substr(0, equals);
  if (std::ranges::find(kOptions, name) != kOptions.end()) return EscapeJson(option, kMaxOption);
  return EscapeJson(name, kMaxOption) + "=" + std::string(kRedacted);
}

// One option may hold several, by commas.
std::string WithoutSecret(std::string_view option) {
  std::string text;
  for (bool more = true; more;) {
    const size_t comma = std::min(option.find(','), option.size());
    text += WithoutSecretPart(option.substr(0, comma));
    more = comma < option.size();
    option.remove_prefix(std::min(comma + 1, option.size()));
    if (more) text += ',';
  }
  return text;
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

void CopyObject(JsonValue parent, std::string_view name, std::span<const std::string_view> members,
                std::string& text) {
  const JsonValue object = parent.Find(name);
  if (!object.IsObject()) return;
  Key(name, text);
  text += '{';
  CopyMembers(object, members, text);
  text += '}';
}

// Numbers and the words of device rules and cgroup files. Any spelling of a key, since a runtime
// may take it for the known one.
void CopyPlain(JsonValue value, bool words, std::string& text) {
  if (value.IsObject()) {
    text += '{';
    for (const JsonValue member : value) {
      Key(EscapeJson(member.key(), member.key().size() * 6), text);
      const bool known = member.key() == "type" || member.key() == "access";
      CopyPlain(member, words || known || member.key() == "unified", text);
    }
    text += '}';
  } else if (value.IsArray()) {
    text += '[';
    for (const JsonValue item : value) {
      if (text.back() != '[') text += ',';
      CopyPlain(item, words, text);
    }
    text += ']';
  } else if (value.IsString() && !words) {
    text += "\"\"";
  } else {
    AppendLine(value.raw(), text);
  }
}

// Names alone.
void CopySysctls(JsonValue sysctls, std::string& text) {
  Key("sysctl", text);
  text += '{';
  for (const JsonValue one : sysctls) {
    Key(EscapeJson(one.key(), one.key().size() * 6), text);
    text += "\"\"";
  }
  text += '}';
}

void CopyRules(JsonValue rules, std::string& text) {
  Key("syscalls", text);
  text += '[';
  for (const JsonValue rule : rules) {
    if (text.back() != '[') text += ',';
    text += '{';
    CopyMembers(rule, kRule, text);
    text += '}';
  }
  text += ']';
}

void CopyLinux(JsonValue section, std::string& text) {
  Key("linux", text);
  text += '{';
  CopyMembers(section, kLinux, text);
  if (const JsonValue resources = section.Find("resources"); resources.IsObject()) {
    Key("resources", text);
    CopyPlain(resources, /*words=*/false, text);
  }
  if (section.Find("sysctl").IsObject()) CopySysctls(section.Find("sysctl"), text);
  if (const JsonValue seccomp = section.Find("seccomp"); seccomp.IsObject()) {
    Key("seccomp", text);
    text += '{';
    CopyMembers(seccomp, kSeccomp, text);
    if (seccomp.Find("syscalls").IsArray()) CopyRules(seccomp.Find("syscalls"), text);
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
  CopyMembers(root, kTop, text);
  CopyObject(root, "root", kRoot, text);
  if (const JsonValue process = root.Find("process"); process.IsObject()) {
    Key("process", text);
    text += '{';
    CopyMembers(process, kProcess, text);
    CopyObject(process, "user", kUser, text);
    text += '}';
  }
  if (root.Find("mounts").IsArray()) CopyMounts(root.Find("mounts"), text);
  if (root.Find("annotations").IsObject()) CopyAnnotations(root.Find("annotations"), text);
  if (root.Find("linux").IsObject()) CopyLinux(root.Find("linux"), text);
  return text + "}";
}

}  // namespace runward
