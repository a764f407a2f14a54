#include "tools/log_check.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/event_reader.h"

namespace runward {

Result<ChainVerifier> CheckLog(const std::string& directory, std::vector<ExpectedHead> heads,
                               int64_t from_seq) {
  ChainVerifier verifier(std::move(heads));
  bool whole = true;
  for (const LogFile& file : TRY(OpenLog(directory))) {
    if (file.last_seq > 0 && file.last_seq < from_seq) {
      whole = false;
      continue;
    }
    LogLines lines(file);
    LogLine line;
    while (lines.Next(line)) verifier.Add(file.name, line);
    TRY(lines.status());
  }
  verifier.Finish(whole);
  return verifier;
}

Result<void> SyncLog(const std::string& directory) {
  const std::vector<LogFile> files = TRY(OpenLog(directory));
  // Older files were rotated at least one checkpoint ago, or are among the last two.
  for (size_t i = files.size() > 2 ? files.size() - 2 : 0; i < files.size(); ++i) {
    if (fsync(files[i].fd.get()) != 0) return ErrnoError("fsync \"" + files[i].name + "\"", errno);
  }
  const UniqueFd fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() && errno == ENOENT) return {};
  if (!fd.valid() || fsync(fd.get()) != 0) return ErrnoError("fsync \"" + directory + "\"", errno);
  return {};
}

}  // namespace runward
