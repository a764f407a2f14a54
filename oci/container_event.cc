#include "oci/container_event.h"

namespace runward {

Event EventAbout(const Record& record, EventAction action) {
  Event event{.id = NewEventId(), .time = Now(), .action = action};
  event.container_id = record.id;
  event.container_root = record.root;
  SetRecorded(event, record);
  return event;
}

void SetRecorded(Event& event, const Record& record) {
  event.profile = record.profile;
  event.mode = record.mode == Mode::kAudit ? "audit" : "enforce";
  event.policy_sha256 = record.policy_sha256;
  event.bundle = record.bundle;
  event.image_name = record.image;
  event.image_chain = record.image_chain;
  event.image_config = record.image_config;
  event.image_store = record.image_store;
}

void SetDecision(Event& event, const Decision& decision) {
  constexpr EventAction kActions[] = {EventAction::kAllowed, EventAction::kWouldDeny,
                                      EventAction::kDenied};
  event.action = kActions[static_cast<int>(decision.outcome)];
  event.rule = decision.rule;
  event.reason = decision.reason;
  event.hint = decision.hint;
  event.warnings = decision.warnings;
  event.profile = decision.profile;
  event.mode = decision.mode == Mode::kAudit ? "audit" : "enforce";
  event.image_name = decision.image;
  event.verdict_sha256 = decision.verdict_sha256;
  event.key = decision.key;
}

void SetImage(Event& event, const ImageEvidence& image) {
  event.image_store = image.store;
  if (image.chain) event.image_chain = image.chain->text();
  if (image.config_certain) event.image_config = image.configs.front().text();
}

Record RecordOfStart(const Event& event, const Decision& decision, pid_t creator) {
  return {.id = event.container_id,
          .root = event.container_root,
          .bundle = event.bundle,
          .event = event.id,
          .time = FormatTime(event.time),
          .would_deny = decision.outcome == Outcome::kWouldDeny,
          .rule = event.rule,
          .profile = event.profile,
          .mode = decision.mode,
          .policy_sha256 = event.policy_sha256,
          .image = event.image_name.substr(0, 1024),
          .image_chain = event.image_chain,
          .image_config = event.image_config,
          .image_store = event.image_store,
          .verdict_sha256 = event.verdict_sha256,
          .key = event.key,
          .creator = creator,
          .creator_start = StartTimeOf(creator),
          .creator_namespace = PidNamespace()};
}

EventLogOptions LogOptions(const EventRule& rule) {
  return {.fdatasync = rule.fdatasync, .rotate_bytes = rule.rotate_bytes, .keep = rule.keep};
}

void LogEvent(const Paths& paths, const Event& event, const EventLogOptions& options) {
  (void)AppendEvent(paths.log, event, options).ok();
}

}  // namespace runward
