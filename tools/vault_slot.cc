#include <charconv>

#include "base/event_text.h"
#include "tools/made_key_file.h"
#include "tools/vault.h"
#include "vault/key_file.h"
#include "vault/slots.h"
#include "vault/unlock.h"
#include "vault/vault_file.h"

namespace runward {
namespace {

Result<SlotSecret> Wanted(const Options& options) {
  const std::string label = options.Last("--label", "");
  const std::string credential = options.Last("--credential", "");
  std::optional<SlotSecret> secret =
      TRY(NewSlotSecret(options, {"--new-passphrase", "--new-key-file"}));
  if (!secret && !credential.empty()) {
    // The file is what systemd-creds is to encrypt, under the name that is the slot's label.
    secret = TRY(NewSlotSecret(options, {"", "--credential"}));
    secret->kind = SlotKind::kCredential;
  }
  if (!secret) {
    return Error{"what shall unlock it?",
                 "--new-passphrase, --new-key-file FILE or --credential FILE"};
  }
  secret->label = label.empty() && secret->kind == SlotKind::kCredential
                      ? std::string(kDefaultCredential)
                      : label;
  return *std::move(secret);
}

std::string Describe(const KeySlot& slot) {
  std::string text(SlotKindName(slot.kind));
  if (slot.kind == SlotKind::kPassphrase) {
    text += " (Argon2id, " + std::to_string(slot.memory >> 20) + " MiB, " +
            std::to_string(slot.operations) + " passes)";
  }
  return slot.label.empty() ? text : text + "  " + Printable(slot.label);
}

}  // namespace

int VaultSlotList(const CommandLine& line) {
  const Result<Options> options = ParseVaultOptions(line, {}, {});
  if (!options.ok()) return PrintUsage("vault slot list", options.error());
  const Result<VaultHeader> header = ReadHeader(VaultPath(line, options.value()));
  if (!header.ok()) return PrintError(header.error());
  for (size_t i = 0; i < header.value().slots.size(); ++i) {
    const KeySlot& slot = header.value().slots[i];
    if (slot.kind != SlotKind::kEmpty) Print(std::to_string(i) + "  " + Describe(slot) + "\n");
  }
  return Finish(kExitDone);
}

int VaultSlotAdd(const CommandLine& line) {
  int code = 0;
  const auto call = BeginVault(line, "vault slot add",
                               {{"--new-key-file", true},
                                {"--new-passphrase", false},
                                {"--credential", true},
                                {"--label", true}},
                               {}, code);
  if (!call) return code;
  MadeKeyFile made(call->options.Last("--new-key-file", call->options.Last("--credential", "")));
  const Result<SlotSecret> secret = Wanted(call->options);
  if (!secret.ok()) return PrintError(secret.error());
  const Result<size_t> slot = AddSlot(call->path, call->key, secret.value(), Now());
  if (!slot.ok()) return PrintError(slot.error());
  made.Keep();
  Print("slot " + std::to_string(slot.value()) + "  " +
        std::string(SlotKindName(secret.value().kind)) + "\n");
  if (secret.value().kind == SlotKind::kCredential) {
    const std::string name = secret.value().label;
    Print("Next: systemd-creds encrypt --name=" + name + " " +
          call->options.Last("--credential", "") + " /etc/credstore.encrypted/" + name +
          ", LoadCredentialEncrypted=" + name + " in the unit, and remove the file\n");
  }
  const Result<Vault> vault = Vault::Open(call->path, call->key);
  return Finish(LogWritten(line, "key slot " + std::to_string(slot.value()) + " was added",
                           vault.ok() ? vault.value().generation() : 0));
}

int VaultSlotRemove(const CommandLine& line) {
  int code = 0;
  const auto call = BeginVault(line, "vault slot remove", {}, {1, 1}, code);
  if (!call) return code;
  const std::string& word = call->options.words().front();
  size_t slot = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), slot);
  if (error != std::errc{} || end != word.data() + word.size()) {
    return PrintUsage("vault slot remove", {"it takes a slot's number", "vault slot list"});
  }
  const Result<void> removed = RemoveSlot(call->path, call->key, slot, Now());
  if (!removed.ok()) return PrintError(removed.error());
  Print("slot " + word +
        " was removed. Older copies of the vault still open by it: for a new key, "
        "runwardctl vault export --out NEW --new-key-file FILE\n");
  const Result<Vault> vault = Vault::Open(call->path, call->key);
  return Finish(LogWritten(line, "key slot " + word + " was removed",
                           vault.ok() ? vault.value().generation() : 0));
}

}  // namespace runward
