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

Result<SecretValue> FindAndRead(const Vault& vault, const Paths& paths, const Record& record,
                                const SecretReference& reference) {
  const FoundVersion found = TRY(vault.Find(reference.name, reference.version, Now()));
  const SecretReference exact{.name = found.name, .version = found.version.version};
  const Result<void> logged =
      AppendEvent(paths.log, SecretReadEvent(record, exact.Text()), OptionsOf(record.events));
  if (!logged.ok() && record.mode == Mode::kEnforce && record.events.required) {
    return logged.error();
  }
  return vault.ReadFound(found);
}

Result<SecretValue> ReadOne(const Vault& vault, const Paths& paths, const Record& record,
                            const SecretRule& rule) {
  const SecretReference reference = TRY(SecretReference::Parse(rule.name));
  Result<SecretValue> value = FindAndRead(vault, paths, record, reference);
  if (value.ok()) return value;
  const Event event = SecretFailedEvent(record, reference.Text(), value.error());
  (void)AppendEvent(paths.log, event, OptionsOf(record.events)).ok();
  return About(rule.name, value.error());
}

// From the pipe straight into locked memory: each value by itself.
Result<SecretValue> TakeValue(int pipe, size_t size) {
  SecretValue value = TRY(LockedBytes::Make(size));
  size_t filled = 0;
  while (filled < size) {
    const ssize_t got = read(pipe, value.data() + filled, size - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Error{"runward-agent gave less than it said", "restart runward-agent"};
    filled += static_cast<size_t>(got);
  }
  return value;
}

}  // namespace

Error LockedVault(const Paths& paths, const std::string& why) {
  const std::string flag = paths.root_flag.empty() ? "" : paths.root_flag + " ";
  return Error{"the vault is locked: " + why,
               "start runward-agent if it does not run, then runwardctl " + flag + "vault unlock"};
}

std::vector<std::string_view> ViewsOf(const std::vector<SecretValue>& values) {
  std::vector<std::string_view> views;
  views.reserve(values.size());
  for (const SecretValue& value : values) views.push_back(value.view());
  return views;
}

Result<std::vector<SecretValue>> ReadSecrets(const Vault& vault, const Paths& paths,
                                             const Record& record,
                                             const std::vector<SecretRule>& rules) {
  std::vector<SecretValue> values;
  values.reserve(rules.size());
  for (const SecretRule& rule : rules) values.push_back(TRY(ReadOne(vault, paths, record, rule)));
  return values;
}

Result<std::vector<SecretValue>> ReadWithKeyFile(const Paths& paths, const Record& record,
                                                 const std::vector<SecretRule>& rules) {
  if (FileMissing(paths.vault_key)) {
    return LockedVault(
        paths, "runward-agent does not run, and there is no key file \"" + paths.vault_key + "\"");
  }
  const MasterKey key = TRY(UnlockWithKeyFile(paths.vault, paths.vault_key));
  const Vault vault = TRY(Vault::Open(paths.vault, key));
  return ReadSecrets(vault, paths, record, rules);
}

Result<std::vector<SecretValue>> FetchSecrets(const Paths& paths, const std::string& key,
                                              const Record& record,
                                              const std::vector<SecretRule>& rules) {
  const Result<std::optional<HandedSecrets>> handed = AskForSecrets(paths, key);
  if (!handed.ok()) return handed.error();
  if (!handed.value()) return ReadWithKeyFile(paths, record, rules);
  const HandedSecrets& from = *handed.value();
  if (from.sizes.size() != rules.size()) {
    return Error{"runward-agent gave other secrets than were asked for", "restart runward-agent"};
  }
  std::vector<SecretValue> values;
  for (const size_t size : from.sizes) {
    if (size > kMostSecretBytes) return Error{"runward-agent gave too much", ""};
    values.push_back(TRY(TakeValue(from.pipe.get(), size)));
  }
  return values;
}

}  // namespace runward
