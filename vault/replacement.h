#pragma once

#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "vault/appender.h"
#include "vault/header.h"
#include "vault/superblock.h"

namespace runward {

// A whole vault written anew beside the old one, which it replaces by rename: for a first one, a
// compaction, a changed slot. Until then readers see the old file and afterwards, if they have it
// open, still do. What is not finished is removed.
class Replacement {
 public:
  enum class Over { kNothing, kTheOld };  // whether there must be none, or one, to replace

  // PATH.new, mode 0600. With kTheOld the caller holds the old one's lock, so that nobody else uses
  // that name; without one to lock the name has our number.
  static Result<Replacement> Begin(const std::string& path, Over over);
  Replacement(Replacement&& other) noexcept = default;
  ~Replacement();

  [[nodiscard]] Appender& body() { return *body_; }
  // Writes the commit record, header and superblocks, and puts the file in its place.
  // `superblock` has generation, time, root, entries and live; the rest is filled in here.
  Result<void> Finish(VaultHeader header, const MasterKey& key, Superblock superblock);

 private:
  Replacement() = default;
  Over over_ = Over::kNothing;
  std::string path_;
  std::string temporary_;  // "" once it is in place
  UniqueFd fd_;
  std::unique_ptr<Appender> body_;
};

// Ends what `body` appended by a commit record and flushes it; fills in `superblock`'s commit and
// end.
Result<void> EndCommit(Appender& body, const MasterKey& key, const VaultId& vault,
                       const RecordRef& previous, Superblock& superblock);

}  // namespace runward
