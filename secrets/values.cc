#include "secrets/values.h"

#include <unistd.h>

#include <cerrno>
#include <climits>

#include "base/event_log.h"
#include "base/file.h"
#include "oci/agent_client.h"
#include "secrets/read_event.h"
#include "secrets/tmpfs.h"
#include "vault/unlock.h"

namespace runward {
namespace {

EventLogOptions OptionsOf(const EventRule& events) {
  return {.fdatasync = events.fdatasync, .rotate_bytes = events.rotate_bytes, .keep = events.keep};
}

Error About(const std::string& secret, const Error& error) {
  return Error{"the container's secret \"" + secret + "\": " + error.message, error.hint};
}

Result<FoundVersion> FindOne(const Vault& vault, const SecretRule& rule) {
  const SecretReference reference = TRY(SecretReference::Parse(rule.name));
  return vault.Find(reference.name, reference.version, Now());
}

Error Failed(const Paths& paths, const Record& record, const SecretRule& rule, const Error& error) {
  const Event event = SecretFailedEvent(record, rule.name, error);
  (void)AppendEvent(paths.log, event, OptionsOf(record.events)).ok();
  return About(rule.name, error);
}

Result<void> LogReads(const Paths& paths, const Record& record,
                      const std::vector<FoundVersion>& found) {
  std::vector<Event> events;
  for (const FoundVersion& one : found) {
    const SecretReference exact{.name = one.name, .version = one.version.version};
    events.push_back(SecretReadEvent(record, exact.Text()));
  }
  Result<void> logged = AppendEvents(paths.log, events, OptionsOf(record.events));
  const bool needed = record.mode == Mode::kEnforce && record.events.required;
  return logged.ok() || !needed ? Result<void>() : logged;
}

// From the pipe straight into locked memory.
Result<void> TakeAll(int pipe, LockedBytes& into) {
  size_t filled = 0;
  while (filled < into.size()) {
    const ssize_t got = read(pipe, into.data() + filled, into.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Error{"runward-agent gave less than it said", "restart runward-agent"};
    filled += static_cast<size_t>(got);
  }
  return {};
}

Result<SecretValues> TakeFrom(const HandedSecrets& handed) {
  SecretValues values;
  size_t total = 0;
  for (const size_t size : handed.sizes) {
    if (size > kMostSecretBytes) return Error{"runward-agent gave too much", ""};
    total += size;
  }
  if (total > kMostSecretBytes) return Error{"runward-agent gave too much", ""};
  // One piece of locked memory for all: each costs a dozen system calls.
  values.owners.push_back(TRY(LockedBytes::Make(total)));
  TRY(TakeAll(handed.pipe.get(), values.owners.front()));
  std::string_view rest = values.owners.front().view();
  for (const size_t size : handed.sizes) {
    values.views.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return values;
}

}  // namespace

Error LockedVault(const Paths& paths, const std::string& why) {
  const std::string flag = paths.root_flag.empty() ? "" : paths.root_flag + " ";
  return Error{"the vault is locked: " + why,
               "start runward-agent if it does not run, then runwardctl " + flag + "vault unlock"};
}

Result<SecretValues> ReadSecrets(const Vault& vault, const Paths& paths, const Record& record,
                                 const std::vector<SecretRule>& rules) {
  std::vector<FoundVersion> found;
  for (const SecretRule& rule : rules) {
    Result<FoundVersion> one = FindOne(vault, rule);
    if (!one.ok()) return Failed(paths, record, rule, one.error());
    found.push_back(std::move(one).value());
  }
  TRY(LogReads(paths, record, found));
  SecretValues values;
  for (size_t i = 0; i < found.size(); ++i) {
    Result<SecretValue> value = vault.ReadFound(found[i]);
    if (!value.ok()) return Failed(paths, record, rules[i], value.error());
    values.owners.push_back(std::move(value).value());
    values.views.push_back(values.owners.back().view());
  }
  return values;
}

Result<SecretValues> ReadWithKeyFile(const Paths& paths, const Record& record,
                                     const std::vector<SecretRule>& rules) {
  if (FileMissing(paths.vault_key)) {
    return LockedVault(
        paths, "runward-agent does not run, and there is no key file \"" + paths.vault_key + "\"");
  }
  const MasterKey key = TRY(UnlockWithKeyFile(paths.vault, paths.vault_key));
  const Vault vault = TRY(Vault::Open(paths.vault, key));
  return ReadSecrets(vault, paths, record, rules);
}

Result<SecretValues> FetchSecrets(const Paths& paths, const std::string& key, const Record& record,
                                  const std::vector<SecretRule>& rules) {
  const Result<std::optional<HandedSecrets>> handed = AskForSecrets(paths, key);
  if (!handed.ok()) return handed.error();
  if (!handed.value()) return ReadWithKeyFile(paths, record, rules);
  if (handed.value()->sizes.size() == rules.size()) return TakeFrom(*handed.value());
  return Error{"runward-agent gave other secrets than were asked for", "restart runward-agent"};
}

}  // namespace runward
