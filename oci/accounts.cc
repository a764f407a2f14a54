#include "oci/accounts.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/fd.h"
#include "base/file.h"

namespace runward {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 20;

std::string ReadBeneath(const std::string& rootfs, const char* path) {
  const UniqueFd root(open(rootfs.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return "";
  open_how how{.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
               .mode = 0,
               .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  const UniqueFd file(static_cast<int>(syscall(SYS_openat2, root.get(), path, &how, sizeof how)));
  struct stat info {};
  if (!file.valid() || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return "";
  const Result<std::string> text = ReadFdCapped(file.get(), kMaxBytes, path);
  return text.ok() ? text.value() : "";
}

std::string_view TakeField(std::string_view& line) {
  const size_t colon = std::min(line.find(':'), line.size());
  const std::string_view field = line.substr(0, colon);
  line.remove_prefix(std::min(colon + 1, line.size()));
  return field;
}

// The third field of the first line whose first is `name`: passwd(5), group(5).
std::optional<uint32_t> NumberOf(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (TakeField(line) != name) continue;
    TakeField(line);
    const std::string_view field = TakeField(line);
    uint32_t id = 0;
    const auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), id);
    if (status != std::errc{} || end != field.data() + field.size()) return std::nullopt;
    return id;
  }
  return std::nullopt;
}

void Resolve(const std::string& rootfs, const char* path, AccountRule& rule) {
  if (rule.names.empty()) return;
  const std::string text = ReadBeneath(rootfs, path);
  for (const std::string& name : rule.names) {
    const std::optional<uint32_t> id = NumberOf(text, name);
    if (id && (*id != 0 || name == "root")) rule.ids.push_back({*id, *id});
  }
}

}  // namespace

void ResolveAccounts(const std::string& rootfs, RunRule& rule) {
  Resolve(rootfs, "etc/passwd", rule.users);
  Resolve(rootfs, "etc/group", rule.groups);
}

void ResolveAccounts(const std::string& rootfs, CommandRule& rule) {
  for (UserCommands& element : rule.users) Resolve(rootfs, "etc/passwd", element.users);
  Resolve(rootfs, "etc/passwd", rule.exec_users);
}

}  // namespace runward
