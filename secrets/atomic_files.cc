#include "secrets/atomic_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "base/fd.h"

namespace runward {
namespace {

constexpr const char* kData = "..data";
constexpr const char* kNextData = "..data_tmp";

Error Failed(const std::string& name, int error) {
  if (error == ENOSPC) {
    return Error{"the tmpfs of the secrets is full; \"" + name + "\" does not fit",
                 "give the container fewer or smaller secrets"};
  }
  return ErrnoError("write the secret's file \"" + name + "\"", error);
}

Result<void> WriteAll(int fd, const SecretFile& file) {
  std::string_view rest = file.bytes;
  while (!rest.empty()) {
    const ssize_t written = write(fd, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Failed(file.name, written == 0 ? ENOSPC : errno);
    rest.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

// Nobody but its owner ever sees it, and the owner only all of it.
Result<void> WriteOne(int directory, const SecretFile& file) {
  const UniqueFd fd(openat(directory, file.name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0));
  if (!fd.valid()) return Failed(file.name, errno);
  TRY(WriteAll(fd.get(), file));
  if (fchown(fd.get(), file.uid, file.gid) != 0 || fchmod(fd.get(), file.mode) != 0) {
    return Failed(file.name, errno);
  }
  return {};
}

std::vector<std::string> EntriesOf(int directory) {
  std::vector<std::string> names;
  UniqueFd fd(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const CHandle<DIR, closedir> entries(fdopendir(fd.release()));
  while (entries != nullptr) {
    const dirent* entry = readdir(entries.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

void RemoveVersion(int directory, const std::string& name) {
  const UniqueFd version(
      openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!version.valid()) return;
  for (const std::string& file : EntriesOf(version.get())) unlinkat(version.get(), file.c_str(), 0);
  unlinkat(directory, name.c_str(), AT_REMOVEDIR);
}

bool Listed(const std::vector<SecretFile>& files, const std::string& name) {
  return std::ranges::find(files, name, &SecretFile::name) != files.end();
}

// What is not replaced is the same file in the new version.
Result<void> KeepOthers(int directory, int version, const std::vector<SecretFile>& files) {
  const UniqueFd now(openat(directory, kData, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!now.valid()) return {};  // there is none yet
  for (const std::string& name : EntriesOf(now.get())) {
    if (Listed(files, name)) continue;
    if (linkat(now.get(), name.c_str(), version, name.c_str(), 0) != 0) return Failed(name, errno);
  }
  return {};
}

Result<void> WriteVersion(int directory, const std::string& name,
                          const std::vector<SecretFile>& files) {
  constexpr mode_t kVisible = 0755;
  if (mkdirat(directory, name.c_str(), kVisible) != 0) return Failed(name, errno);
  const UniqueFd version(
      openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!version.valid()) return Failed(name, errno);
  (void)fchmod(version.get(), kVisible);  // whatever the umask made of it
  for (const SecretFile& file : files) TRY(WriteOne(version.get(), file));
  return KeepOthers(directory, version.get(), files);
}

// Before the switch, so that nothing can fail after it: a name without its file yet leads nowhere.
Result<void> LinkNames(int directory, const std::vector<SecretFile>& files) {
  for (const SecretFile& file : files) {
    const std::string target = std::string(kData) + "/" + file.name;
    if (symlinkat(target.c_str(), directory, file.name.c_str()) != 0 && errno != EEXIST) {
      return Failed(file.name, errno);
    }
  }
  return {};
}

Result<void> Switch(int directory, const std::string& version) {
  unlinkat(directory, kNextData, 0);
  if (symlinkat(version.c_str(), directory, kNextData) != 0) return Failed(kNextData, errno);
  if (renameat(directory, kNextData, directory, kData) != 0) return Failed(kData, errno);
  return {};
}

std::string VersionName() {
  constexpr int64_t kSecond = 1'000'000'000;
  const int64_t now = Now().ns;
  return ".." + std::to_string(now / kSecond) + "." + std::to_string(now % kSecond);
}

// The versions before.
void RemoveOld(int directory, const std::string& version) {
  for (const std::string& name : EntriesOf(directory)) {
    if (name == kData || name == version || !name.starts_with("..")) continue;
    RemoveVersion(directory, name);
  }
}

bool SameFile(int directory, const SecretFile& file) {
  const std::string path = std::string(kData) + "/" + file.name;
  const UniqueFd fd(openat(directory, path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (!fd.valid() || fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  if (static_cast<size_t>(info.st_size) != file.bytes.size()) return false;
  if (file.bytes.empty()) return true;
  // The tmpfs' own pages: no copy is left behind.
  void* mapped = mmap(nullptr, file.bytes.size(), PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (mapped == MAP_FAILED) return false;
  const bool same = std::memcmp(mapped, file.bytes.data(), file.bytes.size()) == 0;
  munmap(mapped, file.bytes.size());
  return same;
}

}  // namespace

Result<void> ReplaceFiles(int directory, const std::vector<SecretFile>& files) {
  const std::string version = VersionName();
  Result<void> made = WriteVersion(directory, version, files);
  if (made.ok()) made = LinkNames(directory, files);
  if (made.ok()) made = Switch(directory, version);
  if (!made.ok()) {
    RemoveVersion(directory, version);
    return made;
  }
  RemoveOld(directory, version);
  return {};
}

bool SameFiles(int directory, const std::vector<SecretFile>& files) {
  return std::ranges::all_of(files,
                             [&](const SecretFile& file) { return SameFile(directory, file); });
}

}  // namespace runward
