#include "agent/container_event.h"

#include "base/event_log.h"

namespace runward {

Event EventAbout(const Record& record, EventAction action) {
  Event event{.id = NewEventId(), .time = Now(), .action = action};
  event.profile = record.profile;
  event.mode = record.mode == Mode::kAudit ? "audit" : "enforce";
  event.policy_sha256 = record.policy_sha256;
  event.container_id = record.id;
  event.container_root = record.root;
  event.bundle = record.bundle;
  event.image_name = record.image;
  event.image_chain = record.image_chain;
  event.image_config = record.image_config;
  event.image_store = record.image_store;
  return event;
}

void LogEvent(const Paths& paths, const Event& event, const EventRule& rule) {
  const EventLogOptions options{
      .fdatasync = rule.fdatasync, .rotate_bytes = rule.rotate_bytes, .keep = rule.keep};
  (void)AppendEvent(paths.log, event, options).ok();
}

}  // namespace runward
