#include "vault/verify.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "vault/appender.h"
#include "vault/commit.h"
#include "vault/tree.h"
#include "vault/vault.h"

namespace runward {
namespace {

Result<Mac> DigestOf(const VaultFile& file, uint64_t begin, uint64_t end) {
  constexpr uint64_t kPiece = uint64_t{1} << 20;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, sizeof(Mac));
  for (uint64_t at = begin; at < end; at += kPiece) {
    const std::string bytes = TRY(file.ReadRaw(at, std::min(kPiece, end - at)));
    crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
  Mac digest{};
  crypto_generichash_final(&state, digest.data(), digest.size());
  return digest;
}

Result<Commit> ReadCommit(const VaultFile& file, const RecordRef& ref) {
  const std::string record = TRY(file.ReadRecord(ref));
  const Result<std::string> plain = OpenCommit(file.key(), file.vault(), record);
  if (!plain.ok()) return file.Damaged("the commit at byte " + std::to_string(ref.offset));
  return Commit::Parse(plain.value());
}

// From the newest commit back to the file's first: they join without a gap.
Result<void> VerifyCommits(const VaultFile& file) {
  const Superblock& newest = file.superblock();
  RecordRef ref = newest.commit;
  uint64_t end = newest.end;
  uint64_t generation = newest.generation + 1;
  while (true) {
    const Commit commit = TRY(ReadCommit(file, ref));
    const bool joins = ref.offset + ref.size == end && commit.begin <= ref.offset &&
                       commit.generation < generation && commit.begin >= kBodyAt;
    if (!joins) return file.Damaged("the commit at byte " + std::to_string(ref.offset));
    const bool same = TRY(DigestOf(file, commit.begin, ref.offset)) == commit.digest;
    if (!same) {
      return file.Damaged("bytes " + std::to_string(commit.begin) + " to " +
                          std::to_string(ref.offset));
    }
    end = commit.begin;
    generation = commit.generation;
    ref = commit.previous;
    if (!ref) break;
  }
  if (end != kBodyAt) return file.Damaged("its first commit is missing");
  return {};
}

// All values go through one piece of locked memory: each costs a dozen system calls.
Result<void> VerifyValues(const Vault& vault, VaultReport& report) {
  LockedBytes room = TRY(LockedBytes::Make(size_t{64} << 10));
  return EachEntry(vault.file(), [&](const Entry& entry) -> Result<void> {
    ++report.entries;
    for (const EntryVersion& version : entry.versions) {
      if (!version.value) continue;
      const FoundVersion found{entry.name, version};
      const size_t size = Vault::SizeOf(found);
      if (size > room.size()) room = TRY(LockedBytes::Make(kMaxRecordBytes));
      TRY(vault.ReadFoundInto(found, {room.data(), std::min(size, room.size())}));
      ++report.values;
    }
    return {};
  });
}

}  // namespace

Result<VaultReport> VerifyVault(const std::string& path, const MasterKey& key) {
  return VerifyVault(TRY(Vault::Open(path, key)));
}

Result<VaultReport> VerifyVault(const Vault& vault) {
  const std::string& path = vault.file().path();
  const Superblock& superblock = vault.file().superblock();
  VaultReport report{.generation = superblock.generation, .bytes = superblock.end};
  TRY(VerifyCommits(vault.file()));
  TRY(VerifyValues(vault, report));
  if (report.entries != superblock.entries) return vault.file().Damaged("entries are missing");
  struct stat info {};
  if (fstat(vault.file().fd(), &info) != 0) return ErrnoError("stat \"" + path + "\"", errno);
  report.behind = static_cast<uint64_t>(info.st_size) - superblock.end;
  report.dead = superblock.end - kBodyAt - superblock.live;
  return report;
}

}  // namespace runward
