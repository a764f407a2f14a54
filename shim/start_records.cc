#include <unistd.h>

#include "base/clock.h"
#include "oci/command_record.h"
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
  const Event& event = now.request.event;
  return {.id = event.container_id,
          .root = now.request.root,
          .bundle = now.bundle,
          .event = event.id,
          .time = FormatTime(event.time),
          .would_deny = now.decision.outcome == Outcome::kWouldDeny,
          .rule = event.rule,
          .profile = event.profile,
          .mode = now.decision.mode,
          .policy_sha256 = event.policy_sha256,
          .image = event.image_name.substr(0, 1024),
          .image_chain = event.image_chain,
          .image_config = event.image_config,
          .image_store = event.image_store,
          .verdict_sha256 = event.verdict_sha256,
          .key = event.key,
          .run = FormatRunRule(now.controls.rule),
          .user_profile = own ? now.user->profile : "",
          .user_run = own ? FormatRunRule(now.user->run) : "",
          .rootfs = now.root.rootfs,
          .commands = FormatCommandRule(now.commands),
          .secrets = FormatSecretRules(now.secrets),
          .network = FormatNetworkRecord(now.policy, now.decision.profile),
          .events = now.policy.events,
          .creator = getpid(),
          .creator_start = StartTimeOf(getpid()),
          .creator_namespace = PidNamespace()};
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
