#include "agent/vault_holder.h"

#include <cstdlib>

#include "base/file.h"
#include "secrets/values.h"
#include "vault/unlock.h"

namespace runward {

Result<void> VaultHolder::Unlock(const LockedBytes& key, const std::string& by) {
  MasterKey given = TRY(MasterKey::FromBytes(key));
  (void)TRY(Vault::Open(paths_.vault, given));
  TRY(given.KeepFromChildren());
  nodes_.Forget();
  key_ = std::move(given);
  by_ = by;
  locked_by_person_ = false;
  return {};
}

void VaultHolder::Lock() {
  key_.reset();
  nodes_.Forget();
  by_.clear();
  locked_by_person_ = true;
}

bool VaultHolder::unlocked() { return key_ || UnlockByItself().ok(); }

Result<void> VaultHolder::UnlockByItself() {
  if (locked_by_person_) return LockedVault(paths_, "somebody locked it");
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  std::string why = "no passphrase was given to runward-agent, and there is no key file \"" +
                    paths_.vault_key + "\"";
  if (credentials != nullptr) {
    Result<MasterKey> opened = UnlockWithCredential(paths_.vault, credentials);
    by_ = "credential";
    if (opened.ok()) {
      key_ = std::move(opened).value();
    } else {
      why = opened.error().message;
    }
  }
  if (!key_ && !FileMissing(paths_.vault_key)) {
    key_ = TRY(UnlockWithKeyFile(paths_.vault, paths_.vault_key));
    by_ = "key file";
  }
  if (!key_) {
    by_.clear();
    return LockedVault(paths_, why);
  }
  Result<void> kept = key_->KeepFromChildren();
  if (!kept.ok()) key_.reset();
  return kept;
}

Result<SecretValues> VaultHolder::Read(const Record& record, const std::vector<SecretRule>& rules) {
  if (!key_) TRY(UnlockByItself());
  const Vault vault = TRY(Vault::Open(paths_.vault, *key_, &nodes_));
  return ReadSecrets(vault, paths_, record, rules);
}

}  // namespace runward
