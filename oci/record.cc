#include "oci/record.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/encoding.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/lock.h"
#include "oci/network_process.h"
#include "oci/record_json.h"

namespace runward {
namespace {

constexpr int kLockMilliseconds = 10000;
constexpr size_t kSweepAtMost = 16;

std::string DirectoryOf(const Paths& paths) { return paths.run + "/containers"; }

std::string PlanIn(const std::string& directory) { return directory + "/plan.json"; }

Result<UniqueFd> Lock(const Paths& paths) {
  const std::string path = DirectoryOf(paths);
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError("open \"" + path + "\"", errno);
  if (LockWithin(fd.get(), LOCK_EX, kLockMilliseconds)) return fd;
  if (errno != EWOULDBLOCK) return ErrnoError("lock \"" + path + "\"", errno);
  return Error{"the container records in \"" + path + "\" stayed locked for ten seconds",
               "find the process that holds the lock: fuser " + path};
}

// Older than a start takes.
bool IsOld(const std::string& directory) {
  constexpr time_t kSeconds = 60;
  struct stat info {};
  timespec now{};
  if (stat(directory.c_str(), &info) != 0 || clock_gettime(CLOCK_REALTIME, &now) != 0) return false;
  return info.st_mtim.tv_sec + kSeconds < now.tv_sec;
}

bool CreatorLives(const Record& record, const std::string& directory) {
  // A process of another pid namespace cannot be seen from here: the record's age speaks for it.
  const bool elsewhere =
      record.creator_namespace != 0 && record.creator_namespace != PidNamespace();
  if (elsewhere) return !IsOld(directory);
  return record.creator != getpid() && record.creator_start != 0 &&
         StartTimeOf(record.creator) == record.creator_start;
}

bool ContainerExists(const Record& record) { return !FileMissing(record.root + "/" + record.id); }

Result<std::optional<Record>> ReadFrom(const std::string& directory) {
  const std::string path = PlanIn(directory);
  if (FileMissing(path)) return std::optional<Record>();
  Result<std::string> text = ReadFileCapped(path, kMaxRecordBytes, Trust::kOwnerAndParents);
  // Removed between the two looks: by a delete or a sweep that came just now.
  if (!text.ok() && FileMissing(path)) return std::optional<Record>();
  if (!text.ok()) return std::move(text).error();
  return std::optional<Record>(TRY(ParseRecord(std::move(text).value(), path)));
}

void Remove(const std::string& directory) {
  for (const std::string_view beside :
       {kSecretNote, kNextNetwork, kNetworkScope, kNetworkProcess}) {
    unlink((directory + "/" + std::string(beside)).c_str());
  }
  unlink(PlanIn(directory).c_str());
  rmdir(directory.c_str());
}

// With the lock held. A record that cannot be read stays: it may be a newer version's.
void RemoveIfGone(const std::string& directory) {
  const Result<std::optional<Record>> found = ReadFrom(directory);
  if (!found.ok()) return;
  const std::optional<Record>& record = found.value();
  if (!record) {
    rmdir(directory.c_str());
  } else if (!ContainerExists(*record) && !CreatorLives(*record, directory)) {
    Remove(directory);
  }
}

std::vector<std::string> Names(const std::string& directory) {
  std::vector<std::string> names;
  const CHandle<DIR, closedir> handle(opendir(directory.c_str()));
  if (handle == nullptr) return names;
  while (const dirent* entry = readdir(handle.get())) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  return names;
}

}  // namespace

std::string RecordKey(std::string_view root, std::string_view id) {
  std::string name(root);
  name += '\0';
  name += id;
  return Sha256Hex(name);
}

uint64_t PidNamespace() {
  struct stat info {};
  return stat("/proc/self/ns/pid", &info) == 0 ? info.st_ino : 0;
}

uint64_t StartTimeOf(int64_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  const Result<std::string> read = ReadFileCapped(path, 4096, Trust::kAnyone);
  if (!read.ok()) return 0;
  const std::string& stat = read.value();
  // The second field is a name in brackets that may hold anything; the third follows the last ')'.
  size_t at = stat.rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field) {
    at = stat.find(' ', at == 0 ? 0 : at + 1);
  }
  return at == std::string::npos ? 0 : std::strtoull(stat.c_str() + at + 1, nullptr, 10);
}

std::string RecordDirectory(const Paths& paths, std::string_view key) {
  return DirectoryOf(paths) + "/" + std::string(key);
}

std::string ScopeFile(const Paths& paths, std::string_view key) {
  return RecordDirectory(paths, key) + "/" + std::string(kNetworkScope);
}

Result<Record> ReadRecordOf(const Paths& paths, const std::string& key) {
  constexpr size_t kSize = 64;  // RecordKey
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (key.size() != kSize || !std::ranges::all_of(key, hex)) {
    return Error{"no container has the key that was given", ""};
  }
  const std::string path = PlanIn(RecordDirectory(paths, key));
  std::string text = TRY(ReadFileCapped(path, kMaxRecordBytes, Trust::kOwner));
  return ParseRecord(std::move(text), path);
}

Result<std::optional<Record>> ReadRecord(const Paths& paths, std::string_view root,
                                         std::string_view id) {
  std::optional<Record> record = TRY(ReadFrom(DirectoryOf(paths) + "/" + RecordKey(root, id)));
  if (record && (record->root != root || record->id != id)) {
    return Error{"the record of container \"" + std::string(id) + "\" names another container", ""};
  }
  return record;
}

Result<Recorded> CreateRecord(const Paths& paths, const Record& record) {
  TRY(MakeDirectories(DirectoryOf(paths), true));
  const UniqueFd lock = TRY(Lock(paths));
  const std::string directory = DirectoryOf(paths) + "/" + RecordKey(record.root, record.id);
  const std::optional<Record> other = TRY(ReadFrom(directory));
  if (ContainerExists(record) || (other && CreatorLives(*other, directory))) {
    return Recorded::kIdInUse;
  }
  TRY(MakeDirectories(directory, true));
  Result<void> written = WriteFileAtomic(PlanIn(directory), FormatRecord(record), 0600, false);
  if (written.ok()) return Recorded::kWritten;
  rmdir(directory.c_str());
  return std::move(written).error();
}

Result<void> RewriteRecord(const Paths& paths, const Record& record) {
  const UniqueFd lock = TRY(Lock(paths));
  const std::string directory = DirectoryOf(paths) + "/" + RecordKey(record.root, record.id);
  const std::optional<Record> now = TRY(ReadFrom(directory));
  if (!now || now->event != record.event) {
    return Error{"container \"" + record.id + "\" is gone, or was started anew", ""};
  }
  return WriteFileAtomic(PlanIn(directory), FormatRecord(record), 0600, false);
}

void WithdrawRecord(const Paths& paths, std::string_view root, std::string_view id) {
  const Result<UniqueFd> lock = Lock(paths);
  if (!lock.ok()) return;
  const std::string directory = DirectoryOf(paths) + "/" + RecordKey(root, id);
  const Result<std::optional<Record>> found = ReadFrom(directory);
  if (!found.ok() || !found.value()) return;
  const Record& record = *found.value();
  const bool ours = record.creator == getpid() && record.creator_namespace == PidNamespace();
  if (ours) Remove(directory);
}

void SweepRecords(const Paths& paths, std::string_view root, std::string_view id) {
  const Result<UniqueFd> lock = Lock(paths);
  if (!lock.ok()) return;
  const std::string containers = DirectoryOf(paths);
  if (!id.empty()) RemoveIfGone(containers + "/" + RecordKey(root, id));
  const std::vector<std::string> names = Names(containers);
  // Another part of them each time.
  const size_t start = names.empty() ? 0 : static_cast<size_t>(getpid()) % names.size();
  for (size_t i = 0; i < std::min(names.size(), kSweepAtMost); ++i) {
    const std::string directory = containers + "/" + names[(start + i) % names.size()];
    if (IsOld(directory)) RemoveIfGone(directory);
  }
}

}  // namespace runward
