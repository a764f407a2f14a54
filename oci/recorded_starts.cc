#include "oci/recorded_starts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/encoding.h"
#include "base/event_file.h"
#include "base/file.h"

namespace runward {
namespace {

constexpr char kFile[] = "configurations.jsonl";
constexpr char kOlder[] = "configurations.1.jsonl";
constexpr int64_t kPatience = 1'000'000'000;  // ns
// One file, the line that made it too large included.
constexpr size_t kMaxFile = static_cast<size_t>(kRecordedStartsBytes) + kMaxRecordedStart;

// Appends, unless the file is full: then it makes room for a new one, and says false.
Result<bool> AppendTo(const LockedLogFile& file, const std::string& line) {
  const int64_t size = file.size;
  if (size > 0 && size + static_cast<int64_t>(line.size()) > kRecordedStartsBytes) {
    if (renameat(file.directory.get(), kFile, file.directory.get(), kOlder) == 0) return false;
    return ErrnoError("rename \"" + file.path + "\"", errno);
  }
  char last = '\n';
  if (size > 0 && pread(file.fd.get(), &last, 1, size - 1) != 1) {
    return ErrnoError("read \"" + file.path + "\"", errno);
  }
  // What a writer that died left behind is no line of ours.
  TRY(AppendWhole(file, last == '\n' ? line : "\n" + line));
  return true;
}

// The id in the beginning of a line, as FormatRecordedStart() writes it.
std::string EventOf(std::string_view line) {
  constexpr std::string_view kHead = R"({"event":")";
  if (!line.starts_with(kHead)) return "";
  line.remove_prefix(kHead.size());
  return std::string(line.substr(0, line.find('"')));
}

void Choose(std::string_view text, const std::map<std::string, std::string>& hash_of_event,
            std::map<std::string, std::string>& found) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    const auto wanted = hash_of_event.find(EventOf(line));
    if (wanted == hash_of_event.end() || Sha256Hex(line) != wanted->second) continue;
    found[wanted->first] = line;
  }
}

}  // namespace

Result<std::string> AppendRecordedStart(const std::string& directory, const RecordedStart& start) {
  constexpr int kAttempts = 100;  // others may fill the new file before us
  const std::string line = FormatRecordedStart(start);
  if (line.size() > kMaxRecordedStart) return Error{"it is larger than 1 MiB", ""};
  std::string hash = Sha256Hex(line);  // before others have to wait
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const LockedLogFile file = TRY(LockLogFile(directory, kFile, kPatience));
    if (TRY(AppendTo(file, line))) return hash;
  }
  return Error{"\"" + directory + "/" + kFile + "\" is replaced over and over", ""};
}

Result<std::map<std::string, std::string>> FindRecordedStarts(
    const std::string& directory, const std::map<std::string, std::string>& hash_of_event) {
  std::map<std::string, std::string> found;
  // In this order one that is moved meanwhile is seen in one place at least, or in both.
  for (const char* name : {kFile, kOlder}) {
    const std::string path = directory + "/" + name;
    struct stat info {};
    if (lstat(path.c_str(), &info) != 0 && errno == ENOENT) continue;
    const std::string text = TRY(ReadFileCapped(path, kMaxFile, Trust::kOwner));
    Choose(text, hash_of_event, found);
  }
  return found;
}

}  // namespace runward
