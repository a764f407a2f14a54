#include "tools/replay.h"

#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "base/trusted_path.h"
#include "oci/image.h"
#include "oci/load.h"
#include "oci/root_cover.h"
#include "oci/spec.h"
#include "oci/start_controls.h"

namespace runward {
namespace {

// A configuration is written before its start, and by runward itself within this time after it.
constexpr int64_t kSlack = 2'000'000'000;  // ns

struct Recorded {
  std::optional<JsonDocument> config;  // absent: gone, or no longer the recorded one
  ImageEvidence image;
  std::string rootfs;  // resolved; "" when it could not be
};

Result<JsonDocument> ConfigOf(const Event& event) {
  const std::string path = event.bundle + "/config.json";
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return Error{"its bundle is gone", ""};
  const int64_t changed = int64_t{file.st_mtim.tv_sec} * 1'000'000'000 + file.st_mtim.tv_nsec;
  if (changed > event.time.ns + kSlack) return Error{"its configuration was changed since", ""};
  std::string text = TRY(ReadFileCapped(path, kMaxSpecBytes, Trust::kAnyone));
  return ReadSpec(std::move(text), path);
}

// As a start finds out what is mounted (shim/gate_start.cc).
Result<void> Identify(const Event& event, Recorded& recorded) {
  const Spec spec = TRY(SpecFrom(*recorded.config, event.bundle + "/config.json", event.bundle));
  const Result<std::string> rootfs = ResolveUnderTrusted(spec.rootfs);
  ImageEvidence& image = recorded.image;
  if (!rootfs.ok()) {
    image.why = rootfs.error().message;
    return {};
  }
  recorded.rootfs = rootfs.value();
  const std::optional<ContainerId> id = ContainerId::Parse(event.container_id);
  const RootCover cover = FindRootCover(spec, rootfs.value());
  if (!id || !cover.why.empty()) {
    image.why = cover.why;
  } else {
    image = TRY(IdentifyImage(rootfs.value(), *id));
  }
  if (image.unsigned_name.empty()) image.unsigned_name = spec.unsigned_name;
  return {};
}

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

Recorded Look(const Event& event, std::string& why) {
  Recorded recorded;
  Result<JsonDocument> config = ConfigOf(event);
  if (!config.ok()) {
    why = config.error().message;
  } else {
    recorded.config = std::move(config).value();
    const Result<void> identified = Identify(event, recorded);
    const std::string chain = recorded.image.chain ? recorded.image.chain->text() : "";
    if (identified.ok() && chain == event.image_chain) return recorded;
    why = "its root filesystem is no longer mounted";
  }
  return {.image = EvidenceOf(event)};
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

Result<void> Control(const Paths& paths, const Policy& policy, const Event& event,
                     const Recorded& recorded, Decision& decision) {
  const Result<std::string> trusted = ResolveTrusted(event.bundle + "/config.json");
  if (!trusted.ok() && decision.outcome == Outcome::kAllow) {
    decision.outcome = decision.mode == Mode::kEnforce ? Outcome::kDeny : Outcome::kWouldDeny;
    decision.rule = "bundle.exposed";
    decision.reason = trusted.error().message;
  }
  if (decision.outcome == Outcome::kDeny) return {};
  const StartControls controls = TRY(JudgeStart(paths, RuleOf(policy, decision.profile),
                                                {*recorded.config, event.bundle, recorded.rootfs}));
  decision = WithFindings(std::move(decision), controls.findings);
  return {};
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

Result<Replayed> Replay(const Paths& paths, const Policy& policy, const Event& event, Time now) {
  Replayed replayed{.event = &event};
  std::string why;
  const Recorded recorded = Look(event, why);
  const auto found = TRY(LoadVerdicts(paths, policy, recorded.image));
  const Start start = event.operation == "restore" ? Start::kRestore : Start::kCreate;
  replayed.after = Decide(policy, recorded.image, found, start, now);
  if (recorded.config) {
    TRY(Control(paths, policy, event, recorded, replayed.after));
  } else if (NeedsConfig(policy, recorded.image, replayed.after)) {
    replayed.undecided = why;
  }
  return replayed;
}

}  // namespace runward
