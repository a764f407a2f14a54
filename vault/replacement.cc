#include "vault/replacement.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "vault/commit.h"

namespace runward {
namespace {

Result<void> SyncDirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const UniqueFd fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || fsync(fd.get()) != 0) return ErrnoError("fsync \"" + directory + "\"", errno);
  return {};
}

}  // namespace

Result<Replacement> Replacement::Begin(const std::string& path, Over over) {
  Replacement made;
  made.over_ = over;
  made.path_ = path;
  const std::string temporary =
      path + ".new" + (over == Over::kNothing ? "." + std::to_string(getpid()) : "");
  unlink(temporary.c_str());  // a writer that died may have left one
  made.fd_ =
      UniqueFd(open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!made.fd_.valid()) return ErrnoError("create \"" + temporary + "\"", errno);
  made.temporary_ = temporary;
  made.body_ = std::make_unique<Appender>(made.fd_.get(), kBodyAt, temporary);
  return made;
}

Replacement::~Replacement() {
  if (fd_.valid() && !temporary_.empty()) unlink(temporary_.c_str());
}

Result<void> EndCommit(Appender& body, const MasterKey& key, const VaultId& vault,
                       const RecordRef& previous, Superblock& superblock) {
  const Commit commit{.generation = superblock.generation,
                      .time = superblock.time,
                      .begin = body.begin(),
                      .previous = previous,
                      .root = superblock.root,
                      .digest = body.Digest()};
  superblock.commit = TRY(body.Append(SealCommit(key, vault, commit.Format())));
  superblock.end = body.offset();
  return body.Flush();
}

Result<void> Replacement::Finish(VaultHeader header, const MasterKey& key, Superblock superblock) {
  TRY(EndCommit(*body_, key, header.vault, {}, superblock));
  std::string front = header.Format(key);
  superblock.header = header.mac;
  Superblock other{.end = kBodyAt, .header = header.mac};
  const bool odd = superblock.generation % 2 == 1;
  front += (odd ? other : superblock).Format(key, header.vault);
  front += (odd ? superblock : other).Format(key, header.vault);
  TRY(WriteAt(fd_.get(), 0, front, temporary_));
  if (fsync(fd_.get()) != 0) return ErrnoError("fsync \"" + temporary_ + "\"", errno);
  const unsigned flags = over_ == Over::kNothing ? RENAME_NOREPLACE : 0;
  if (renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), flags) != 0) {
    if (errno == EEXIST) {
      return Error{"create \"" + path_ + "\": it exists, and a vault is never overwritten",
                   "name another with --vault FILE, or move it away"};
    }
    return ErrnoError("rename to \"" + path_ + "\"", errno);
  }
  temporary_.clear();
  return SyncDirectoryOf(path_);
}

}  // namespace runward
