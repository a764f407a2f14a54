#include "base/event_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/encoding.h"
#include "base/event_file.h"
#include "base/event_files.h"
#include "base/event_format.h"
#include "base/event_tail.h"

namespace runward {
namespace {

// The end of the chain before a file that holds no record yet: in the newest rotated file that has
// one.
Result<LogTail> RotatedTail(int directory_fd, const std::vector<RotatedFile>& rotated) {
  for (auto file = rotated.rbegin(); file != rotated.rend(); ++file) {
    const UniqueFd fd(openat(directory_fd, file->name.c_str(),
                             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat info {};
    if (!fd.valid()) return ErrnoError("open \"" + file->name + "\"", errno);
    if (fstat(fd.get(), &info) != 0) return ErrnoError("stat \"" + file->name + "\"", errno);
    if (!S_ISREG(info.st_mode)) continue;
    LogTail tail = TRY(ReadLogTail(fd.get(), info.st_size));
    if (tail.seq > 0) return tail;
  }
  return LogTail{.seq = 0, .hash = std::string(kNoRecord), .torn_bytes = 0};
}

// What a new file's first record needs to know, and which rotated files it lets go.
struct Place {
  LogTail tail;
  int64_t dropped_to = 0;
  std::vector<RotatedFile> drop;
};

Result<Place> FindPlace(const LockedLogFile& file, const EventLogOptions& options) {
  Place place{.tail = TRY(ReadLogTail(file.fd.get(), file.size)), .dropped_to = 0, .drop = {}};
  if (place.tail.seq > 0) return place;
  std::vector<RotatedFile> rotated = TRY(ListRotated(file.directory.get()));
  const LogTail before = TRY(RotatedTail(file.directory.get(), rotated));
  place.tail.seq = before.seq;
  place.tail.hash = before.hash;
  const auto keep = static_cast<size_t>(std::max<int64_t>(options.keep, 0));
  if (rotated.size() > keep) {
    rotated.resize(rotated.size() - keep);
    place.dropped_to = rotated.back().last_seq;
    place.drop = std::move(rotated);
  }
  return place;
}

// Whether the file was moved away, so that the record belongs into a new one. A log that cannot be
// rotated grows instead: losing records would be worse.
bool Rotated(const LockedLogFile& file, const LogTail& tail) {
  const std::string name = RotatedName(tail.seq);
  // A torn end is closed and counted first, by the record that then follows it.
  return tail.seq > 0 && tail.torn_bytes == 0 &&
         renameat2(file.directory.get(), kEventFile, file.directory.get(), name.c_str(),
                   RENAME_NOREPLACE) == 0;
}

// The lines of the bodies, each linked to the one before it.
std::string LinkedLines(const Place& place, const std::vector<std::string>& bodies) {
  EventLink link{.seq = place.tail.seq + 1,
                 .prev = place.tail.hash,
                 .torn_bytes = place.tail.torn_bytes,
                 .dropped_to = place.dropped_to};
  std::string lines(place.tail.torn_bytes > 0 ? kTornMark : "");
  for (const std::string& body : bodies) {
    const std::string line = LinkText(link) + body;
    link = EventLink{.seq = link.seq + 1, .prev = Sha256Hex(line)};
    lines += line + "\n";
  }
  return lines;
}

Result<bool> AppendTo(const LockedLogFile& file, const std::vector<std::string>& bodies,
                      const EventLogOptions& options) {
  const Place place = TRY(FindPlace(file, options));
  size_t length = 0;
  for (const std::string& body : bodies) length += kMaxLinkBytes + body.size();
  const off_t most = file.size + static_cast<off_t>(length);
  if (file.size > 0 && most > options.rotate_bytes && Rotated(file, place.tail)) return false;
  TRY(AppendWhole(file, LinkedLines(place, bodies)));
  for (const RotatedFile& old : place.drop) unlinkat(file.directory.get(), old.name.c_str(), 0);
  return true;
}

Result<void> Sync(const LockedLogFile& file) {
  if (fdatasync(file.fd.get()) != 0) return ErrnoError("fdatasync \"" + file.path + "\"", errno);
  if (file.size > 0) return {};
  const UniqueFd directory(
      openat(file.directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // its name is new
  if (!directory.valid() || fsync(directory.get()) != 0) {
    return ErrnoError("fsync the directory of \"" + file.path + "\"", errno);
  }
  return {};
}

}  // namespace

namespace {

Result<void> AppendBodies(const std::string& directory, const std::vector<std::string>& bodies,
                          const EventLogOptions& options) {
  constexpr int kAttempts = 1000;  // others may fill the new file before us
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    LockedLogFile file = TRY(LockLogFile(directory, kEventFile));
    if (!TRY(AppendTo(file, bodies, options))) continue;
    // Others need not wait for the disk: they link to what is written, synced or not.
    file.Unlock();
    return options.fdatasync ? Sync(file) : Result<void>{};
  }
  return Error{"append to \"" + directory + "/" + kEventFile + "\": it is rotated over and over",
               "make the policy's events.rotateBytes larger"};
}

}  // namespace

Result<void> AppendEvent(const std::string& directory, const Event& event,
                         const EventLogOptions& options) {
  return AppendBodies(directory, EventBodies(event), options);
}

Result<void> AppendEvents(const std::string& directory, const std::vector<Event>& events,
                          const EventLogOptions& options) {
  std::vector<std::string> all;
  for (const Event& event : events) {
    for (std::string& body : EventBodies(event)) all.push_back(std::move(body));
  }
  return AppendBodies(directory, all, options);
}

}  // namespace runward
