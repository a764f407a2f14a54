#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "oci/record.h"
#include "policy/secret_rule.h"
#include "secrets/values.h"
#include "vault/node_shelf.h"
#include "vault/vault.h"

namespace runward {

// The vault's key, and what of its index was read with it, in locked memory, from one unlock to the
// next lock. It is not handed on, nor have the processes it that the agent makes: an agent that
// takes another's place, or a worker that takes a dead one's, is locked again unless a key file or
// a credential of the service manager ($CREDENTIALS_DIRECTORY) opens the vault by itself.
class VaultHolder {
 public:
  explicit VaultHolder(const Paths& paths) : paths_(paths) {}

  // Fails for a key that does not open the vault; the one before stays then. `by` is for people.
  Result<void> Unlock(const LockedBytes& key, const std::string& by);
  // Forgets the key. Nothing but Unlock opens the vault again.
  void Lock();
  // Whether it is open, or could be opened by itself now; and with what.
  [[nodiscard]] bool unlocked();
  [[nodiscard]] const std::string& by() const { return by_; }

  // secrets/values.h, with the vault as it is now.
  Result<SecretValues> Read(const Record& record, const std::vector<SecretRule>& rules);

 private:
  Result<void> UnlockByItself();

  // Of the index, for names that starts ask for again and again: of 10,000 names ten are some fifty
  // nodes of 500 bytes.
  static constexpr size_t kKeptNodes = size_t{128} << 10;

  const Paths& paths_;
  std::optional<MasterKey> key_;
  NodeShelf nodes_{kKeptNodes};  // of that key
  std::string by_;
  bool locked_by_person_ = false;
};

}  // namespace runward
