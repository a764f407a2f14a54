#include <array>

#include "tools/vault.h"

namespace runward {
namespace {

constexpr std::array<Command, 19> kCommands = {{
    {"vault deliver", "vault deliver [CONTAINER]...",
     "put the present secrets into running containers", VaultDeliver},
    {"vault edit", "vault edit NAME [--vault FILE] [--key-file FILE] [--passphrase]",
     "change a secret in $EDITOR, on a memory file system that only the editor sees", VaultEdit},
    {"vault export",
     "vault export --out FILE (--same-key | --new-key-file FILE | --new-passphrase) "
     "[--vault FILE] [--key-file FILE] [--passphrase]",
     "write a backup, or a vault with the same content under another key", VaultExport},
    {"vault get", "vault get NAME [--out FILE|-] [--vault FILE] [--key-file FILE] [--passphrase]",
     "write a secret to a pipe or a file", VaultGet},
    {"vault import",
     "vault import env|kubernetes|docker|kv FILE|DIR|- [--into PATH] [--dry-run] [--vault FILE] "
     "[--key-file FILE] [--passphrase]",
     "take over secrets from .env files, manifests, Docker or HashiCorp Vault", VaultImport},
    {"vault init", "vault init [--key-file FILE] [--passphrase] [--vault FILE]",
     "make an empty vault", VaultInit},
    {"vault list",
     "vault list [PREFIX] [--json] [--names] [--vault FILE] [--key-file FILE] [--passphrase]",
     "list the secrets' names", VaultList},
    {"vault lock", "vault lock", "make runward-agent forget the vault's key", VaultLock},
    {"vault put",
     "vault put NAME [--from FILE] [--chomp] [--label KEY=TEXT]... [--not-after TIME|30d] "
     "[--expect VERSION] [--keep N] [--vault FILE] [--key-file FILE] [--passphrase]",
     "store a secret, from the standard input unless --from says otherwise", VaultPut},
    {"vault remove",
     "vault remove NAME[@VERSION] [--destroy] [--vault FILE] [--key-file FILE] [--passphrase]",
     "no longer give a secret out, or with --destroy make it unreadable", VaultRemove},
    {"vault restore",
     "vault restore NAME[@VERSION] [--vault FILE] [--key-file FILE] [--passphrase]",
     "give a removed secret out again", VaultRestore},
    {"vault rotate",
     "vault rotate NAME [--length N] [--alphabet alphanumeric|hex|printable] [--from FILE] "
     "[--chomp] [--not-after TIME|30d] [--expect VERSION] [--keep N] [--label KEY=TEXT]... "
     "[--vault FILE] [--key-file FILE] [--passphrase]",
     "replace a secret by a random one, or by a file's content", VaultRotate},
    {"vault show", "vault show NAME [--json] [--vault FILE] [--key-file FILE] [--passphrase]",
     "show a secret's versions and labels, not its value", VaultShow},
    {"vault slot add",
     "vault slot add (--new-key-file FILE | --new-passphrase | --credential FILE) [--label TEXT] "
     "[--vault FILE] [--key-file FILE] [--passphrase]",
     "add a way to unlock the vault", VaultSlotAdd},
    {"vault slot list", "vault slot list [--vault FILE]", "list the ways to unlock the vault",
     VaultSlotList},
    {"vault slot remove",
     "vault slot remove NUMBER [--vault FILE] [--key-file FILE] [--passphrase]",
     "remove a way to unlock the vault", VaultSlotRemove},
    {"vault status", "vault status", "say whether runward-agent has the vault's key",
     VaultStatusCommand},
    {"vault unlock", "vault unlock [--key-file FILE] [--passphrase]",
     "give runward-agent the vault's key", VaultUnlock},
    {"vault verify", "vault verify [--vault FILE] [--key-file FILE] [--passphrase]",
     "read every byte of the vault and say whether it is whole", VaultVerify},
}};

}  // namespace

std::span<const Command> VaultCommands() { return kCommands; }

}  // namespace runward
