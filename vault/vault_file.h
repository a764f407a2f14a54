#pragma once

#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "vault/header.h"
#include "vault/master_key.h"
#include "vault/node.h"
#include "vault/node_shelf.h"
#include "vault/record.h"
#include "vault/superblock.h"

namespace runward {

// An open vault in one of its states: what a superblock named when it was opened. Commits after
// that do not change what is read here, nor does a compaction, which makes another file.
class VaultFile {
 public:
  // Fails for what is no vault, was changed, or belongs to another key. `key` must outlive this.
  static Result<VaultFile> Open(const std::string& path, const MasterKey& key);
  // The same on a descriptor that is open already and, where it is locked, cannot be written by
  // others meanwhile.
  static Result<VaultFile> From(UniqueFd fd, const std::string& path, const MasterKey& key);

  // A record's bytes, when they are those that the reference names.
  [[nodiscard]] Result<std::string> ReadRecord(const RecordRef& ref) const;
  [[nodiscard]] Result<Node> ReadNode(const RecordRef& ref) const;
  // Nodes that were read are kept there, and found there first.
  void KeepNodesOn(NodeShelf* shelf) { shelf_ = shelf; }
  // `size` bytes at `offset`, all below the end that counts.
  [[nodiscard]] Result<std::string> ReadRaw(uint64_t offset, size_t size) const;

  [[nodiscard]] const MasterKey& key() const { return *key_; }
  [[nodiscard]] const VaultHeader& header() const { return header_; }
  [[nodiscard]] const VaultId& vault() const { return header_.vault; }
  [[nodiscard]] const Superblock& superblock() const { return superblock_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

  // What is said of damage: `what`, the vault's name, and what to do.
  [[nodiscard]] Error Damaged(const std::string& what) const;

 private:
  VaultFile() = default;
  // Reads header and superblocks into `front`; an Error when they do not prove themselves.
  Result<void> ReadFront();

  UniqueFd fd_;
  std::string path_;
  const MasterKey* key_ = nullptr;
  NodeShelf* shelf_ = nullptr;
  VaultHeader header_;
  Superblock superblock_;
};

// The header alone, which needs no key and proves nothing.
Result<VaultHeader> ReadHeader(const std::string& path);

}  // namespace runward
