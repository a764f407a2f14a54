#include "agent/fanotify_group.h"

#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <string_view>

#include "base/file.h"

namespace runward {
namespace {

Result<void> Mark(int group, unsigned flags, uint64_t mask, const std::string& path) {
  if (fanotify_mark(group, FAN_MARK_ADD | flags, mask, AT_FDCWD, path.c_str()) == 0) return {};
  return ErrnoError("watch \"" + path + "\" by fanotify", errno);
}

void Answer(int group, int file, bool allowed) {
  const fanotify_response response{
      .fd = file, .response = static_cast<uint32_t>(allowed ? FAN_ALLOW : FAN_DENY)};
  // Fails when the asker has been killed meanwhile: nobody waits any more.
  (void)!write(group, &response, sizeof response);
}

struct Buffer {
  alignas(fanotify_event_metadata) std::array<std::byte, 4096> bytes{};
};

// After the words, in hexadecimal.
std::optional<unsigned> NumberAfter(std::string_view words, std::string_view line) {
  if (!line.starts_with(words)) return std::nullopt;
  line.remove_prefix(words.size());
  unsigned number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number, 16);
  return error == std::errc{} ? std::optional(number) : std::nullopt;
}

// proc(5): "fanotify sdev:800013 mflags:...", of a filesystem, "fanotify mnt_id:2f mflags:...", of
// a mount; a file's line begins with its ino.
void AddMark(std::string_view line, Marked& marked) {
  constexpr unsigned kMinorBits = 20;  // the kernel's own packing (linux/kdev_t.h)
  if (const auto device = NumberAfter("fanotify sdev:", line)) {
    marked.filesystems.insert(makedev(*device >> kMinorBits, *device & ((1U << kMinorBits) - 1)));
  }
  if (const auto mount = NumberAfter("fanotify mnt_id:", line)) marked.mounts.insert(*mount);
}

using Allow = std::function<bool(const OpenTry&)>;

Result<void> AnswerEvents(int group, const Buffer& buffer, size_t left, const Allow& allow) {
  const auto* event = reinterpret_cast<const fanotify_event_metadata*>(buffer.bytes.data());
  for (; FAN_EVENT_OK(event, left); event = FAN_EVENT_NEXT(event, left)) {
    const UniqueFd file(event->fd);
    if (event->vers != FANOTIFY_METADATA_VERSION) {
      return Error{"the kernel speaks another version of fanotify", ""};
    }
    if (!file.valid()) continue;  // the queue overflowed: cannot be, it is unlimited
    const bool execute = (event->mask & FAN_OPEN_EXEC_PERM) != 0;
    Answer(group, file.get(), allow({.file = file.get(), .task = event->pid, .execute = execute}));
  }
  return {};
}

}  // namespace

Result<UniqueFd> OpenFanotify() {
  const unsigned flags = FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE |
                         FAN_UNLIMITED_MARKS | FAN_REPORT_TID;
  UniqueFd group(fanotify_init(flags, O_RDONLY | O_LARGEFILE | O_CLOEXEC));
  if (!group.valid()) return ErrnoError("open fanotify", errno);
  return group;
}

Result<void> WatchFilesystem(int group, const std::string& path) {
  return Mark(group, FAN_MARK_FILESYSTEM, FAN_OPEN_EXEC_PERM, path);
}

Result<void> WatchThroughMount(int group, const std::string& path) {
  return Mark(group, FAN_MARK_MOUNT, FAN_OPEN_EXEC_PERM, path);
}

Marked MarkedIn(int group) {
  constexpr size_t kMost = size_t{16} << 20;
  Marked marked;
  const std::string path = "/proc/self/fdinfo/" + std::to_string(group);
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return marked;
  const Result<std::string> text = ReadFdCapped(file.get(), kMost, path);
  if (!text.ok()) return marked;
  std::string_view rest = text.value();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    AddMark(line, marked);
  }
  return marked;
}

Result<void> WatchFile(int group, const std::string& path) {
  return Mark(group, 0, FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM, path);
}

Result<void> AnswerTries(int group, const Allow& allow) {
  Buffer buffer;
  for (;;) {
    const ssize_t size = read(group, buffer.bytes.data(), buffer.bytes.size());
    if (size < 0 && errno == EAGAIN) return {};
    if (size > 0) {
      TRY(AnswerEvents(group, buffer, static_cast<size_t>(size), allow));
    } else if (errno != EINTR) {
      return ErrnoError("read from fanotify", errno);
    }
  }
}

void DenyUnanswered(int group) {
  // The kernel knows an event by the number that its file had in the process that read it.
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) files.rlim_cur = 65536;
  for (rlim_t number = 0; number < files.rlim_cur; ++number) {
    Answer(group, static_cast<int>(number), false);
  }
}

}  // namespace runward
