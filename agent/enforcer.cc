#include "agent/enforcer.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "agent/fanotify_group.h"
#include "base/event_log.h"
#include "base/file.h"
#include "base/json.h"
#include "oci/agent_client.h"

namespace runward {
namespace {

struct Noted {
  pid_t pid = 0;
  uint64_t start = 0;
};

Result<Noted> ReadNote(const std::string& path) {
  constexpr size_t kMost = 4096;
  std::string text = TRY(ReadFileCapped(path, kMost, Trust::kOwner));
  const JsonDocument document = TRY(JsonDocument::Parse(std::move(text)));
  const int64_t pid = TRY(document.root().Find("pid").Int());
  const int64_t start = TRY(document.root().Find("start").Int());
  return Noted{static_cast<pid_t>(pid), static_cast<uint64_t>(start)};
}

std::vector<std::string> FilesIn(const std::string& directory) {
  std::vector<std::string> names;
  const CHandle<DIR, closedir> entries(opendir(directory.c_str()));
  while (entries != nullptr) {
    const dirent* entry = readdir(entries.get());
    if (entry == nullptr) break;
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  return names;
}

std::string LinkTo(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

bool Excepted(const CommandRule& rule, const std::string& place) {
  return std::ranges::any_of(rule.drift_except, [&](const std::string& directory) {
    return place == directory || place.starts_with(directory + "/");
  });
}

}  // namespace

Enforcer::Enforcer(Paths paths, int group)
    : paths_(std::move(paths)), group_(group), log_(paths_, tier()) {}

std::string Enforcer::tier() { return std::string(kTierFanotify); }

std::string Enforcer::NoteOf(const std::string& key) const { return paths_.run + "/agent/" + key; }

Result<void> Enforcer::WatchMount(const Watched& container, const ContainerMount& one,
                                  int root) const {
  if (one.watch == Watch::kNothing || Excepted(container.rule, one.place)) return {};
  if (one.watch == Watch::kShared) {
    if (container.record.mode == Mode::kAudit) return {};
    return Error{"what is executed from \"" + one.place + "\" cannot be watched: it is a " +
                     one.mount.type + " that the host shares, and not mounted noexec",
                 one.place == "/" ? "use the engine's overlay storage driver"
                                  : "mount it noexec, or list it in \"driftExcept\""};
  }
  const UniqueFd place = OpenIn(root, one.place);
  if (!place.valid()) return ErrnoError("open \"" + one.place + "\" in the container", errno);
  return WatchFilesystem(group_, LinkTo(place.get()));
}

Result<void> Enforcer::WatchAll(const Watched& container) const {
  const UniqueFd root = TRY(RootOf(container.pid, container.record.rootfs));
  for (const ContainerMount& one : container.mounts) {
    TRY(WatchMount(container, one, root.get()));
  }
  for (const std::string& path : container.files.denied) {
    const UniqueFd file = OpenIn(root.get(), path);
    if (file.valid()) TRY(WatchFile(group_, LinkTo(file.get())));
  }
  return {};
}

Result<void> Enforcer::Note(const Watched& container) const {
  const nlohmann::ordered_json note{{"pid", container.pid}, {"start", container.start}};
  TRY(MakeDirectories(paths_.run + "/agent", /*secret=*/true));
  return WriteFileAtomic(NoteOf(container.key), note.dump() + "\n", 0600, /*sync=*/false);
}

Result<const Watched*> Enforcer::Register(const std::string& key, pid_t pid) {
  const Watched* known = registry_.Find(key);
  if (known != nullptr && (known->pid != pid || known->start != StartTimeOf(pid))) {
    return Error{"the container is registered already, with another process", "delete it first"};
  }
  Watched container = TRY(LookAtContainer(paths_, key, pid));
  TRY(WatchAll(container));
  TRY(Note(container));
  return &registry_.Add(std::move(container));
}

void Enforcer::LogLost(const std::string& key, const Error& error) {
  Event event{.id = NewEventId(), .time = Now(), .action = EventAction::kError};
  event.operation = "command";
  event.rule = "commands.agent";
  event.reason = "a running container could not be taken in again, its commands are not ruled: " +
                 error.message;
  event.hint = "stop it and start it again";
  event.tier = tier();
  event.container_id = key.substr(0, 12);
  (void)AppendEvent(paths_.log, event, {}).ok();
}

size_t Enforcer::Restore() {
  size_t lost = 0;
  for (const std::string& key : FilesIn(paths_.run + "/agent")) {
    const Result<Noted> note = ReadNote(NoteOf(key));
    const bool lives = note.ok() && StartTimeOf(note.value().pid) == note.value().start;
    if (!lives) {
      unlink(NoteOf(key).c_str());
      continue;
    }
    const Result<const Watched*> taken = Register(key, note.value().pid);
    if (taken.ok()) continue;
    ++lost;
    LogLost(key, taken.error());
  }
  return lost;
}

Result<void> Enforcer::Answer() {
  return AnswerTries(group_, [this](const OpenTry& what) {
    const std::optional<JudgedTry> judged = JudgeTry(registry_, what);
    if (!judged) return true;
    log_.Add(*judged, what);
    return !judged->stops();
  });
}

void Enforcer::Forget(const std::string& key) {
  log_.Forget(key);
  registry_.Remove(key);
  unlink(NoteOf(key).c_str());
}

void Enforcer::Tick() { log_.Tell(); }

}  // namespace runward
