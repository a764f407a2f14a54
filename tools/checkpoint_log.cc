#include "tools/checkpoint_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/encoding.h"
#include "base/file.h"

namespace runward {
namespace {

constexpr char kName[] = "checkpoints.jsonl";

// What the next checkpoint must be, given the one before it.
void CheckOrder(const Checkpoint& here, int64_t line, CheckpointLog& log) {
  const auto report = [&](const std::string& what) { log.problems.push_back({kName, line, what}); };
  if (log.checkpoints.empty()) return;  // older ones may have been dropped
  const Checkpoint& before = log.checkpoints.back();
  const std::string label = "checkpoint " + std::to_string(here.number);
  if (here.number <= before.number) {
    report("reordered: " + label + " stands after " + std::to_string(before.number));
  } else if (here.number != before.number + 1) {
    report("removed: checkpoint " + std::to_string(before.number + 1) + " should stand before " +
           "this line");
  } else if (here.prev != Sha256Hex(log.last_line)) {
    report("changed: " + label + " does not name the line before it");
  } else if (here.seq < before.seq) {
    report("cut off: " + label + " signed record " + std::to_string(here.seq) + " after record " +
           std::to_string(before.seq) + " had been signed");
  }
  if (here.time < before.time) {
    log.notes.push_back("the clock went back between checkpoints " + std::to_string(before.number) +
                        " and " + std::to_string(here.number));
  }
}

Result<void> Cut(int fd, off_t size, const std::string& path) {
  if (ftruncate(fd, size) != 0) return ErrnoError("truncate \"" + path + "\"", errno);
  return {};
}

}  // namespace

Result<CheckpointLog> ReadCheckpoints(const std::string& path, const PublicKey& key) {
  CheckpointLog log;
  if (FileMissing(path)) return log;
  const std::string text = TRY(ReadFileCapped(path, kMaxCheckpointFileBytes, Trust::kOwner));
  size_t start = 0;
  int64_t number = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    const std::string line = text.substr(start, end - start);
    start = end + 1;
    ++number;
    const Result<Checkpoint> checkpoint = ReadCheckpoint(line, key);
    if (!checkpoint.ok()) {
      log.problems.push_back({kName, number, "changed: " + checkpoint.error().message});
      continue;
    }
    CheckOrder(checkpoint.value(), number, log);
    log.checkpoints.push_back(checkpoint.value());
    log.last_line = line;
  }
  if (start < text.size()) log.notes.push_back("the last checkpoint was not written to its end");
  return log;
}

std::vector<ExpectedHead> ExpectedHeads(const std::vector<Checkpoint>& checkpoints) {
  std::vector<ExpectedHead> heads;
  for (const Checkpoint& checkpoint : checkpoints) {
    if (checkpoint.seq > 0) {
      heads.push_back({checkpoint.seq, checkpoint.head, CheckpointLabel(checkpoint)});
    }
  }
  std::stable_sort(heads.begin(), heads.end(),
                   [](const ExpectedHead& a, const ExpectedHead& b) { return a.seq < b.seq; });
  return heads;
}

Result<CheckpointFile> CheckpointFile::Open(const std::string& path) {
  UniqueFd fd(open(path.c_str(),
                   O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                   0600));
  if (!fd.valid()) return ErrnoError("open \"" + path + "\"", errno);
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return ErrnoError("stat \"" + path + "\"", errno);
  if (!S_ISREG(info.st_mode)) {
    return Error{"refusing \"" + path + "\": it is not a regular file", "move it away"};
  }
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{"lock \"" + path + "\": another checkpoint is being signed", "try again"};
  }
  return CheckpointFile(std::move(fd), path);
}

Result<void> CheckpointFile::Append(const std::string& line) const {
  std::string text = TRY(ReadFileCapped(path_, kMaxCheckpointFileBytes, Trust::kOwner));
  const size_t whole = text.rfind('\n') + 1;  // 0 when there is no line
  if (whole > kMaxCheckpointFileBytes / 2) {
    const size_t half = text.find('\n', whole / 2) + 1;
    return WriteFileAtomic(path_, text.substr(half, whole - half) + line + "\n", 0600, true);
  }
  if (whole < text.size()) TRY(Cut(fd_.get(), static_cast<off_t>(whole), path_));
  const std::string added = line + "\n";
  const ssize_t written = write(fd_.get(), added.data(), added.size());
  if (written != static_cast<ssize_t>(added.size()) || fsync(fd_.get()) != 0) {
    Error error = ErrnoError("write \"" + path_ + "\"", written < 0 ? errno : ENOSPC);
    TRY(Cut(fd_.get(), static_cast<off_t>(whole), path_));
    return error;
  }
  return {};
}

}  // namespace runward
