#include "agent/enforcer.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <utility>

#include "agent/approved_try.h"
#include "agent/call_judge.h"
#include "agent/command_event.h"
#include "agent/kernel_plan.h"
#include "agent/loader_file.h"
#include "agent/observe.h"
#include "agent/process_view.h"
#include "agent/trim.h"
#include "agent/try_view.h"
#include "agent/watch_container.h"
#include "agent/watch_volumes.h"
#include "base/event_log.h"
#include "base/file.h"
#include "oci/agent_client.h"
#include "oci/secret_config.h"

namespace runward {
Enforcer::Enforcer(Paths paths, int group, Looks& looks)
    : paths_(std::move(paths)),
      group_(group),
      looks_(looks),
      tier_(group < 0 ? kTierNotify : kTierFanotify),
      log_(paths_),
      learner_(paths_) {}

void Enforcer::LoadKernel() {
  constexpr std::array kTiers = {KernelTier::kLsm, KernelTier::kFmodRet, KernelTier::kKill};
  Result<KernelCommands> loaded = KernelCommands::Load(paths_.run + "/bpf", kTiers);
  TrimMemory();  // the kernel's types, which take megabytes, are not needed again
  if (!loaded.ok()) {
    PassOver(loaded.error().message);
    return;
  }
  kernel_.emplace(std::move(loaded).value());
  for (const std::string& why : kernel_->passed_over()) PassOver(why);
  if (group_ < 0 && kernel_->tier() == KernelTier::kKill) {
    PassOver("a program that only kills needs fanotify before it");
    kernel_.reset();
    return;
  }
  tier_ = kernel_->tier() == KernelTier::kLsm       ? kTierLsm
          : kernel_->tier() == KernelTier::kFmodRet ? kTierFmodRet
                                                    : kTierFanotifyKill;
}

void Enforcer::PassOver(const std::string& why) {
  passed_over_ += (passed_over_.empty() ? "" : "; ") + why;
}

Result<void> Enforcer::Note(const Watched& container) const {
  TRY(MakeDirectories(paths_.run + "/agent", /*secret=*/true));
  return WriteFileAtomic(NotePath(paths_, container.key), FormatNote(NoteOf(container)), 0600,
                         /*sync=*/false);
}

Result<void> Enforcer::RegisterInKernel(const Watched& container, const KernelRules& rules) {
  const uint64_t space = container.own_pid_namespace ? container.pid_namespace : 0;
  return kernel_->Register(container.number, static_cast<uint32_t>(space),
                           UnifiedGroupOf(container.control_groups), rules);
}

// Where the kernel's programs decide about everything, nobody has to be asked. `known` where an
// earlier agent had taken it in.
Result<void> Enforcer::Enforce(Watched& container, const Marked* known) {
  const auto behind = kernel_ ? std::optional(kernel_->tier()) : std::nullopt;
  const FanotifyWatch watch{group_, behind, known, !looks_.Held(container.key)};
  if (tier_ == kTierNotify) {
    // Nothing is added: its seccomp profile asks, or nothing does.
    container.reads_arguments = !container.rule.arguments.empty();
    if (container.prepared == tier_) return {};
    return Error{
        "the container was not made for seccomp notification, which is all that "
        "runward-agent has now",
        "start the container again"};
  }
  if (!kernel_) {
    container.reads_arguments = !container.rule.arguments.empty();
    return WatchContainer(container, watch);
  }
  KernelPlan plan = PlanForKernel(container, kernel_->tier());
  container.commands = std::move(plan.commands);
  container.needs_agent = plan.rules.needs_agent;
  if (!plan.complete || kernel_->tier() == KernelTier::kKill) {
    TRY(WatchContainer(container, watch));
  }
  return RegisterInKernel(container, plan.rules);
}

Result<const Watched*> Enforcer::Register(const std::string& key, pid_t pid,
                                          const std::string& prepared) {
  const Watched* known = registry_.Find(key);
  if (known != nullptr && (known->pid != pid || known->start != StartTimeOf(pid))) {
    return Error{"the container is registered already, with another process", "delete it first"};
  }
  if (known != nullptr) return known;
  const Looks::One look(looks_, key, Looks::kWhole);
  registered_ = true;
  Watched container = TRY(LookAtContainer(paths_, key, pid));
  const auto number = static_cast<uint64_t>(Now().ns);
  container.number = number;
  container.prepared = prepared;
  Result<void> taken = Enforce(container, nullptr);
  if (taken.ok()) taken = Note(container);
  if (!taken.ok()) {
    if (kernel_) kernel_->Forget(number);
    return std::move(taken).error();
  }
  container.mounts = std::vector<ContainerMount>();  // no room is kept
  return &registry_.Add(std::move(container));
}

Result<void> Enforcer::TakeAgain(const std::string& key, const ContainerNote& note,
                                 const Marked& known) {
  const Looks::One look(looks_, key, Looks::kWhole);
  Watched container = TRY(RememberContainer(paths_, key, note));
  TRY(Enforce(container, &known));
  if (note.layout != ContainerNote::kLayout) TRY(Note(container));
  container.mounts = std::vector<ContainerMount>();  // no room is kept
  registry_.Add(std::move(container));
  return {};
}

// Nobody knows any more what it may execute: nothing, unless it is audited.
void Enforcer::Shut(const std::string& key, const ContainerNote& note, const Error& why) {
  (void)AppendEvent(paths_.log, EventOfNotTaken(key, why, tier_), {}).ok();
  const Looks::One look(looks_, key, Looks::kWhole);
  Result<Watched> found = ShutContainer(paths_, key, note);
  if (!found.ok() || found.value().record.mode == Mode::kAudit) return;
  Watched& container = found.value();
  if (kernel_) (void)RegisterInKernel(container, {.allow_list = true}).ok();
  WatchWhatIsThere(container, {.group = group_, .look = !looks_.Held(key)});
  registry_.Add(std::move(container));
}

void Enforcer::Restore() {
  if (const std::string held = looks_.Recover(); !held.empty()) {
    (void)AppendEvent(paths_.log, EventOfHeld(held, tier_), {}).ok();
  }
  std::set<uint64_t> living;
  bool all_read = true;
  const Marked known = MarkedIn(group_);
  for (const NotedContainer& one : NotedContainers(paths_)) {
    all_read = all_read && one.note.pid != 0;
    living.insert(one.note.number);
    const Result<void> taken = one.why ? *one.why : TakeAgain(one.key, one.note, known);
    if (!taken.ok()) Shut(one.key, one.note, taken.error());
  }
  if (!kernel_) return;
  for (const uint64_t number : kernel_->Registered()) {
    if (all_read && !living.contains(number)) kernel_->Forget(number);
  }
  kernel_->DropOlder();
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
  if (group_ < 0) return {};
  return AnswerTries(group_, [this](const OpenTry& what) { return Allow(what); });
}

bool Enforcer::Allow(const OpenTry& what) {
  const std::vector<Watched*> containers = registry_.Of(what.task);
  if (containers.empty()) return true;
  for (const Watched* one : containers) {
    if (looks_.Held(one->key)) return AllowHeld(*one, what);
  }
  const Looks::One look(looks_, containers.front()->key, Looks::kCall);
  if (std::ranges::all_of(containers, [&](Watched* one) { return IsRuntimesHook(*one, what); })) {
    if (kernel_) ApproveTry(*kernel_, containers, what);
    return true;
  }
  const std::string path = PathOf(what.file);
  const std::optional<JudgedTry> judged = JudgeTry(containers, what, path);
  if (judged) Tell(*judged, what);
  if (judged && judged->stops()) return false;
  if (kernel_) ApproveTry(*kernel_, containers, what);
  for (Watched* container : containers) {
    if (!container->rule.learn || !what.execute || IsLoaderFile(what.file)) continue;
    Learn(*container, Observe(*container, what, path));
  }
  return true;
}

bool Enforcer::AllowHeld(const Watched& container, OpenTry what) {
  what.argv = ArgvPlace{};  // so that nobody looks for it
  const JudgedTry judged = JudgeHeld(container, PathOf(what.file));
  Tell(judged, what);
  return !judged.stops();
}

CallRuling Enforcer::Rule(const CallOrigin& origin, const NotifiedCall& call,
                          const std::function<bool()>& waits) {
  Watched* container = registry_.Find(origin.key);
  // One that could not be taken in: what it may do nobody knows.
  if (container == nullptr) return {.error = origin.audited ? 0 : EPERM};
  const bool held = looks_.Held(origin.key);
  std::optional<Looks::One> look;
  if (!held) look.emplace(looks_, origin.key, Looks::kCall);
  JudgedCall judged = held ? HeldCall(*container) : JudgeCall(*container, call, waits);
  if (judged.judged) {
    // While the task waits; told once it did not go back meanwhile, which is one try that is two.
    Event event = EventOf(*judged.judged, judged.what(call.task), tier_);
    std::string kind = judged.judged->finding.rule + " " + judged.judged->path;
    return {.error = judged.error,
            .then = [this, container, kind = std::move(kind), event = std::move(event)] {
              log_.Add(*container, kind, [&event] { return event; });
            }};
  }
  if (container->rule.learn && judged.error == 0 && judged.file.valid()) {
    Learn(*container, Observe(*container, judged.what(call.task), judged.path));
  }
  return {.error = judged.error};
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
  if (!WasAsked(container, event)) return false;
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
  unlink(NotePath(paths_, key).c_str());
}

void Enforcer::Tick() {
  if (std::exchange(registered_, false)) TrimMemory();
  TellKernelEvents();
  told_.Forget(MonotonicNow());
  log_.Tell();
}

}  // namespace runward
