#include "oci/mountinfo.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <vector>

#include "base/fd.h"

namespace runward {
namespace {

// Longer than any line the kernel writes: options are one page, paths PATH_MAX times four escaped.
constexpr size_t kMaxLine = size_t{64} << 10;

std::string_view TakeField(std::string_view& line) {
  const size_t end = line.find(' ');
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return field;
}

std::optional<uint64_t> ParseId(std::string_view text) {
  uint64_t id = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc{} || stop != end || text.empty()) return std::nullopt;
  return id;
}

bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// Takes whole lines off the front of `pending`, until `seen` says true of one; false if of none.
template <typename F>
bool AnyOf(std::string& pending, F& seen) {
  size_t start = 0;
  for (size_t end = 0; (end = pending.find('\n', start)) != std::string::npos; start = end + 1) {
    if (seen(std::string_view(pending).substr(start, end - start))) return true;
  }
  pending.erase(0, start);
  return false;
}

// Calls `seen` with each line of the file until it says true; false when none did.
template <typename F>
Result<bool> AnyLine(int fd, F seen) {
  std::string pending;
  std::array<char, 16384> buffer{};
  while (true) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("read \"/proc/self/mountinfo\"", errno);
    if (got == 0) return !pending.empty() && seen(pending);
    pending.append(buffer.data(), static_cast<size_t>(got));
    if (AnyOf(pending, seen)) return true;
    if (pending.size() > kMaxLine) return Error{"a line of /proc/self/mountinfo is too long", ""};
  }
}

}  // namespace

std::string UnescapeMount(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 3 < text.size() && text[i + 1] <= '3' &&
                        IsOctal(text[i + 1]) && IsOctal(text[i + 2]) && IsOctal(text[i + 3]);
    if (!escape) {
      out += text[i];
      continue;
    }
    out +=
        static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0');
    i += 3;
  }
  return out;
}

std::optional<Mount> ParseMountLine(std::string_view line) {
  const auto id = ParseId(TakeField(line));
  if (!id) return std::nullopt;
  const auto parent = ParseId(TakeField(line));
  Mount mount{.id = *id, .parent = parent.value_or(0)};
  mount.device = TakeField(line);
  mount.root = UnescapeMount(TakeField(line));
  mount.point = UnescapeMount(TakeField(line));
  mount.options = TakeField(line);
  while (!line.empty() && TakeField(line) != "-") {  // optional fields
  }
  mount.type = UnescapeMount(TakeField(line));
  TakeField(line);  // source
  mount.super = line;
  if (mount.type.empty() || mount.super.empty()) return std::nullopt;
  return mount;
}

Result<Mount> MountOf(int fd) {
  struct statx info {};
  if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) != 0) return ErrnoError("statx", errno);
  if ((info.stx_mask & STATX_MNT_ID) == 0) {
    return Error{"the kernel does not tell on which mount a file lies", "Linux 5.8 or later does"};
  }
  const UniqueFd list(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  if (!list.valid()) return ErrnoError("open \"/proc/self/mountinfo\"", errno);
  std::optional<Mount> found;
  const std::string prefix = std::to_string(info.stx_mnt_id) + " ";
  TRY(AnyLine(list.get(), [&](std::string_view line) {
    if (!line.starts_with(prefix)) return false;
    found = ParseMountLine(line);
    return true;
  }));
  if (!found) return Error{"the root filesystem's mount is not in /proc/self/mountinfo", ""};
  return *std::move(found);
}

Result<std::vector<Mount>> AllMounts() {
  const UniqueFd list(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  if (!list.valid()) return ErrnoError("open \"/proc/self/mountinfo\"", errno);
  std::vector<Mount> mounts;
  TRY(AnyLine(list.get(), [&](std::string_view line) {
    if (auto mount = ParseMountLine(line)) mounts.push_back(*std::move(mount));
    return false;
  }));
  return mounts;
}

}  // namespace runward
