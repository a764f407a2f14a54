#include "tools/config_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/file.h"
#include "base/trusted_path.h"

namespace runward {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 20;

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

std::string BackupOf(const std::string& path) { return path + ".before-runward"; }

std::string ReadBackup(const std::string& path) {
  const auto text = ReadFileCapped(BackupOf(path), kMaxBytes, Trust::kOwnerAndParents);
  return text.ok() ? text.value() : "";
}

Result<ConfigFile> ConfigFile::Open(const std::string& path) {
  ConfigFile file;
  file.path_ = path;
  file.owner_ = geteuid();
  file.group_ = getegid();
  const std::string directory = DirectoryOf(path);
  if (FileMissing(directory)) return file;
  const std::string trusted = TRY(ResolveTrusted(directory));
  file.lock_ = UniqueFd(open(trusted.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.lock_.valid()) return ErrnoError("open \"" + directory + "\"", errno);
  if (flock(file.lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{"another program holds a lock on \"" + directory + "\"", "try again"};
  }
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return file;
    return ErrnoError("stat \"" + path + "\"", errno);
  }
  file.text_ = TRY(ReadFileCapped(path, kMaxBytes, Trust::kOwnerAndParents));
  file.missing_ = false;
  file.mode_ = info.st_mode & 07777;
  file.owner_ = info.st_uid;
  file.group_ = info.st_gid;
  return file;
}

Result<void> ConfigFile::CheckUnchanged() const {
  const Error changed{"\"" + path_ + "\" was changed by another program meanwhile",
                      "nothing was written; try again"};
  if (missing_) {
    if (!FileMissing(path_)) return changed;
    return {};
  }
  if (TRY(ReadFileCapped(path_, kMaxBytes, Trust::kOwnerAndParents)) != text_) return changed;
  return {};
}

Result<void> ConfigFile::WriteBeside(const std::string& path, const std::string& text) const {
  // Renamed only once it is complete: owner, group and mode included.
  const std::string draft = path + ".runward-new";
  const auto fill = [&]() -> Result<void> {
    TRY(WriteFileAtomic(draft, text, 0600, /*sync=*/true));
    if (chown(draft.c_str(), owner_, group_) != 0)
      return ErrnoError("chown \"" + draft + "\"", errno);
    if (chmod(draft.c_str(), mode_) != 0) return ErrnoError("chmod \"" + draft + "\"", errno);
    if (path == path_) TRY(CheckUnchanged());
    if (rename(draft.c_str(), path.c_str()) != 0) {
      return ErrnoError("rename \"" + draft + "\" to \"" + path + "\"", errno);
    }
    return {};
  };
  Result<void> done = fill();
  if (!done.ok()) {
    unlink(draft.c_str());
    return done;
  }
  if (lock_.valid() && fsync(lock_.get()) != 0) return ErrnoError("fsync \"" + path + "\"", errno);
  return {};
}

Result<void> ConfigFile::Write(const std::string& text) const {
  if (!lock_.valid()) TRY(MakeDirectories(DirectoryOf(path_), /*secret=*/false));
  return WriteBeside(path_, text);
}

Result<void> ConfigFile::Remove() const {
  TRY(CheckUnchanged());
  if (unlink(path_.c_str()) != 0) return ErrnoError("unlink \"" + path_ + "\"", errno);
  return {};
}

}  // namespace runward
