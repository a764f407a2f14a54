#include "vault/export.h"

#include <unistd.h>

#include <algorithm>

#include "vault/create.h"
#include "vault/replacement.h"
#include "vault/tree.h"
#include "vault/writer.h"

namespace runward {
namespace {

Result<void> Adopt(const Vault& from, const Entry& entry, VaultWriter& to) {
  std::vector<SecretValue> values;
  std::vector<std::string_view> views;
  for (const EntryVersion& version : entry.versions) {
    if (version.state == VersionState::kDestroyed) continue;
    values.push_back(TRY(from.ReadFound({entry.name, version})));
    views.push_back(values.back().view());
  }
  return to.Adopt(entry, views);
}

Result<void> Fill(const Vault& from, const std::string& path, const MasterKey& key, Time now) {
  VaultWriter writer = TRY(VaultWriter::Open(path, key));
  TRY(EachEntry(from.file(), [&](const Entry& entry) { return Adopt(from, entry, writer); }));
  TRY(writer.Commit(now));
  return {};
}

}  // namespace

Result<void> ExportVault(const Vault& from, const std::string& path,
                         const std::vector<SlotSecret>& slots, Time now) {
  const MasterKey key = TRY(CreateVault(path, slots, now));
  Result<void> filled = Fill(from, path, key, now);
  if (!filled.ok()) unlink(path.c_str());
  return filled;
}

Result<void> BackUpVault(const Vault& from, const std::string& path) {
  constexpr uint64_t kPiece = uint64_t{1} << 20;
  const VaultFile& file = from.file();
  Replacement copy = TRY(Replacement::Begin(path, Replacement::Over::kNothing));
  const uint64_t end = file.superblock().end;
  for (uint64_t at = kBodyAt; at < end; at += kPiece) {
    const std::string piece = TRY(file.ReadRaw(at, std::min(kPiece, end - at)));
    TRY(copy.body().AppendRaw(piece));
  }
  return copy.Finish(file.header(), file.key(), file.superblock());
}

}  // namespace runward
