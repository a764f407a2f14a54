#include "agent/enforcer.h"

#include <dirent.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

#include "agent/command_event.h"
#include "agent/container_note.h"
#include "agent/fanotify_group.h"
#include "agent/kernel_plan.h"
#include "agent/observe.h"
#include "agent/process_view.h"
#include "agent/try_view.h"
#include "base/event_log.h"
#include "base/file.h"
#include "oci/agent_client.h"
#include "oci/secret_config.h"

namespace runward {
namespace {

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

// What a caller has in its memory another of its threads can change.
Result<void> NeedsNoKernel(const Watched& container) {
  if (container.rule.arguments.empty() || container.record.mode == Mode::kAudit) return {};
  return Error{"rules about arguments need a program in the kernel, which could not be loaded",
               "see runwardctl doctor, or leave out \"arguments\""};
}

}  // namespace

Enforcer::Enforcer(Paths paths, int group)
    : paths_(std::move(paths)),
      group_(group),
      tier_(kTierFanotify),
      log_(paths_),
      learner_(paths_) {}

void Enforcer::LoadKernel() {
  constexpr std::array kTiers = {KernelTier::kLsm, KernelTier::kFmodRet, KernelTier::kKill};
  Result<KernelCommands> loaded = KernelCommands::Load(paths_.run + "/bpf", kTiers);
  malloc_trim(0);  // the kernel's types, which take megabytes, are not needed again
  if (!loaded.ok()) {
    passed_over_ = loaded.error().message;
    return;
  }
  kernel_.emplace(std::move(loaded).value());
  for (const std::string& why : kernel_->passed_over()) {
    passed_over_ += (passed_over_.empty() ? "" : "; ") + why;
  }
  tier_ = kernel_->tier() == KernelTier::kLsm       ? kTierLsm
          : kernel_->tier() == KernelTier::kFmodRet ? kTierFmodRet
                                                    : kTierFanotifyKill;
}

std::string Enforcer::NoteOf(const std::string& key) const { return paths_.run + "/agent/" + key; }

Result<void> Enforcer::WatchMount(Watched& container, const ContainerMount& one, int root) const {
  if (one.watch == Watch::kNothing || Excepted(container.rule, one.place)) return {};
  if (container.helper && one.place == kEnvHelper) {
    const UniqueFd file = OpenIn(root, one.place);
    return WatchFile(group_, LinkTo(file.get()));
  }
  if (one.watch == Watch::kShared) {
    const bool enforced = container.record.mode == Mode::kEnforce && !container.rule.permits_all();
    if (kernel_ || !enforced) return {};
    return Error{"what is executed from \"" + one.place + "\" cannot be watched: it is a " +
                     one.mount.type + " that the host shares, and not mounted noexec",
                 one.place == "/" ? "use the engine's overlay storage driver"
                                  : "mount it noexec, or list it in \"driftExcept\""};
  }
  const UniqueFd place = OpenIn(root, one.place);
  if (!place.valid()) return ErrnoError("open \"" + one.place + "\" in the container", errno);
  TRY(WatchFilesystem(group_, LinkTo(place.get())));
  container.asked.push_back(DeviceOf(one.mount));
  return {};
}

Result<void> Enforcer::WatchAll(Watched& container) const {
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
  const ContainerNote note{.pid = container.pid,
                           .start = container.start,
                           .number = container.number,
                           .names = container.files.names};
  TRY(MakeDirectories(paths_.run + "/agent", /*secret=*/true));
  return WriteFileAtomic(NoteOf(container.key), FormatNote(note), 0600, /*sync=*/false);
}

// The kernel's programs first: where they decide about everything, nobody has to be asked.
Result<void> Enforcer::Enforce(Watched& container) {
  if (!kernel_) {
    TRY(NeedsNoKernel(container));
    container.reads_arguments = !container.rule.arguments.empty();
    return WatchAll(container);
  }
  const UniqueFd root = TRY(RootOf(container.pid, container.record.rootfs));
  KernelPlan plan = PlanForKernel(container, root.get(), kernel_->tier());
  container.commands = std::move(plan.commands);
  const uint64_t space = container.own_pid_namespace ? container.pid_namespace : 0;
  TRY(kernel_->Register(container.number, static_cast<uint32_t>(space),
                        UnifiedGroupOf(container.control_groups), plan.rules));
  if (plan.complete && kernel_->tier() != KernelTier::kKill) return {};
  return WatchAll(container);
}

Result<const Watched*> Enforcer::Take(Watched container) {
  TRY(Enforce(container));
  TRY(Note(container));
  container.mounts = {};
  return &registry_.Add(std::move(container));
}

Result<const Watched*> Enforcer::Register(const std::string& key, pid_t pid) {
  const Watched* known = registry_.Find(key);
  if (known != nullptr && (known->pid != pid || known->start != StartTimeOf(pid))) {
    return Error{"the container is registered already, with another process", "delete it first"};
  }
  if (known != nullptr) return known;
  Watched container = TRY(LookAtContainer(paths_, key, pid));
  const auto number = static_cast<uint64_t>(Now().ns);
  container.number = number;
  auto taken = Take(std::move(container));
  if (!taken.ok() && kernel_) kernel_->Forget(number);
  return taken;
}

Result<void> Enforcer::TakeAgain(const std::string& key, const ContainerNote& note) {
  Watched container = TRY(LookAtContainer(paths_, key, note.pid));
  container.number = note.number;
  // What was found at its start holds: it may have been renamed since.
  for (const auto& [inode, paths] : note.names) {
    auto& names = container.files.names[inode];
    names.insert(names.end(), paths.begin(), paths.end());
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
  }
  (void)TRY(Take(std::move(container)));
  return {};
}

void Enforcer::LogLost(const std::string& key, const Error& error) {
  Event event{.id = NewEventId(), .time = Now(), .action = EventAction::kError};
  event.operation = "command";
  event.rule = "commands.agent";
  event.reason = "a running container could not be taken in again, its commands are not ruled: " +
                 error.message;
  event.hint = "stop it and start it again";
  event.tier = tier_;
  event.container_id = key.substr(0, 12);
  (void)AppendEvent(paths_.log, event, {}).ok();
}

size_t Enforcer::Restore() {
  size_t lost = 0;
  std::set<uint64_t> living;
  for (const std::string& key : FilesIn(paths_.run + "/agent")) {
    const Result<ContainerNote> note = ReadNote(NoteOf(key));
    const bool lives = note.ok() && StartTimeOf(note.value().pid) == note.value().start;
    if (!lives) {
      unlink(NoteOf(key).c_str());
      continue;
    }
    living.insert(note.value().number);
    const Result<void> taken = TakeAgain(key, note.value());
    if (taken.ok()) continue;
    ++lost;
    LogLost(key, taken.error());
  }
  if (!kernel_) return lost;
  for (const uint64_t number : kernel_->Registered()) {
    if (!living.contains(number)) kernel_->Forget(number);
  }
  kernel_->DropOlder();
  return lost;
}

void Enforcer::TellKernelEvents() {
  if (!kernel_) return;
  kernel_->Drain([this](const KernelEvent& event) {
    const Watched* container = registry_.Numbered(event.container);
    if (container == nullptr) return;  // it has ended
    if (container->rule.learn && TellsMore(*container, event)) {
      Learn(*container, Observe(*container, event));
    }
    if (event.decision == KernelDecision::kAllowed) return;  // told only to be learned
    if (ToldBefore(*container, event)) return;
    std::string kind = std::to_string(static_cast<int>(event.cause)) + " " + event.filename;
    log_.Add(*container, std::move(kind), [&] { return EventOf(*container, event, tier_); });
  });
  TellLost();
}

void Enforcer::TellLost() {
  if (kernel_->lost() == lost_) return;
  lost_ = kernel_->lost();
  for (const auto& [key, container] : registry_.all()) {
    const uint64_t lost = kernel_->lost(container->number);
    if (lost <= container->lost) continue;
    log_.Append(EventOfLost(*container, lost - container->lost, tier_), container->record.events);
    container->lost = lost;
  }
}

Result<void> Enforcer::Answer() {
  return AnswerTries(group_, [this](const OpenTry& what) { return Allow(what); });
}

bool Enforcer::Allow(const OpenTry& what) {
  const std::vector<Watched*> containers = registry_.Of(what.task);
  if (containers.empty()) return true;
  const std::string path = PathOf(what.file);
  const std::optional<JudgedTry> judged = JudgeTry(containers, what, path);
  if (judged) Tell(*judged, what);
  if (judged && judged->stops()) return false;
  for (Watched* container : containers) {
    if (!container->rule.learn || !what.execute || IsLoader(path)) continue;
    Learn(*container, Observe(*container, what, path));
  }
  return true;
}

void Enforcer::Tell(const JudgedTry& judged, const OpenTry& what) {
  struct stat info {};
  const uint64_t number = judged.container->number;
  if (!judged.stops() && fstat(what.file, &info) == 0) {
    const ToldTries::File file{.inode = info.st_ino, .name = judged.path};
    if (what.execute) told_.Told(number, file, MonotonicNow());
    if (!what.execute && told_.AlsoOpened(number, file, MonotonicNow())) return;
  }
  log_.Add(*judged.container, judged.finding.rule + " " + judged.path,
           [&] { return EventOf(judged, what, tier_); });
}

// What fanotify is asked about was told then, with more than the kernel's programs know.
bool Enforcer::ToldBefore(const Watched& container, const KernelEvent& event) {
  const bool asked = std::ranges::find(container.asked, event.file.device) != container.asked.end();
  if (!asked || event.mapping) return false;
  return told_.AlsoExecuted(container.number, {.inode = event.file.inode, .name = event.filename},
                            static_cast<int64_t>(event.time));
}

void Enforcer::Learn(const Watched& container, const LearnedCommand& command) {
  if (container.helper && command.command == kEnvHelper) return;  // not what the image executes
  const std::optional<Error> error = learner_.Learn(container.record, command);
  if (!error) return;
  log_.Append(EventOfLearning(container, *error, tier_), container.record.events);
}

void Enforcer::Forget(const std::string& key) {
  const Watched* container = registry_.Find(key);
  if (container == nullptr) return;
  TellKernelEvents();  // what it did last
  if (kernel_) kernel_->Forget(container->number);
  log_.Forget(key);
  registry_.Remove(key);
  unlink(NoteOf(key).c_str());
}

void Enforcer::Tick() {
  TellKernelEvents();
  told_.Forget(MonotonicNow());
  log_.Tell();
}

}  // namespace runward
