#include <unistd.h>

#include <cstdlib>

#include "base/event_log.h"
#include "base/file.h"
#include "tools/typed_secret.h"
#include "tools/vault.h"
#include "vault/key_file.h"
#include "vault/unlock.h"
#include "vault/vault_file.h"

namespace runward {
namespace {

Result<MasterKey> UnlockByPassphrase(const std::string& path) {
  const LockedBytes passphrase = TRY(AskSecret("Passphrase of " + path));
  return UnlockWithPassphrase(path, passphrase.view());
}

Error Locked(const CommandLine& line, const std::string& path) {
  return {"the vault \"" + path + "\" is locked: there is neither its key file \"" +
              line.paths.vault_key + "\", a credential nor a terminal to ask for a passphrase",
          "name its key with --key-file FILE, or call from a terminal with --passphrase"};
}

// What there is, in the order of what needs nobody.
Result<MasterKey> UnlockByWhatThereIs(const CommandLine& line, const std::string& path) {
  const VaultHeader header = TRY(ReadHeader(path));
  const char* const credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (credentials != nullptr && CountSlots(header, SlotKind::kCredential) > 0) {
    return UnlockWithCredential(path, credentials);
  }
  if (CountSlots(header, SlotKind::kKeyFile) > 0 && !FileMissing(line.paths.vault_key)) {
    return UnlockWithKeyFile(path, line.paths.vault_key);
  }
  const bool terminal = access("/dev/tty", R_OK | W_OK) == 0 && isatty(STDERR_FILENO) != 0;
  if (CountSlots(header, SlotKind::kPassphrase) == 0 || !terminal) return Locked(line, path);
  return UnlockByPassphrase(path);
}

Result<MasterKey> Unlock(const CommandLine& line, const Options& options, const std::string& path) {
  const std::string key_file = options.Last("--key-file", "");
  if (!key_file.empty()) return UnlockWithKeyFile(path, key_file);
  if (options.Has("--passphrase")) return UnlockByPassphrase(path);
  return UnlockByWhatThereIs(line, path);
}

}  // namespace

Result<Options> ParseVaultOptions(const CommandLine& line, std::vector<OptionSpec> specs,
                                  WordCount words) {
  specs.insert(specs.end(), {{"--vault", true}, {"--key-file", true}, {"--passphrase", false}});
  Options options = TRY(Options::Parse(line.args, specs));
  const size_t given = options.words().size();
  if (given < words.least) return Error{"a word is missing", ""};
  if (given > words.most) {
    return Error{"there is a word too many",
                 "a secret's value is never an argument, where others see it: pipe it in, or "
                 "--from FILE"};
  }
  return options;
}

std::string VaultPath(const CommandLine& line, const Options& options) {
  return options.Last("--vault", line.paths.vault);
}

Result<VaultCall> OpenVaultCall(const CommandLine& line, Options options) {
  TRY(HardenProcess());
  std::string path = VaultPath(line, options);
  MasterKey key = TRY(Unlock(line, options, path));
  return VaultCall{.options = std::move(options), .path = std::move(path), .key = std::move(key)};
}

std::optional<VaultCall> BeginVault(const CommandLine& line, std::string_view words,
                                    std::vector<OptionSpec> specs, WordCount count, int& code) {
  Result<Options> options = ParseVaultOptions(line, std::move(specs), count);
  if (!options.ok()) {
    code = PrintUsage(words, options.error());
    return std::nullopt;
  }
  Result<VaultCall> call = OpenVaultCall(line, std::move(options).value());
  if (!call.ok()) {
    code = PrintError(call.error());
    return std::nullopt;
  }
  return std::move(call).value();
}

Result<std::optional<SlotSecret>> NewSlotSecret(const Options& options, const SlotFlags& flags) {
  const std::string key_file = options.Last(flags.key_file, "");
  if (options.Has(flags.passphrase)) {
    SlotSecret secret{.kind = SlotKind::kPassphrase};
    secret.secret = TRY(AskNewPassphrase("the vault"));
    return std::optional<SlotSecret>(std::move(secret));
  }
  if (key_file.empty()) return std::optional<SlotSecret>();
  SlotSecret secret{.kind = SlotKind::kKeyFile};
  secret.secret = TRY(FileMissing(key_file) ? CreateKeyFile(key_file) : ReadKeyFile(key_file));
  return std::optional<SlotSecret>(std::move(secret));
}

Result<void> LogSecret(const CommandLine& line, std::string_view rule, const std::string& reason) {
  Event event{.id = NewEventId(), .time = Now(), .action = EventAction::kAllowed};
  event.operation = rule == "vault.read" ? "secret" : "vault";
  event.rule = rule;
  event.reason = reason;
  return AppendEvent(line.paths.log, event, {});
}

std::string ReadBy(const FoundVersion& found) {
  return "secret \"" + found.name.Text() + "\" version " + std::to_string(found.version.version) +
         " was read by user " + std::to_string(getuid());
}

int LogWritten(const CommandLine& line, const std::string& reason, uint64_t generation) {
  const Result<void> logged =
      LogSecret(line, "vault.write", reason + "; generation " + std::to_string(generation));
  if (logged.ok()) return kExitDone;
  return PrintError(
      {"it is done, but could not be logged: " + logged.error().message, logged.error().hint});
}

}  // namespace runward
