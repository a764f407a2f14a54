#include "base/event_tail.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/encoding.h"
#include "base/event_log.h"

namespace runward {
namespace {

constexpr off_t kWindow = 2 * kMaxEventBytes;
constexpr off_t kDamagedWindow = 16 * kMaxEventBytes;

Result<std::string> ReadAt(int fd, off_t start, off_t end) {
  std::string bytes(static_cast<size_t>(end - start), '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got =
        pread(fd, bytes.data() + filled, bytes.size() - filled, start + static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("read the event log", errno);
    if (got == 0) return Error{"read the event log: it became shorter meanwhile", ""};
    filled += static_cast<size_t>(got);
  }
  return bytes;
}

// The last record that lies whole in `window`; fills `tail` and returns where the record's line
// ends (past its newline), or npos.
size_t LastRecord(std::string_view window, bool from_start, LogTail& tail) {
  size_t end = window.rfind('\n');
  while (end != std::string_view::npos) {
    const size_t before = end == 0 ? std::string_view::npos : window.rfind('\n', end - 1);
    const bool known_start = before != std::string_view::npos || from_start;
    const size_t start = before == std::string_view::npos ? 0 : before + 1;
    const std::string_view line = window.substr(start, end - start);
    const auto link = known_start ? ParseLink(line) : std::nullopt;
    if (link) {
      tail.seq = link->seq;
      tail.hash = Sha256Hex(line);
      return end + 1;
    }
    end = before;
  }
  return std::string_view::npos;
}

}  // namespace

Result<LogTail> ReadLogTail(int fd, off_t size) {
  LogTail tail{.seq = 0, .hash = std::string(kNoRecord), .torn_bytes = size};
  off_t length = kWindow;
  for (off_t end = size; end > 0;) {
    const off_t start = std::max<off_t>(0, end - length);
    const std::string window = TRY(ReadAt(fd, start, end));
    const size_t record_end = LastRecord(window, start == 0, tail);
    if (record_end != std::string_view::npos) {
      tail.torn_bytes = size - start - static_cast<off_t>(record_end);
      return tail;
    }
    if (start == 0) break;
    // A line that crosses `start` lies whole in the next piece.
    end = start + static_cast<off_t>(kMaxEventBytes);
    length = kDamagedWindow;
  }
  return tail;
}

}  // namespace runward
