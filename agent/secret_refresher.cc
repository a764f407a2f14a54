#include "agent/secret_refresher.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>

#include "base/event_log.h"
#include "oci/record.h"
#include "oci/secret_record.h"
#include "secrets/note.h"
#include "secrets/read_event.h"
#include "secrets/replace.h"
#include "secrets/values.h"

namespace runward {
namespace {

std::vector<SecretRule> Refreshed(std::vector<SecretRule> rules) {
  std::erase_if(rules, [](const SecretRule& rule) { return !rule.refresh; });
  return rules;
}

Result<void> ReplaceIn(const Paths& paths, VaultHolder& holder, const std::string& key,
                       const Record& record) {
  const std::vector<SecretRule> rules = Refreshed(TRY(ParseSecretRules(record.secrets)));
  if (rules.empty()) return {};
  const SecretValues values = TRY(holder.Read(record, rules));
  (void)TRY(ReplaceSecrets(paths, key, rules, values.views));
  return {};
}

}  // namespace

SecretRefresher::SecretRefresher(const Paths& paths, VaultHolder& holder)
    : paths_(paths), holder_(holder), fd_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  Watch();
}

void SecretRefresher::Watch() {
  const std::string directory = paths_.vault.substr(0, paths_.vault.rfind('/'));
  (void)inotify_add_watch(fd_.get(), directory.c_str(),
                          IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_ONLYDIR);
}

// Reads all that has been told, and whether one of it was about the vault's own file.
bool SecretRefresher::VaultChanged() const {
  const std::string name = paths_.vault.substr(paths_.vault.rfind('/') + 1);
  alignas(inotify_event) std::array<char, 16384> buffer{};
  bool changed = false;
  ssize_t size = 0;
  while ((size = read(fd_.get(), buffer.data(), buffer.size())) > 0) {
    const char* const end = buffer.data() + size;
    for (const char* at = buffer.data(); at < end;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      changed |= (event->mask & IN_Q_OVERFLOW) != 0 || (event->len > 0 && name == event->name);
      at += sizeof *event + event->len;
    }
  }
  return changed;
}

bool SecretRefresher::Told() const {
  pollfd look{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  return poll(&look, 1, 0) != 0;
}

void SecretRefresher::Refresh() {
  if (!VaultChanged() || !holder_.unlocked()) return;
  for (const std::string& key : SuppliedContainers(paths_)) RefreshContainer(key);
}

void SecretRefresher::RefreshContainer(const std::string& key) {
  const Result<Record> record = ReadRecordOf(paths_, key);
  if (!record.ok()) return;  // it has just ended
  const Result<void> replaced = ReplaceIn(paths_, holder_, key, record.value());
  if (replaced.ok()) return;
  Event event = SecretFailedEvent(record.value(), "", replaced.error());
  event.rule = "secrets.refresh";
  event.reason = "the container keeps the secrets that it has: " + replaced.error().message;
  (void)AppendEvent(paths_.log, event, {}).ok();
}

}  // namespace runward
