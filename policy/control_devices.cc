#include <algorithm>
#include <array>

#include "base/glob.h"
#include "policy/control_parts.h"
#include "policy/wording.h"

namespace runward {
namespace {

// What every runtime gives every container: runtime-spec config-linux.md, "Default Devices"; tty
// and ptmx; pseudo terminals; and console. None of them reaches the host.
struct Usual {
  int64_t major;
  int64_t minor;  // -1: any
};
constexpr std::array kUsual = {Usual{1, 3}, Usual{1, 5}, Usual{1, 7}, Usual{1, 8},   Usual{1, 9},
                               Usual{5, 0}, Usual{5, 1}, Usual{5, 2}, Usual{136, -1}};

bool IsUsual(std::string_view type, int64_t major, int64_t minor) {
  if (type != "c" && type != "u") return type == "p";  // a FIFO is no device
  return std::ranges::any_of(kUsual, [&](const Usual& usual) {
    return usual.major == major && (usual.minor == minor || usual.minor == -1);
  });
}

bool ReadsOrWrites(const DeviceRule& rule) {
  return rule.access.find_first_of("rw") != std::string::npos;
}

bool IsForAll(const DeviceRule& rule) { return rule.type.empty() || rule.type == "a"; }

// Of an allowing rule. Runtimes, and the kernel's devices.allow, take such a rule for all devices
// with all access, whatever its numbers and its access say; crun looks at the first letter alone.
bool OpensAll(const DeviceRule& rule) {
  constexpr std::array<std::string_view, 4> kKinds = {"b", "c", "p", "u"};
  return std::ranges::find(kKinds, rule.type) == kKinds.end();
}

bool Any(const std::optional<int64_t>& number) { return !number || *number < 0; }

std::string Number(std::string_view type, int64_t major, int64_t minor) {
  const std::string kind = type == "b" ? "b " : "c ";
  return kind + std::to_string(major) + ":" + std::to_string(minor);
}

std::string NumberOf(const DeviceRule& rule) { return Number(rule.type, *rule.major, *rule.minor); }

// The host's name for the number; "" when it has none.
std::string NameOf(const HostView& host, const std::string& number) {
  for (const auto& [known, name] : host.device_names) {
    if (known == number) return name;
  }
  return "";
}

bool Allowed(const RunRule& rule, const std::string& name) {
  return !name.empty() && std::ranges::any_of(*rule.devices, [&](const std::string& pattern) {
    return PathGlobMatch(pattern, name);
  });
}

std::string Describe(const RunRule& rule) {
  std::string text = "the usual ones";
  for (const std::string& pattern : *rule.devices) text += ", " + pattern;
  return text;
}

bool DeniesAllFirst(const std::vector<DeviceRule>& rules) {
  return !rules.empty() && !rules.front().allow && IsForAll(rules.front()) &&
         rules.front().access.find_first_not_of("rwm") == std::string::npos &&
         rules.front().access.find('r') != std::string::npos &&
         rules.front().access.find('w') != std::string::npos;
}

// Whether a rule gives more than the profile does.
bool Exceeds(const RunRule& rule, const DeviceRule& device, const HostView& host) {
  if (!OpensDevices(device)) return false;
  if (OpensAll(device) || Any(device.major) || Any(device.minor)) return true;
  return !Allowed(rule, NameOf(host, NumberOf(device)));
}

std::string Shown(const DeviceNode& node) {
  return Quoted(node.path) + " (" + Number(node.type, node.major, node.minor) + ")";
}

bool Exceeds(const RunRule& rule, const DeviceNode& node, const HostView& host) {
  if (IsUsual(node.type, node.major, node.minor)) return false;
  return !Allowed(rule, NameOf(host, Number(node.type, node.major, node.minor)));
}

// Each once, in their order.
std::string Joined(const std::vector<std::string>& texts) {
  std::string all;
  for (auto text = texts.begin(); text != texts.end(); ++text) {
    if (std::find(texts.begin(), text, *text) != text) continue;
    all += (all.empty() ? "" : ", ") + *text;
  }
  return all;
}

}  // namespace

bool OpensDevices(const DeviceRule& rule) {
  if (!rule.allow) return false;
  if (OpensAll(rule)) return true;
  if (!ReadsOrWrites(rule)) return false;
  if (Any(rule.major)) return true;
  return !IsUsual(rule.type, *rule.major, Any(rule.minor) ? -1 : *rule.minor);
}

std::string Shown(const DeviceRule& rule) {
  const auto part = [](const std::optional<int64_t>& number) {
    return Any(number) ? std::string("*") : std::to_string(*number);
  };
  const std::string type = IsForAll(rule) ? "a" : rule.type;
  return Tame(type, 8) + " " + part(rule.major) + ":" + part(rule.minor);
}

bool AllowsAllDevices(const std::vector<DeviceRule>& rules, bool fresh) {
  if (fresh && !DeniesAllFirst(rules)) return true;
  // By one rule, or by one for all devices of a kind: block devices alone are the host's disks.
  return std::ranges::any_of(rules, [](const DeviceRule& rule) {
    return rule.allow &&
           (OpensAll(rule) || (ReadsOrWrites(rule) && Any(rule.major) && Any(rule.minor)));
  });
}

std::vector<std::string> DeviceNumbersOf(const RunRule& rule, const std::vector<DeviceNode>& nodes,
                                         const std::vector<DeviceRule>& rules) {
  std::vector<std::string> numbers;
  if (!rule.devices) return numbers;
  for (const DeviceNode& node : nodes) {
    if (!IsUsual(node.type, node.major, node.minor)) {
      numbers.push_back(Number(node.type, node.major, node.minor));
    }
  }
  for (const DeviceRule& one : rules) {
    if (!one.allow || IsForAll(one) || Any(one.major) || Any(one.minor)) continue;
    if (!IsUsual(one.type, *one.major, *one.minor)) numbers.push_back(NumberOf(one));
  }
  return numbers;
}

void JudgeDeviceRules(const RunRule& rule, const std::vector<DeviceNode>& nodes,
                      const std::vector<DeviceRule>& rules, bool fresh, const HostView& host,
                      std::vector<RunFinding>& findings) {
  if (!rule.devices) return;
  std::vector<std::string> asked;
  if (fresh && !DeniesAllFirst(rules))
    asked.emplace_back("all devices, since no rule denies them first");
  for (const DeviceNode& node : nodes) {
    if (Exceeds(rule, node, host)) asked.push_back(Shown(node));
  }
  for (const DeviceRule& one : rules) {
    if (Exceeds(rule, one, host)) asked.push_back("access to " + Shown(one));
  }
  if (asked.empty()) return;
  findings.push_back({"devices", Joined(asked), Describe(rule)});
}

void JudgeDevices(const RunRule& rule, const std::vector<DeviceNode>& nodes,
                  const std::vector<DeviceRule>& rules, const HostView& host,
                  std::vector<RunFinding>& findings) {
  JudgeDeviceRules(rule, nodes, rules, /*fresh=*/true, host, findings);
}

}  // namespace runward
