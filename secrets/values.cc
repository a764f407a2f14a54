#include "secrets/values.h"

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <numeric>

#include "base/file.h"
#include "oci/agent_client.h"
#include "oci/container_event.h"
#include "secrets/groups.h"
#include "secrets/read_event.h"
#include "vault/unlock.h"

namespace runward {
namespace {

Error About(const std::string& secret, const Error& error) {
  return Error{"the container's secret \"" + secret + "\": " + error.message, error.hint};
}

Result<FoundVersion> FindOne(const Vault& vault, const SecretRule& rule) {
  const SecretReference reference = TRY(SecretReference::Parse(rule.name));
  return vault.Find(reference.name, reference.version, Now());
}

Error Failed(const Paths& paths, const Record& record, const SecretRule& rule, const Error& error) {
  const Event event = SecretFailedEvent(record, rule.name, error);
  LogEvent(paths, event, LogOptions(record.events));
  return About(rule.name, error);
}

Result<void> LogReads(const Paths& paths, const Record& record,
                      const std::vector<FoundVersion>& found) {
  std::vector<Event> events;
  events.reserve(found.size());
  for (const FoundVersion& one : found) {
    const SecretReference exact{.name = one.name, .version = one.version.version};
    events.push_back(SecretReadEvent(record, exact.Text()));
  }
  Result<void> logged = AppendEvents(paths.log, events, LogOptions(record.events));
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

// One piece of locked memory for all: each costs a dozen system calls.
Result<SecretValues> RoomFor(const std::vector<size_t>& sizes) {
  (void)TRY(SizeTogether(sizes));
  SecretValues values;
  values.owner = TRY(LockedBytes::Make(std::accumulate(sizes.begin(), sizes.end(), size_t{0})));
  std::string_view rest = values.owner.view();
  for (const size_t size : sizes) {
    values.views.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return values;
}

Result<SecretValues> TakeFrom(const HandedSecrets& handed) {
  SecretValues values = TRY(RoomFor(handed.sizes));
  TRY(TakeAll(handed.pipe.get(), values.owner));
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
  std::vector<size_t> sizes;
  sizes.reserve(found.size());
  for (const FoundVersion& one : found) sizes.push_back(Vault::SizeOf(one));
  SecretValues values = TRY(RoomFor(sizes));
  for (const FoundVersion& one : found) {
    const std::optional<Time>& end = one.version.not_after;
    if (end && (!values.until || *end < *values.until)) values.until = end;
  }
  TRY(LogReads(paths, record, found));
  uint8_t* at = values.owner.data();
  for (size_t i = 0; i < found.size(); ++i) {
    Result<void> read = vault.ReadFoundInto(found[i], {at, sizes[i]});
    if (!read.ok()) return Failed(paths, record, rules[i], read.error());
    at += sizes[i];
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

Result<SecretValues> AskForValues(const Paths& paths, const std::string& key, const Record& record,
                                  const std::vector<SecretRule>& rules) {
  const std::optional<HandedSecrets> handed = TRY(AskForSecrets(paths, key));
  if (!handed) return ReadWithKeyFile(paths, record, rules);
  if (handed->sizes.size() == rules.size()) return TakeFrom(*handed);
  return Error{"runward-agent gave other secrets than were asked for", "restart runward-agent"};
}

}  // namespace runward
