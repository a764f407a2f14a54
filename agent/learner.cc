#include "agent/learner.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "base/file.h"

namespace runward {
namespace {

constexpr size_t kMostKnown = 64;  // images: what is known of others is read again

uint64_t HashOf(const LearnedCommand& command) {
  return std::hash<std::string>{}(LearnedIdentity(command));
}

size_t FilesIn(const std::string& directory) {
  const CHandle<DIR, closedir> entries(opendir(directory.c_str()));
  size_t count = 0;
  while (entries != nullptr && readdir(entries.get()) != nullptr) ++count;
  return count;
}

// One write of whole lines: a reader, or a writer that comes after us, finds all of it or, if we
// die, a part without an end.
Result<void> Append(const std::string& path, const std::string& lines) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid()) return ErrnoError("open \"" + path + "\"", errno);
  const ssize_t written = write(file.get(), lines.data(), lines.size());
  if (written == static_cast<ssize_t>(lines.size())) return {};
  return ErrnoError("write to \"" + path + "\"", written < 0 ? errno : ENOSPC);
}

// Takes away what is behind the last whole line.
Result<void> Mend(const std::string& path, size_t bytes) {
  if (truncate(path.c_str(), static_cast<off_t>(bytes)) == 0) return {};
  return ErrnoError("cut \"" + path + "\" to its whole lines", errno);
}

size_t SizeOf(const LearnedCommands& learned) {
  size_t bytes = FormatLearned(learned.image).size();
  for (const LearnedCommand& command : learned.commands) bytes += FormatLearned(command).size();
  return bytes;
}

}  // namespace

std::optional<Error> Learner::Learn(const Record& record, const LearnedCommand& command) {
  const std::string path = LearnedFile(paths_, record);
  if (known_.size() >= kMostKnown && !known_.contains(path)) known_.clear();
  Known& known = known_[path];
  const Result<void> written = Write(path, record, command, known);
  if (written.ok()) {
    known.told = false;
    return std::nullopt;
  }
  // What could not be written may be half there.
  known.loaded = false;
  if (known.told) return std::nullopt;
  known.told = true;
  return written.error();
}

Result<void> Learner::Write(const std::string& path, const Record& record,
                            const LearnedCommand& command, Known& known) const {
  if (!known.loaded) TRY(Load(path, record, known));
  const uint64_t hash = HashOf(command);
  if (known.seen.contains(hash)) return {};
  const std::string line = FormatLearned(command);
  if (known.seen.size() >= kMostLearnedCommands || known.bytes + line.size() > kMostLearnedBytes) {
    return Error{"\"" + path + "\" holds " + std::to_string(known.seen.size()) +
                     " commands of the image, which is all that is recorded",
                 "make a profile of them, and move the file away"};
  }
  TRY(Append(path, line));
  known.bytes += line.size();
  known.seen.insert(hash);
  return {};
}

Result<void> Learner::Load(const std::string& path, const Record& record, Known& known) const {
  known.seen.clear();
  if (FileMissing(path)) return Begin(path, record, known);
  const LearnedCommands learned = TRY(ReadLearned(path));
  known.bytes = SizeOf(learned);
  if (learned.unfinished) TRY(Mend(path, known.bytes));
  for (const LearnedCommand& command : learned.commands) known.seen.insert(HashOf(command));
  known.loaded = true;
  return {};
}

Result<void> Learner::Begin(const std::string& path, const Record& record, Known& known) const {
  const std::string directory = LearnedDirectory(paths_);
  TRY(MakeDirectories(directory, /*secret=*/true));
  if (FilesIn(directory) >= kMostLearnedImages) {
    return Error{"\"" + directory + "\" holds as many images as are recorded",
                 "move away those that are not needed"};
  }
  const std::string line = FormatLearned(LearnedImage{
      .name = record.image, .chain = record.image_chain, .config = record.image_config});
  TRY(WriteFileAtomic(path, line, 0600, /*sync=*/true));
  known.bytes = line.size();
  known.loaded = true;
  return {};
}

}  // namespace runward
