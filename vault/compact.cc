#include "vault/compact.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/fd.h"
#include "vault/replacement.h"
#include "vault/tree.h"
#include "vault/tree_update.h"
#include "vault/vault_file.h"

namespace runward {
namespace {

constexpr uint64_t kWorthwhile = uint64_t{1} << 20;

// As it is now: the caller's view of it may be from before a commit.
Result<VaultFile> Reopen(int fd, const std::string& path, const MasterKey& key) {
  UniqueFd own(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!own.valid()) return ErrnoError("duplicate the descriptor of \"" + path + "\"", errno);
  return VaultFile::From(std::move(own), path, key);
}

Superblock Next(const Superblock& before, Time now) {
  Superblock next = before;
  ++next.generation;
  next.time = static_cast<uint64_t>(now.ns);
  return next;
}

Result<void> CopyValues(const VaultFile& from, Entry& entry, Appender& to, uint64_t& live) {
  for (EntryVersion& version : entry.versions) {
    if (!version.value) continue;
    const std::string record = TRY(from.ReadRecord(version.value));
    version.value = TRY(to.Append(record));
    live += version.value.size;
  }
  return {};
}

}  // namespace

bool CompactionDue(const Superblock& superblock) {
  const uint64_t body = superblock.end - kBodyAt;
  if (superblock.purge) return true;
  return body > superblock.live && body - superblock.live > superblock.live + kWorthwhile;
}

Result<uint64_t> Compact(int fd, const std::string& path, const MasterKey& key, Time now) {
  const VaultFile from = TRY(Reopen(fd, path, key));
  Replacement file = TRY(Replacement::Begin(path, Replacement::Over::kTheOld));
  Superblock next = Next(from.superblock(), now);
  next.live = 0;
  next.purge = false;
  std::vector<EntryChange> entries;
  const auto copy = [&](const Entry& found) -> Result<void> {
    Entry entry = found;
    TRY(CopyValues(from, entry, file.body(), next.live));
    const EntryName name = entry.name;
    entries.push_back({HashName(key, name), name, std::move(entry)});
    return {};
  };
  TRY(EachEntry(from, copy));
  TreeUpdate update(nullptr, key, from.vault(), file.body());
  next.root = TRY(update.Apply({}, std::move(entries)));
  next.live += static_cast<uint64_t>(update.live_bytes());
  TRY(file.Finish(from.header(), key, next));
  return next.generation;
}

Result<uint64_t> ReplaceHeader(int fd, const std::string& path, const MasterKey& key,
                               const VaultHeader& header, Time now) {
  constexpr size_t kPiece = size_t{1} << 20;
  const VaultFile from = TRY(Reopen(fd, path, key));
  Replacement file = TRY(Replacement::Begin(path, Replacement::Over::kTheOld));
  const uint64_t end = from.superblock().end;
  for (uint64_t at = kBodyAt; at < end; at += kPiece) {
    const size_t size = static_cast<size_t>(std::min<uint64_t>(kPiece, end - at));
    const std::string piece = TRY(from.ReadRaw(at, size));
    TRY(file.body().AppendRaw(piece));
  }
  const Superblock next = Next(from.superblock(), now);
  TRY(file.Finish(header, key, next));
  return next.generation;
}

}  // namespace runward
