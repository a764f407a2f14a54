#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret_reference.h"
#include "vault/entry.h"
#include "vault/locked_bytes.h"
#include "vault/master_key.h"
#include "vault/vault_file.h"

namespace runward {

// A name's version as the index has it.
struct FoundVersion {
  EntryName name;  // as it is stored: "secret/x" also where "secret/data/x" was asked for
  EntryVersion version;
};

// The vault, read. Opening costs a page, whatever the vault holds, and shows the state of that
// moment; open again to see what came after. What is read proves itself; that no older copy of the
// whole file was put in its place needs a witness outside, such as the generation in the event log.
class Vault {
 public:
  // `key` must outlive this; so must the shelf of that key, if nodes are to be kept on one.
  static Result<Vault> Open(const std::string& path, const MasterKey& key,
                            NodeShelf* shelf = nullptr);
  explicit Vault(VaultFile file) : file_(std::move(file)) {}

  // The value, for whom it is meant. An Error that says why not and what to do: no such name or
  // version, removed, destroyed, past its notAfter, changed in the file. `version` 0 is the newest.
  [[nodiscard]] Result<SecretValue> Read(const EntryName& name, uint32_t version, Time now) const;
  // The same without the value, so that it can be logged first.
  [[nodiscard]] Result<FoundVersion> Find(const EntryName& name, uint32_t version, Time now) const;
  [[nodiscard]] Result<SecretValue> ReadFound(const FoundVersion& found) const;
  // Several into one piece of locked memory, which costs a dozen system calls: how large each is,
  // and into the caller's, which has exactly so many bytes.
  [[nodiscard]] static size_t SizeOf(const FoundVersion& found);
  [[nodiscard]] Result<void> ReadFoundInto(const FoundVersion& found,
                                           std::span<uint8_t> into) const;
  // Whatever its state: for people who look after the vault.
  [[nodiscard]] Result<Entry> Look(const EntryName& name) const;

  [[nodiscard]] Result<std::vector<Entry>> List() const;  // sorted by name
  [[nodiscard]] uint64_t generation() const { return file_.superblock().generation; }
  [[nodiscard]] uint64_t size() const { return file_.superblock().entries; }
  [[nodiscard]] const VaultFile& file() const { return file_; }

 private:
  VaultFile file_;
};

// HashiCorp Vault's API puts "data" behind the mount: "secret/data/x" for "secret/x". The path
// without it, or "" when there is none.
std::string WithoutDataPart(const std::string& path);

}  // namespace runward
