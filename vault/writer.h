#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "vault/appender.h"
#include "vault/entry.h"
#include "vault/master_key.h"
#include "vault/vault_file.h"

namespace runward {

struct PutOptions {
  std::optional<Time> not_after;
  std::optional<std::map<std::string, std::string>> labels;  // in place of those there are
  std::optional<uint32_t> expected;  // the newest version that there must be; 0: no such name
  size_t keep = 10;                  // versions that are kept, this one included
};

// One writer of a vault, alone until it goes. What it is told counts all at once, with Commit, or
// not at all. Costs what changes; now and then, when more of the file is dead than alive, the whole
// is written anew.
class VaultWriter {
 public:
  // `key` must outlive this. Waits for another writer, half a minute at most.
  static Result<VaultWriter> Open(const std::string& path, const MasterKey& key);

  // The number of the new version. Refuses an empty value and one over kMaxValueBytes.
  Result<uint32_t> Put(const EntryName& name, std::string_view value, const PutOptions& options,
                       Time now);
  // `version` 0 is all of them. Removed versions are not given out and can be restored.
  Result<void> Remove(const EntryName& name, uint32_t version);
  Result<void> Restore(const EntryName& name, uint32_t version);
  // The values' bytes go (the file is written anew without them); of all versions, the name, too.
  // Not from backups, nor from what a disk keeps of blocks that were overwritten.
  Result<void> Destroy(const EntryName& name, uint32_t version);
  // An entry as it is, for a vault that is made of another: `values` in the order of its versions
  // that are not destroyed.
  Result<void> Adopt(Entry entry, const std::vector<std::string_view>& values);

  // What the vault will say of the name; none when there is no such name.
  Result<std::optional<Entry>> Look(const EntryName& name);

  // The new generation, once it is on the disk. Ends this writer, whatever comes of it.
  Result<uint64_t> Commit(Time now);

 private:
  VaultWriter() = default;
  Result<RecordRef> WriteValue(const EntryName& name, const EntryVersion& version,
                               std::string_view value);
  Result<Entry> Existing(const EntryName& name);
  // Applies `to` to the version, or with 0 to all that are in state `from`.
  Result<void> ChangeState(const EntryName& name, uint32_t version, VersionState from,
                           VersionState to);
  void Drop(EntryVersion& version);

  const MasterKey* key_ = nullptr;
  std::unique_ptr<VaultFile> file_;
  std::unique_ptr<Appender> body_;
  std::map<EntryName, std::optional<Entry>> changes_;
  int64_t live_ = 0;
  bool purge_ = false;  // what was destroyed must not stay
};

}  // namespace runward
