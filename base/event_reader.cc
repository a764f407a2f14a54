#include "base/event_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/event_files.h"

namespace runward {
namespace {

constexpr size_t kBufferBytes = size_t{256} << 10;

// Opens one file; its fd is not valid when there is none.
Result<LogFile> OpenFile(int directory, const std::string& name, int64_t last_seq) {
  LogFile file;
  file.name = name;
  file.last_seq = last_seq;
  file.fd = UniqueFd(
      openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.fd.valid() && errno == ENOENT) return file;
  if (!file.fd.valid()) return ErrnoError("open the log's \"" + name + "\"", errno);
  struct stat info {};
  if (fstat(file.fd.get(), &info) != 0) return ErrnoError("stat \"" + name + "\"", errno);
  if (!S_ISREG(info.st_mode)) {
    return Error{"refusing the log's \"" + name + "\": it is not a regular file", ""};
  }
  file.size = info.st_size;
  return file;
}

Result<std::vector<LogFile>> OpenAll(int directory, const std::vector<RotatedFile>& rotated) {
  std::vector<LogFile> files;
  for (const RotatedFile& old : rotated) {
    LogFile file = TRY(OpenFile(directory, old.name, old.last_seq));
    if (file.fd.valid()) files.push_back(std::move(file));
  }
  LogFile current = TRY(OpenFile(directory, kEventFile, 0));
  if (current.fd.valid()) files.push_back(std::move(current));
  return files;
}

bool SameNames(const std::vector<RotatedFile>& a, const std::vector<RotatedFile>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(),
      [](const RotatedFile& x, const RotatedFile& y) { return x.last_seq == y.last_seq; });
}

}  // namespace

Result<std::vector<LogFile>> OpenLog(const std::string& directory) {
  constexpr int kAttempts = 100;
  const UniqueFd fd(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() && errno == ENOENT) return std::vector<LogFile>();
  if (!fd.valid()) return ErrnoError("open \"" + directory + "\"", errno);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto before = TRY(ListRotated(fd.get()));
    auto files = TRY(OpenAll(fd.get(), before));
    // The same names before and after: nothing was rotated while we opened.
    if (SameNames(before, TRY(ListRotated(fd.get())))) return files;
  }
  return Error{"read \"" + directory + "\": it is rotated over and over", "try again"};
}

bool LogLines::Fill() {
  const off_t limit = limit_ < 0 ? file_.size : limit_;
  const auto wanted =
      static_cast<size_t>(std::min<off_t>(limit - read_, static_cast<off_t>(kBufferBytes)));
  buffer_.resize(wanted);
  at_ = 0;
  ssize_t got = 0;
  do {
    got = wanted == 0 ? 0 : pread(file_.fd.get(), buffer_.data(), wanted, read_);
  } while (got < 0 && errno == EINTR);
  if (got < 0) status_ = ErrnoError("read the log's \"" + file_.name + "\"", errno);
  buffer_.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  read_ += static_cast<off_t>(buffer_.size());
  return !buffer_.empty();
}

bool LogLines::Next(LogLine& line) {
  line_.clear();
  int64_t size = 0;
  while (at_ < buffer_.size() || Fill()) {
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    const size_t newline = rest.find('\n');
    const std::string_view part = rest.substr(0, newline);
    size += static_cast<int64_t>(part.size());
    const bool whole = line_.empty() && newline != std::string_view::npos;
    if (!whole) line_ += part.substr(0, kMaxEventBytes - std::min(kMaxEventBytes, line_.size()));
    at_ += part.size();
    if (newline == std::string_view::npos) continue;
    ++at_;
    line_start_ += size + 1;
    line = {whole ? part.substr(0, kMaxEventBytes) : std::string_view(line_), size, true,
            ++number_};
    return true;
  }
  if (size == 0 || !status_.ok()) return false;
  line_start_ += size;
  line = {line_, size, false, ++number_};
  return true;
}

void LogLines::Extend(off_t size) {
  limit_ = size;
  read_ = line_start_;
  buffer_.clear();
  at_ = 0;
}

}  // namespace runward
