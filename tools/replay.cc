#include "tools/replay.h"

#include <algorithm>
#include <optional>

#include "oci/accounts.h"
#include "oci/container.h"
#include "oci/host_look.h"
#include "oci/image.h"
#include "oci/load.h"
#include "oci/start_controls.h"
#include "policy/controls.h"

namespace runward {
namespace {

// The image as far as an event alone tells of it.
ImageEvidence EvidenceOf(const Event& event) {
  ImageEvidence image{.store = event.image_store, .chain = Digest::Parse(event.image_chain)};
  if (image.chain) image.prefixes = {*image.chain};
  if (const auto config = Digest::Parse(event.image_config)) {
    image.configs = {*config};
    image.config_certain = true;
  }
  image.unsigned_name = event.image_name;
  image.why = "its record names no image";
  return image;
}

// What of the policy cannot be judged without the configuration.
bool NeedsConfig(const Policy& policy, const ImageEvidence& image, const Decision& decision) {
  if (!image.chain) return true;  // a listed path, or nothing at all
  for (const Profile& profile : policy.profiles) {
    if (!profile.match.base_chains.empty()) return true;
    if (profile.name == decision.profile && profile.run) return true;
  }
  return false;
}

// Gives names of accounts their numbers, as long as the image that has them is still mounted.
bool Resolved(const Event& event, const RecordedStart& recorded, RunRule& rule) {
  if (rule.users.names.empty() && rule.groups.names.empty()) return true;
  const std::optional<ContainerId> id = ContainerId::Parse(event.container_id);
  if (recorded.rootfs.empty() || !id) return false;
  const Result<ImageEvidence> now = IdentifyImage(recorded.rootfs, *id);
  if (!now.ok() || !now.value().chain || now.value().chain != recorded.image.chain) return false;
  ResolveAccounts(recorded.rootfs, rule);
  return true;
}

void Refuse(Decision& decision, std::string rule, std::string reason) {
  decision.outcome = decision.mode == Mode::kEnforce ? Outcome::kDeny : Outcome::kWouldDeny;
  decision.rule = std::move(rule);
  decision.reason = std::move(reason);
}

// As a start does it (shim/gate_start.cc), by what was recorded.
Result<void> Control(const Paths& paths, const Policy& policy, const RecordedStart& recorded,
                     Replayed& replayed) {
  Decision& decision = replayed.after;
  decision = WithExposure(std::move(decision), recorded.exposed);
  if (decision.outcome == Outcome::kDeny) return {};
  const JsonDocument config = TRY(JsonDocument::Parse(recorded.config));
  const Result<ContainerConfig> read = ContainerOf(config.root(), recorded.bundle);
  if (!read.ok()) {  // in whatever mode
    Refuse(decision, "error.controls", read.error().message);
    decision.outcome = Outcome::kDeny;
    return {};
  }
  const ContainerConfig& container = read.value();
  RunRule rule = RuleOf(policy, decision.profile);
  if (!Resolved(*replayed.event, recorded, rule)) {
    replayed.undecided = "the profile names accounts, and the image that has them is not mounted";
    return {};
  }
  HostView host{.sources = recorded.sources, .host_namespaces = recorded.host_namespaces};
  TRY(LookAgain(container, rule, OwnDirectories(paths), host));
  decision = WithFindings(std::move(decision), JudgeContainer(rule, container, host));
  if (decision.outcome != Outcome::kAllow || decision.mode == Mode::kAudit) return {};
  const Result<std::string> composed = WithDeniedSyscalls(config, rule.denied_syscalls);
  if (!composed.ok()) Refuse(decision, "error.seccomp", composed.error().message);
  return {};
}

// What only a start itself can judge: what is executed or read, and what the host has by then.
void LeaveOut(const Policy& policy, Replayed& replayed) {
  if (!replayed.undecided.empty() || replayed.after.outcome != Outcome::kAllow) return;
  const auto governing = std::ranges::find(policy.profiles, replayed.after.profile, &Profile::name);
  if (governing == policy.profiles.end()) return;
  if (governing->commands || governing->network || governing->secrets) {
    replayed.undecided = "its profile's commands, network or secrets are judged at a start only";
  }
}

}  // namespace

void RecordedStarts::Add(const Event& event) {
  const bool start =
      event.operation == "create" || event.operation == "run" || event.operation == "restore";
  if (!start || event.action == EventAction::kError) return;
  const std::string key = event.container_root + "\n" + event.container_id;
  const auto known = newest_.find(key);
  if (known != newest_.end()) {
    known->second = event;
  } else if (newest_.size() < kMost) {
    newest_.emplace(key, event);
  } else {
    ++uncounted_;
  }
}

std::vector<const Event*> RecordedStarts::Oldest() const {
  std::vector<const Event*> all;
  all.reserve(newest_.size());
  for (const auto& [key, event] : newest_) all.push_back(&event);
  std::ranges::stable_sort(
      all, [](const Event* one, const Event* other) { return one->time < other->time; });
  return all;
}

EventAction ActionOf(const Decision& decision) {
  if (decision.outcome == Outcome::kAllow) return EventAction::kAllowed;
  return decision.outcome == Outcome::kDeny ? EventAction::kDenied : EventAction::kWouldDeny;
}

bool Replayed::Differs() const {
  if (!undecided.empty()) return false;
  if (ActionOf(after) != event->action) return true;
  return event->action != EventAction::kAllowed && after.rule != event->rule;
}

Result<Replayed> Replay(const Paths& paths, const Policy& policy, const Event& event,
                        const RecordedStart* recorded, Time now) {
  Replayed replayed{.event = &event};
  const ImageEvidence image = recorded != nullptr ? recorded->image : EvidenceOf(event);
  const auto found = TRY(LoadVerdicts(paths, policy, image));
  const Start start = event.operation == "restore" ? Start::kRestore : Start::kCreate;
  replayed.after = Decide(policy, image, found, start, now);
  if (recorded != nullptr) {
    TRY(Control(paths, policy, *recorded, replayed));
  } else if (NeedsConfig(policy, image, replayed.after)) {
    replayed.undecided = event.configuration_sha256.empty()
                             ? "its configuration was not recorded"
                             : "its recorded configuration is gone, or was changed";
  }
  LeaveOut(policy, replayed);
  return replayed;
}

}  // namespace runward
