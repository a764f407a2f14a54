#pragma once

#include <string>

#include "agent/vault_holder.h"
#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

// Replaces secrets in running containers when the vault's file changes: those that their profile
// says "refresh" of. What cannot be replaced stays as it is, and is logged.
class SecretRefresher {
 public:
  SecretRefresher(const Paths& paths, VaultHolder& holder);

  // inotify(7): readable when the vault may have changed; -1 where that cannot be watched.
  [[nodiscard]] int fd() const { return fd_.get(); }
  // Watches the vault's directory, which may have come since.
  void Watch();
  // Whether fd() is readable.
  [[nodiscard]] bool Told() const;
  // After fd() was readable.
  void Refresh();

 private:
  [[nodiscard]] bool VaultChanged() const;
  void RefreshContainer(const std::string& key);

  const Paths& paths_;
  VaultHolder& holder_;
  UniqueFd fd_;
};

}  // namespace runward
