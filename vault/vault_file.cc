#include "vault/vault_file.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/file.h"
#include "base/lock.h"

namespace runward {
namespace {

// All of `size` bytes, or as many as there are before the file's end.
Result<std::string> ReadAt(int fd, uint64_t offset, size_t size, const std::string& path) {
  std::string bytes(size, '\0');
  size_t at = 0;
  while (at < size) {
    const ssize_t got = pread(fd, bytes.data() + at, size - at, static_cast<off_t>(offset + at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("read \"" + path + "\"", errno);
    if (got == 0) break;
    at += static_cast<size_t>(got);
  }
  bytes.resize(at);
  return bytes;
}

Result<UniqueFd> OpenForReading(const std::string& path) {
  if (FileMissing(path)) {
    return Error{"there is no vault \"" + path + "\"", "make one: runwardctl vault init"};
  }
  return OpenTrusted(path, Trust::kOwner);
}

Result<Superblock> ParseFront(std::string_view front, const MasterKey& key, VaultHeader& header,
                              const std::string& path) {
  header = TRY(VaultHeader::Parse(front, path));
  if (!Prove(front, key)) {
    return Error{"the header of \"" + path + "\" is not what this key's owner wrote",
                 "use the key of this vault; if it is, restore the vault from a backup"};
  }
  return NewestSuperblock(front, key, header);
}

}  // namespace

Result<VaultHeader> ReadHeader(const std::string& path) {
  const UniqueFd fd = TRY(OpenForReading(path));
  return VaultHeader::Parse(TRY(ReadAt(fd.get(), 0, VaultHeader::kBytes, path)), path);
}

Result<VaultFile> VaultFile::Open(const std::string& path, const MasterKey& key) {
  Result<VaultFile> file = From(TRY(OpenForReading(path)), path, key);
  if (file.ok()) return file;
  // A superblock may have been read while it was written: once more, between commits. But a writer
  // may have been stopped, and others wait for the agent, which reads.
  constexpr int kMilliseconds = 100;
  UniqueFd fd = TRY(OpenForReading(path));
  const int locked = fd.get();
  if (!LockWithin(locked, LOCK_SH, kMilliseconds)) return file;
  file = From(std::move(fd), path, key);
  if (file.ok()) flock(locked, LOCK_UN);
  return file;
}

Result<VaultFile> VaultFile::From(UniqueFd fd, const std::string& path, const MasterKey& key) {
  VaultFile file;
  file.fd_ = std::move(fd);
  file.path_ = path;
  file.key_ = &key;
  TRY(file.ReadFront());
  struct stat info {};
  if (fstat(file.fd_.get(), &info) != 0) return ErrnoError("stat \"" + path + "\"", errno);
  if (static_cast<uint64_t>(info.st_size) < file.superblock_.end) {
    return file.Damaged("it is cut short");
  }
  return file;
}

Result<void> VaultFile::ReadFront() {
  const std::string front = TRY(ReadAt(fd_.get(), 0, kBodyAt, path_));
  superblock_ = TRY(ParseFront(front, *key_, header_, path_));
  return {};
}

Error VaultFile::Damaged(const std::string& what) const {
  return {"the vault \"" + path_ + "\" was changed or is damaged: " + what,
          "runwardctl vault verify says where; restore it from a backup"};
}

Result<std::string> VaultFile::ReadRaw(uint64_t offset, size_t size) const {
  if (offset < kBodyAt || offset > superblock_.end || size > superblock_.end - offset) {
    return Damaged("something lies outside of it");
  }
  std::string bytes = TRY(ReadAt(fd_.get(), offset, size, path_));
  if (bytes.size() != size) return Damaged("it is cut short");
  return bytes;
}

Result<std::string> VaultFile::ReadRecord(const RecordRef& ref) const {
  if (ref.size < kRecordOverhead || ref.size > kMaxRecordBytes) {
    return Damaged("a record has no possible size");
  }
  std::string record = TRY(ReadRaw(ref.offset, ref.size));
  if (!Matches(ref, record)) {
    return Damaged("the record at byte " + std::to_string(ref.offset) + " is another one");
  }
  return record;
}

Result<Node> VaultFile::ReadNode(const RecordRef& ref) const {
  if (const auto kept = shelf_ == nullptr ? std::nullopt : shelf_->Find(ref)) {
    return Node::Parse(*kept);
  }
  const Result<std::string> plain = OpenNode(*key_, vault(), TRY(ReadRecord(ref)));
  if (!plain.ok()) {
    return Damaged("the record at byte " + std::to_string(ref.offset) + " does not open");
  }
  if (shelf_ != nullptr) shelf_->Put(ref, plain.value());
  return Node::Parse(plain.value());
}

}  // namespace runward
