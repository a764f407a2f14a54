#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/vault_holder.h"
#include "base/clock.h"
#include "base/file_stamp.h"
#include "base/paths.h"
#include "oci/agent_client.h"
#include "secrets/place.h"

namespace runward {

// Fills filesystems with what containers' records list, for runward-hook to attach. Ahead, while
// the runtime still makes the container, when the shim says that one is about to start; that is
// handed out once, and only if it is what would be read now: neither the vault nor the record has
// changed, nothing was locked or unlocked, no value has run out.
class SecretSupplier {
 public:
  SecretSupplier(const Paths& paths, VaultHolder& holder) : paths_(paths), holder_(holder) {}

  // For a container without a user namespace of its own.
  void Prepare(const std::string& key);
  // For the one whose first process is `pid`; noted beside its record (secrets/note.h).
  Result<HandedFilesystems> Supply(const std::string& key, pid_t pid);
  // Drops all that was prepared; and what nobody has asked for.
  void Forget() { prepared_.clear(); }
  void ForgetOld();
  [[nodiscard]] bool empty() const { return prepared_.empty(); }

 private:
  struct Prepared {
    IdMaps maps;  // by which its files have their owners
    FileStamp vault;
    FileStamp record;
    Time until;
    Result<HandedFilesystems> filesystems;
  };

  // As files of users whose numbers outside of the container are by `maps`.
  Result<HandedFilesystems> Fill(const std::string& key, const IdMaps& maps, Time& until);
  std::optional<Result<HandedFilesystems>> TakePrepared(const std::string& key, const IdMaps& maps);

  const Paths& paths_;
  VaultHolder& holder_;
  std::map<std::string, Prepared> prepared_;
};

}  // namespace runward
