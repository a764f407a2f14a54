#include "agent/command_event.h"

#include "agent/kernel_plan.h"
#include "agent/process_view.h"
#include "agent/try_view.h"
#include "agent/watch_volumes.h"
#include "oci/container_event.h"
#include "policy/wording.h"

namespace runward {
namespace {

constexpr size_t kArguments = 64;
constexpr size_t kLongest = 256;

Event Begin(const Watched& container, const CommandFinding& finding, EventAction action,
            const std::string& tier) {
  Event event = EventAbout(container.record, action);
  event.operation = "command";
  event.rule = finding.rule;
  event.reason = finding.reason;
  event.tier = tier;
  return event;
}

Event OfKey(const std::string& key, const std::string& tier) {
  Event event{.id = NewEventId(), .time = Now(), .action = EventAction::kError};
  event.operation = "command";
  event.tier = tier;
  event.container_id = key.substr(0, 12);
  return event;
}

void SetParent(Event& event, pid_t parent) {
  event.actor_pid = parent;
  event.parent = CommandNameOf(parent) + " (" + std::to_string(parent) + ")";
}

EventAction ActionOf(const JudgedTry& judged) {
  if (judged.stops()) return EventAction::kDenied;
  return judged.finding.denied ? EventAction::kWouldDeny : EventAction::kAllowed;
}

EventAction ActionOf(KernelDecision decision) {
  switch (decision) {
    case KernelDecision::kDenied:
    case KernelDecision::kKilled:
      return EventAction::kDenied;
    case KernelDecision::kWouldDeny:
      return EventAction::kWouldDeny;
    default:
      return EventAction::kAllowed;
  }
}

// Of an exec that the agent did not let go on: because there was none, or nobody asked it.
void TellUnasked(const Watched& container, const KernelEvent& event, Event& told) {
  if (AsksAboutAll(container, event.file.device)) {
    told.hint = "start runward-agent; runwardctl doctor says whether it answers";
    return;
  }
  told.reason =
      Quoted(event.filename) +
      " was executed from a filesystem or through a mount that the container did not have "
      "at its start, from memory, or while there was no runward-agent: nobody was asked, "
      "and rules of users, of exec or with patterns are the agent's to decide";
  told.hint =
      "mount it before the container starts, from a local filesystem; or name the commands in "
      "\"deny\" or \"allow\" without a pattern, in place of those rules";
}

}  // namespace

Event EventOf(const JudgedTry& judged, const OpenTry& what, const std::string& tier) {
  Event event = Begin(*judged.container, judged.finding, ActionOf(judged), tier);
  if (!what.execute) event.reason += ", and it was opened to be read";
  event.executable = judged.path;
  if (what.execute) event.args = ArgumentsOf(what, kArguments, kLongest).value_or(event.args);
  if (event.args.empty()) event.args = {judged.path};
  if (const auto status = StatusOf(what.task)) {
    event.user = std::to_string(status->uid) + ":" + std::to_string(status->gid);
    SetParent(event, status->parent);
  }
  return event;
}

Event EventOf(const Watched& container, const KernelEvent& event, const std::string& tier) {
  const CommandFinding finding =
      container.shut ? NothingIsExecuted() : FindingOf(event, container.commands);
  Event told = Begin(container, finding, ActionOf(event.decision), tier);
  if (event.cause == KernelCause::kUnasked && !container.shut) TellUnasked(container, event, told);
  if (event.decision == KernelDecision::kKilled) {
    told.reason += "; it was killed before its first instruction";
  }
  told.executable = event.filename;
  told.args = event.argv.empty() ? std::vector<std::string>{event.filename} : event.argv;
  told.user = std::to_string(event.uid) + ":" + std::to_string(event.gid);
  SetParent(told, static_cast<pid_t>(event.parent));
  return told;
}

Event EventOfLearning(const Watched& container, const Error& error, const std::string& tier) {
  const CommandFinding finding{
      .rule = "commands.learn",
      .reason = "what is executed is not recorded any more: " + error.message};
  Event event = Begin(container, finding, EventAction::kError, tier);
  event.hint = error.hint;
  return event;
}

Event EventOfLost(const Watched& container, uint64_t count, const std::string& tier) {
  const bool enforced = container.record.mode == Mode::kEnforce;
  const CommandFinding finding{.rule = "commands.lost",
                               .reason = std::to_string(count) +
                                         " more decisions about commands were made than there was "
                                         "room to tell of, all of them carried out"};
  return Begin(container, finding, enforced ? EventAction::kDenied : EventAction::kWouldDeny, tier);
}

Event EventOfNotTaken(const std::string& key, const Error& error, const std::string& tier) {
  Event event = OfKey(key, tier);
  event.rule = "commands.agent";
  event.reason =
      "a running container could not be taken in again, and nothing is executed in it (in audit "
      "mode it is not watched): " +
      error.message;
  event.hint = "stop it and start it again";
  return event;
}

Event EventOfHeld(const std::string& key, const std::string& tier) {
  Event event = OfKey(key, tier);
  event.rule = "commands.held";
  event.reason =
      "a filesystem or memory of this container kept runward-agent waiting longer than a look may "
      "take; nothing is executed in it for a while, longer each time that it happens again";
  event.hint = "see what serves its filesystems (FUSE), and stop it";
  return event;
}

}  // namespace runward
