#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>

#include "base/rootless.h"

namespace runward {
namespace {

std::string Quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

Error TooLarge(std::string_view name, size_t max_bytes) {
  return {"refusing " + Quoted(name) + ": it is larger than the " + std::to_string(max_bytes) +
              " bytes allowed",
          ""};
}

bool OwnerTrusted(const struct stat& info) {
  return OwnedByRoot(info.st_uid) || info.st_uid == geteuid();
}

// Writable by somebody whom the owner check does not cover. The group's bits count for group root,
// too: where a file has an access control list, they are its mask (acl(5)).
bool OthersMayWrite(const struct stat& info) { return (info.st_mode & (S_IWGRP | S_IWOTH)) != 0; }

Result<void> CheckTrust(const struct stat& info, const std::string& path) {
  if (!OwnerTrusted(info)) {
    return Error{"refusing " + Quoted(path) + ": it belongs to user " +
                     std::to_string(info.st_uid) + ", not to root",
                 "chown root:root " + path};
  }
  if (OthersMayWrite(info)) {
    return Error{"refusing " + Quoted(path) + ": users other than root may write it",
                 "chmod go-w " + path};
  }
  return {};
}

Result<void> CheckParents(int fd, const std::string& path) {
  // The name under which the kernel has the file open: symlinks are behind us.
  std::array<char, PATH_MAX> resolved{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = readlink(link.c_str(), resolved.data(), resolved.size() - 1);
  if (length <= 0) return ErrnoError("readlink " + Quoted(link), errno);
  std::string parent(resolved.data(), static_cast<size_t>(length));
  if (parent.front() != '/') return Error{"refusing " + Quoted(path) + ": it has no path", ""};
  while (parent.size() > 1) {
    const size_t slash = parent.rfind('/');
    parent.resize(slash == 0 ? 1 : slash);
    struct stat info {};
    if (lstat(parent.c_str(), &info) != 0) return ErrnoError("stat " + Quoted(parent), errno);
    // In a sticky directory (/tmp) only its owner can move or remove what is root's.
    if ((info.st_mode & S_ISVTX) != 0) info.st_mode &= ~static_cast<mode_t>(S_IWGRP | S_IWOTH);
    TRY(CheckTrust(info, parent));
  }
  return {};
}

Result<void> WriteAll(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoError("write " + Quoted(path), errno);
    content.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> FillTemporary(const std::string& temporary, const std::string& path,
                           std::string_view content, mode_t mode, bool sync) {
  unlink(temporary.c_str());  // a dead process with our number may have left one
  const UniqueFd fd(
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return ErrnoError("create " + Quoted(temporary), errno);
  TRY(WriteAll(fd.get(), content, path));
  if (fchmod(fd.get(), mode) != 0) return ErrnoError("chmod " + Quoted(temporary), errno);
  if (sync && fsync(fd.get()) != 0) return ErrnoError("fsync " + Quoted(path), errno);
  return {};
}

Result<void> SyncDirectory(const std::string& directory) {
  const UniqueFd fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || fsync(fd.get()) != 0) return ErrnoError("fsync " + Quoted(directory), errno);
  return {};
}

}  // namespace

Result<std::string> ReadFdCapped(int fd, size_t max_bytes, std::string_view name) {
  std::string content;
  struct stat info {};
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    content.reserve(std::min(static_cast<size_t>(info.st_size), max_bytes) + 1);
  }
  std::array<char, 16384> buffer;  // not cleared: that would cost more than most files
  while (true) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("read " + Quoted(name), errno);
    if (got == 0) return content;
    if (content.size() + static_cast<size_t>(got) > max_bytes) return TooLarge(name, max_bytes);
    content.append(buffer.data(), static_cast<size_t>(got));
  }
}

Result<UniqueFd> OpenTrusted(const std::string& path, Trust trust) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd.valid() && errno == ELOOP) {
    return Error{"refusing " + Quoted(path) + ": it is a symbolic link, not a regular file", ""};
  }
  if (!fd.valid()) return ErrnoError("open " + Quoted(path), errno);
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return ErrnoError("stat " + Quoted(path), errno);
  if (!S_ISREG(info.st_mode)) {
    return Error{"refusing " + Quoted(path) + ": it is not a regular file", ""};
  }
  if (trust != Trust::kAnyone) TRY(CheckTrust(info, path));
  if (trust == Trust::kOwnerAndParents) TRY(CheckParents(fd.get(), path));
  return fd;
}

Result<std::string> ReadFileCapped(const std::string& path, size_t max_bytes, Trust trust) {
  const UniqueFd fd = TRY(OpenTrusted(path, trust));
  return ReadFdCapped(fd.get(), max_bytes, path);
}

Result<MappedFile> MapFileCapped(const std::string& path, size_t max_bytes, Trust trust) {
  const UniqueFd fd = TRY(OpenTrusted(path, trust));
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return ErrnoError("stat " + Quoted(path), errno);
  const auto size = static_cast<size_t>(info.st_size);
  if (size > max_bytes) return TooLarge(path, max_bytes);
  if (size == 0) return MappedFile{};
  // Populated: a fault for each page costs more than the pages.
  void* bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd.get(), 0);
  if (bytes == MAP_FAILED) return ErrnoError("map " + Quoted(path), errno);
  std::shared_ptr<const void> owner(
      bytes, [size](const void* mapped) { munmap(const_cast<void*>(mapped), size); });
  return MappedFile{std::move(owner), {static_cast<const char*>(bytes), size}};
}

bool FileMissing(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

Result<void> WriteFileAtomic(const std::string& path, std::string_view content, mode_t mode,
                             bool sync) {
  static std::atomic<unsigned> counter{0};
  const std::string temporary =
      path + ".tmp." + std::to_string(getpid()) + "." + std::to_string(counter++);
  Result<void> done = FillTemporary(temporary, path, content, mode, sync);
  if (done.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    done = ErrnoError("rename to " + Quoted(path), errno);
  }
  if (!done.ok()) {
    unlink(temporary.c_str());
    return done;
  }
  return sync ? SyncDirectory(DirectoryOf(path)) : Result<void>{};
}

Result<void> MakeDirectories(const std::string& path, bool secret) {
  for (size_t slash = path.find('/', 1); true; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    const bool last = slash == std::string::npos;
    if (mkdir(part.c_str(), last && secret ? 0700 : 0755) != 0 && errno != EEXIST) {
      return ErrnoError("mkdir " + Quoted(part), errno);
    }
    if (last) return {};
  }
}

}  // namespace runward
