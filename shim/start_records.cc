#include <unistd.h>

#include "base/clock.h"
#include "oci/command_record.h"
#include "oci/container_event.h"
#include "oci/network_record.h"
#include "oci/record.h"
#include "oci/recorded_starts.h"
#include "oci/run_record.h"
#include "oci/secret_record.h"
#include "shim/start_case.h"

namespace runward {
namespace {

Record RecordOf(const StartCase& now) {
  const bool own = now.user && now.user->mode == Mode::kEnforce;
  Record record = RecordOfStart(now.request.event, now.decision, getpid());
  record.run = FormatRunRule(now.controls.rule);
  record.user_profile = own ? now.user->profile : "";
  record.user_run = own ? FormatRunRule(now.user->run) : "";
  record.rootfs = now.root.rootfs;
  record.commands = FormatCommandRule(now.commands);
  record.secrets = FormatSecretRules(now.secrets);
  record.network = FormatNetworkRecord(now.policy, now.decision.profile);
  record.events = now.policy.events;
  return record;
}

}  // namespace

Result<void> KeepRecord(StartCase& now) {
  if (now.decision.outcome == Outcome::kDeny) return {};
  const Result<Recorded> kept = CreateRecord(now.request.paths, RecordOf(now));
  if (kept.ok() && kept.value() == Recorded::kIdInUse) {
    return Error{"container with given ID already exists", "delete it, or choose another id"};
  }
  now.request.recorded = kept.ok();
  if (!kept.ok() && now.decision.mode == Mode::kEnforce) return kept.error();
  return {};
}

Result<void> KeepConfiguration(StartCase& now) {
  const Result<std::string> kept = AppendRecordedStart(
      now.request.paths.log, {.event = now.request.event.id,
                              .bundle = now.bundle,
                              .exposed = now.exposed,
                              .rootfs = now.root.rootfs,
                              .image = now.root.image,
                              .sources = now.controls.host.sources,
                              .host_namespaces = now.controls.host.host_namespaces,
                              .config = now.recordable});
  Event& event = now.request.event;
  if (kept.ok()) {
    event.configuration_sha256 = kept.value();
  } else {
    event.warnings.insert(event.warnings.begin(),
                          "its configuration was not recorded: " + kept.error().message);
  }
  return {};
}

}  // namespace runward
