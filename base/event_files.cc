#include "base/event_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string_view>

#include "base/fd.h"

namespace runward {
namespace {

constexpr std::string_view kPrefix = "events.";
constexpr std::string_view kSuffix = ".jsonl";
constexpr size_t kDigits = 19;

std::optional<int64_t> SeqOfName(std::string_view name) {
  if (name.size() != kPrefix.size() + kDigits + kSuffix.size()) return std::nullopt;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  const std::string_view digits = name.substr(kPrefix.size(), kDigits);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  int64_t seq = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), seq);
  if (parsed.ec != std::errc{}) return std::nullopt;
  return seq;
}

}  // namespace

std::string RotatedName(int64_t last_seq) {
  std::array<char, 48> name{};
  std::snprintf(name.data(), name.size(), "events.%019lld.jsonl", static_cast<long long>(last_seq));
  return name.data();
}

Result<std::vector<RotatedFile>> ListRotated(int directory_fd) {
  UniqueFd fd(openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError("open the log's directory", errno);
  const CHandle<DIR, closedir> directory(fdopendir(fd.get()));
  if (directory == nullptr) return ErrnoError("read the log's directory", errno);
  static_cast<void>(fd.release());  // closedir closes it
  std::vector<RotatedFile> files;
  errno = 0;
  while (const dirent* entry = readdir(directory.get())) {
    if (const auto seq = SeqOfName(entry->d_name)) files.push_back({entry->d_name, *seq});
    errno = 0;
  }
  if (errno != 0) return ErrnoError("read the log's directory", errno);
  std::sort(files.begin(), files.end(),
            [](const RotatedFile& a, const RotatedFile& b) { return a.last_seq < b.last_seq; });
  return files;
}

}  // namespace runward
