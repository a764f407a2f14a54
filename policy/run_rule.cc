#include "policy/run_rule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "policy/syscall_groups.h"

namespace runward {
namespace {

constexpr std::string_view kNonRoot = "non-root";

std::optional<uint32_t> ParseId(std::string_view text) {
  uint32_t id = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return id;
}

std::vector<std::string> TextsOf(JsonValue list) {
  std::vector<std::string> texts;
  texts.reserve(list.size());
  for (const JsonValue item : list) texts.emplace_back(item.text());
  return texts;
}

CapabilityMask CapabilitiesOf(JsonValue list) {
  CapabilityMask mask = 0;
  for (const JsonValue item : list) {
    if (const auto number = CapabilityOf(item.text())) mask |= MaskOf(*number);
  }
  return mask;
}

unsigned BitsOf(JsonValue list, std::span<const std::string_view> names) {
  unsigned mask = 0;
  for (const JsonValue item : list) {
    const auto found = std::ranges::find(names, item.text());
    if (found != names.end()) mask |= 1U << (found - names.begin());
  }
  return mask;
}

void ReadSyscalls(JsonValue syscalls, RunRule& rule) {
  std::vector<std::string_view> words;
  for (const JsonValue item : syscalls.Find("deny")) words.push_back(item.text());
  for (std::string_view name : ExpandSyscalls(words)) rule.denied_syscalls.emplace_back(name);
  rule.unconfined_allowed = syscalls.Find("unconfined").text() != "deny";
}

void ReadMounts(JsonValue mounts, RunRule& rule) {
  rule.denied_sources = TextsOf(mounts.Find("deny"));
  rule.allowed_sources = TextsOf(mounts.Find("allow"));
}

bool IsTrue(JsonValue value) { return value.text() == "true"; }

struct Key {
  std::string_view name;
  void (*read)(JsonValue value, RunRule& rule);
};
constexpr std::array<Key, 13> kKeys = {{
    {"capabilities",
     [](JsonValue v, RunRule& r) { r.capabilities = CapabilitiesOf(v.Find("allow")); }},
    {"devices", [](JsonValue v, RunRule& r) { r.devices = TextsOf(v.Find("allow")); }},
    {"groups", [](JsonValue v, RunRule& r) { r.groups = ReadAccounts(v); }},
    {"hostNamespaces",
     [](JsonValue v, RunRule& r) { r.host_namespaces = BitsOf(v, kGovernedNamespaces); }},
    {"limits", [](JsonValue v, RunRule& r) { r.limits = BitsOf(v, kLimitNames); }},
    {"mounts", ReadMounts},
    {"noNewPrivileges", [](JsonValue v, RunRule& r) { r.no_new_privileges = IsTrue(v); }},
    {"pivotRoot", [](JsonValue v, RunRule& r) { r.pivot_root = IsTrue(v); }},
    {"preserveFds", [](JsonValue v, RunRule& r) { r.preserve_fds = IsTrue(v); }},
    {"privileged", [](JsonValue v, RunRule& r) { r.privileged_allowed = IsTrue(v); }},
    {"readOnlyRoot", [](JsonValue v, RunRule& r) { r.read_only_root = IsTrue(v); }},
    {"syscalls", ReadSyscalls},
    {"users", [](JsonValue v, RunRule& r) { r.users = ReadAccounts(v); }},
}};

}  // namespace

AccountRule ReadAccounts(JsonValue list) {
  AccountRule rule{.limited = true};
  for (const JsonValue item : list) {
    const std::string_view text = item.text();
    if (text == kNonRoot) {
      rule.non_root = true;
    } else if (const auto range = ParseIdRange(text)) {
      rule.ids.push_back(*range);
    } else {
      rule.names.emplace_back(text);
    }
  }
  return rule;
}

std::optional<IdRange> ParseIdRange(std::string_view text) {
  const size_t dash = text.find('-');
  const auto first = ParseId(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : ParseId(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return IdRange{*first, *last};
}

bool IsAccountName(std::string_view text) {
  constexpr size_t kLongest = 64;
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto later = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  if (text.empty() || text.size() > kLongest || !letter(text.front())) return false;
  if (text.back() == '$') text.remove_suffix(1);
  return std::ranges::all_of(text, later);
}

RunRule ReadRunRule(JsonValue run) {
  RunRule rule;
  for (const JsonValue member : run) {
    const auto key = std::ranges::find(kKeys, member.key(), &Key::name);
    if (key != kKeys.end()) key->read(member, rule);
  }
  return rule;
}

bool Permits(const AccountRule& rule, uint32_t id) {
  if (!rule.limited || (rule.non_root && id != 0)) return true;
  return std::ranges::any_of(
      rule.ids, [id](const IdRange& range) { return range.first <= id && id <= range.last; });
}

std::vector<std::string> AccountWords(const AccountRule& rule) {
  std::vector<std::string> words;
  if (rule.non_root) words.emplace_back(kNonRoot);
  for (const IdRange& range : rule.ids) {
    std::string& word = words.emplace_back(std::to_string(range.first));
    if (range.last != range.first) word += "-" + std::to_string(range.last);
  }
  words.insert(words.end(), rule.names.begin(), rule.names.end());
  return words;
}

std::string DescribeAccounts(const AccountRule& rule) {
  std::string text;
  for (const std::string& word : AccountWords(rule)) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "none" : text;
}

std::string DescribeNames(unsigned mask, const std::string_view* names, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    if ((mask >> i & 1U) == 0) continue;
    text.append(text.empty() ? "" : ", ").append(names[i]);
  }
  return text.empty() ? "none" : text;
}

}  // namespace runward
