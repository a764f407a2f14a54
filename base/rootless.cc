#include "base/rootless.h"

#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <vector>

#include "base/file.h"

namespace runward {
namespace {

constexpr size_t kMaxPasswd = size_t{4} << 20;
constexpr size_t kMaxMap = size_t{64} << 10;
constexpr uid_t kLastUid = 4294967294;
constexpr uid_t kOverflowUid = 65534;  // unless kernel.overflowuid says otherwise

std::optional<uid_t> Number(std::string_view text) {
  uid_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string FileText(const char* path, size_t cap) {
  auto text = ReadFileCapped(path, cap, Trust::kAnyone);
  return text.ok() ? std::move(text).value() : "";
}

uid_t OverflowUid() {
  std::string text = FileText("/proc/sys/kernel/overflowuid", kMaxMap);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return Number(text).value_or(kOverflowUid);
}

bool LookUpRootless() {
  struct stat top {};
  if (geteuid() != 0 || lstat("/", &top) != 0 || top.st_uid == 0) return false;
  // Where every id is mapped, which only root can have done, the overflow id is a user like others.
  if (OutsideIn(FileText("/proc/self/uid_map", kMaxMap), kLastUid)) return false;
  return top.st_uid == OverflowUid();
}

std::string Under(const char* variable, const std::string& fallback) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value == '/' ? value : fallback;
}

}  // namespace

bool Rootless() {
  static const bool rootless = LookUpRootless();
  return rootless;
}

bool OwnedByRoot(uid_t owner) {
  if (owner == 0) return true;
  if (!Rootless()) return false;
  static const uid_t overflow = OverflowUid();
  return owner == overflow;
}

std::optional<std::string> HomeIn(std::string_view passwd, uid_t uid) {
  for (const std::string_view line : Split(passwd, '\n')) {
    const std::vector<std::string_view> fields = Split(line, ':');
    if (line.starts_with('#') || fields.size() < 7 || Number(fields[2]) != uid) continue;
    if (!fields[5].starts_with('/')) return std::nullopt;
    return std::string(fields[5]);
  }
  return std::nullopt;
}

std::optional<uid_t> OutsideIn(std::string_view uid_map, uid_t uid) {
  for (const std::string_view line : Split(uid_map, '\n')) {
    std::vector<uid_t> numbers;
    for (const std::string_view word : Split(line, ' ')) {
      if (const auto number = Number(word)) numbers.push_back(*number);
    }
    if (numbers.size() != 3 || uid < numbers[0] || uid - numbers[0] >= numbers[2]) continue;
    return numbers[1] + (uid - numbers[0]);
  }
  return std::nullopt;
}

std::vector<std::string> UserEnvironment() {
  std::vector<std::string> set;
  for (const char* name :
       {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"}) {
    const std::string value = Under(name, "");
    if (!value.empty()) set.push_back(std::string(name) + "=" + value);
  }
  return set;
}

Result<Paths> UserPaths(const Paths& above) {
  const auto uid = OutsideIn(FileText("/proc/self/uid_map", kMaxMap), geteuid());
  if (!uid) return Error{"the user behind this user namespace is not known", ""};
  const auto home = HomeIn(FileText("/etc/passwd", kMaxPasswd), *uid);
  if (!home) return Error{"user " + std::to_string(*uid) + " has no home in /etc/passwd", ""};
  const std::string log = Under("XDG_STATE_HOME", *home + "/.local/state") + "/runward";
  const std::string run = Under("XDG_RUNTIME_DIR", "");
  const std::string config = Under("XDG_CONFIG_HOME", *home + "/.config") + "/runward";
  const std::string data = Under("XDG_DATA_HOME", *home + "/.local/share") + "/runward";
  return Paths{.policy = config + "/policy.json",
               .runtime = above.runtime,
               .verdicts = data + "/verdicts",
               .run = run.empty() ? log + "/run" : run + "/runward",
               .log = log,
               .vault = data + "/vault",
               .vault_key = config + "/vault.key",
               .root_flag = "--user"};
}

}  // namespace runward
