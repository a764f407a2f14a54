#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_reference.h"
#include "tools/command.h"
#include "tools/console.h"
#include "tools/options.h"
#include "vault/key_slot.h"
#include "vault/master_key.h"
#include "vault/vault.h"
#include "vault/writer.h"

namespace runward {

// The commands of the family; see VaultCommands.
int VaultDeliver(const CommandLine& line);
int VaultEdit(const CommandLine& line);
int VaultExport(const CommandLine& line);
int VaultGet(const CommandLine& line);
int VaultImport(const CommandLine& line);
int VaultInit(const CommandLine& line);
int VaultList(const CommandLine& line);
int VaultLock(const CommandLine& line);
int VaultPut(const CommandLine& line);
int VaultRemove(const CommandLine& line);
int VaultRestore(const CommandLine& line);
int VaultRotate(const CommandLine& line);
int VaultShow(const CommandLine& line);
int VaultSlotAdd(const CommandLine& line);
int VaultSlotList(const CommandLine& line);
int VaultSlotRemove(const CommandLine& line);
int VaultStatusCommand(const CommandLine& line);
int VaultUnlock(const CommandLine& line);
int VaultVerify(const CommandLine& line);

// A vault that a command opened, and how it was called.
struct VaultCall {
  Options options;
  std::string path;
  MasterKey key;
};

// The flags that all of them take (--vault, --key-file, --passphrase) and those of `specs`.
// `words` is how many words there must be, at least and at most.
struct WordCount {
  size_t least = 0;
  size_t most = 0;
};
Result<Options> ParseVaultOptions(const CommandLine& line, std::vector<OptionSpec> specs,
                                  WordCount words);
// --vault, or the installation's.
std::string VaultPath(const CommandLine& line, const Options& options);
// Closes the process to debuggers and core dumps, and unlocks the vault: by --key-file or
// --passphrase, else by a systemd credential, the installation's key file or, at a terminal, a
// passphrase, whichever there is.
Result<VaultCall> OpenVaultCall(const CommandLine& line, Options options);
// Both, with what is wrong printed; then the exit code is in `code`.
std::optional<VaultCall> BeginVault(const CommandLine& line, std::string_view words,
                                    std::vector<OptionSpec> specs, WordCount count, int& code);

// A new slot's secret: what --passphrase or --key-file (of these names) says; a key file that is
// not there is made. None when neither is given.
struct SlotFlags {
  std::string_view passphrase;
  std::string_view key_file;
};
Result<std::optional<SlotSecret>> NewSlotSecret(const Options& options, const SlotFlags& flags);

// One record in the event log: which secret, never its value or length. `rule` is
// "vault.read" or "vault.write".
Result<void> LogSecret(const CommandLine& line, std::string_view rule, const std::string& reason);
// "secret "a#k" version 1 was read by user 0", which begins the reason of a read.
std::string ReadBy(const FoundVersion& found);
// As above for what is done already: a failure is printed, and the exit code.
int LogWritten(const CommandLine& line, const std::string& reason, uint64_t generation);

// The value that a command stores: --from FILE, the standard input, or typed at the terminal
// without an echo; --chomp takes one newline off its end.
Result<SecretValue> ReadNewValue(const Options& options, const EntryName& name);
// --label, --not-after, --expect, --keep
Result<PutOptions> ReadPutOptions(const Options& options, Time now);
inline const std::vector<OptionSpec> kPutFlags = {{"--from", true},   {"--chomp", false},
                                                  {"--label", true},  {"--not-after", true},
                                                  {"--expect", true}, {"--keep", true}};

}  // namespace runward
