#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>

#include "base/file.h"
#include "base/trusted_path.h"
#include "oci/agent_client.h"
#include "oci/container_event.h"
#include "oci/load.h"
#include "oci/our_hook.h"
#include "oci/peer_task.h"
#include "oci/record.h"
#include "oci/recorded_config.h"
#include "oci/spec.h"
#include "oci/start_controls.h"
#include "shim/command_controls.h"
#include "shim/exec_controls.h"
#include "shim/gates.h"
#include "shim/governing.h"
#include "shim/network_controls.h"
#include "shim/secret_controls.h"
#include "shim/start_case.h"

namespace runward {
namespace {

// The bundle and the configuration as the real runtime will find them, put into its arguments in
// full, so that a working directory or a symlink cannot make them others.
Result<void> FindBundle(StartCase& now) {
  Invocation& call = now.request.call;
  const std::optional<std::string> config = call.Value("config");
  const std::string given = call.Value("bundle").value_or(".");
  if (given.empty()) return Error{"--bundle is empty", ""};
  now.bundle = TRY(Resolve(given));
  call.Set("bundle", now.bundle);
  now.config = now.bundle + "/config.json";
  // crun looks for any other name from its working directory, not from the bundle.
  if (config && *config != "config.json") {
    const size_t slash = config->rfind('/');
    const std::string directory = slash == std::string::npos ? "." : config->substr(0, slash + 1);
    const std::string name = slash == std::string::npos ? *config : config->substr(slash + 1);
    now.config = TRY(Resolve(directory)) + "/" + name;
    call.Set("config", now.config);
  }
  now.request.event.bundle = now.bundle;
  return {};
}

Result<void> ReadSpec(StartCase& now) {
  std::string text = TRY(ReadFileCapped(now.config, kMaxSpecBytes, Trust::kAnyone));
  now.document = TRY(runward::ReadSpec(std::move(text), now.config));
  now.spec = TRY(SpecFrom(*now.document, now.config, now.bundle));
  const Result<std::string> trusted = ResolveTrusted(now.config);
  if (!trusted.ok()) now.exposed = trusted.error().message;
  const Process& process = now.spec.process;
  SetProcess(now.request.event, process.args, process.env, process.user);
  return {};
}

Result<void> ReadPolicy(StartCase& now) {
  now.policy = TRY(LoadGoverning(now.request));
  now.request.event.policy_sha256 = now.policy.digest;
  now.request.log = LogOptions(now.policy.events);
  return {};
}

Result<void> Identify(StartCase& now) {
  now.root = TRY(LookAtRoot(now.spec, *ContainerId::Parse(now.request.call.id())));
  SetImage(now.request.event, now.root.image);
  now.request.event.image_name = now.root.image.unsigned_name;
  return {};
}

Result<void> FindVerdicts(StartCase& now) {
  now.found = TRY(LoadVerdicts(GoverningPaths(now.request), now.policy, now.root.image));
  return {};
}

Result<void> Judge(StartCase& now) {
  const bool restore = now.request.call.subcommand->name == "restore";
  const Start start = restore ? Start::kRestore : Start::kCreate;
  now.decision = Decide(now.policy, now.root.image, now.found, start, now.request.event.time);
  Judged judged = TRY(JudgeAsUser(now.request, now.root.image, start, std::move(now.decision)));
  now.decision = std::move(judged.decision);
  now.user = std::move(judged.user);
  now.decision = WithExposure(std::move(now.decision), now.exposed);
  SetDecision(now.request, now.decision);
  return {};
}

// What the command line asks for, beside the configuration.
void AddCallsFindings(const StartCase& now, StartControls& controls) {
  const CallAsked asked = AskedBy(now.request.call, now.request.runtime.args);
  for (RunFinding& finding : JudgeCall(controls.rule, asked)) {
    controls.findings.push_back(std::move(finding));
  }
}

Result<void> ControlAsUser(StartCase& now, const Starting& start) {
  StartControls own = TRY(JudgeStart(now.request.paths, std::move(now.user->run), start));
  AddCallsFindings(now, own);
  now.decision = WithUsersFindings(std::move(now.decision), *now.user, own.findings);
  now.user->run = std::move(own.rule);
  if (now.user->mode != Mode::kEnforce) return {};
  std::vector<std::string> both;
  std::ranges::set_union(now.denied_syscalls, now.user->run.denied_syscalls,
                         std::back_inserter(both));
  now.denied_syscalls = std::move(both);
  return {};
}

// What a container may be, once its image may start. In audit mode all is looked at and nothing
// changed.
Result<void> Control(StartCase& now) {
  now.recordable = RecordableConfig(*now.document);
  const Starting start{*now.document, now.bundle, now.root.rootfs};
  Result<StartControls> judged =
      JudgeStart(now.request.paths, RuleOf(now.policy, now.decision.profile), start);
  const bool denied = now.decision.outcome == Outcome::kDeny;
  if (!judged.ok()) return denied ? Result<void>() : judged.error();
  now.controls = std::move(judged).value();
  AddCallsFindings(now, now.controls);
  now.request.event.checks = std::move(now.controls.checks);
  if (denied) return {};  // they are looked at for what is recorded alone
  now.decision = WithFindings(std::move(now.decision), now.controls.findings);
  if (now.decision.mode == Mode::kEnforce) {
    now.denied_syscalls = now.controls.rule.denied_syscalls;
  } else {
    std::string closed = WouldClose(*now.document, now.controls.rule.denied_syscalls);
    if (!closed.empty()) now.decision.warnings.push_back(std::move(closed));
  }
  if (now.user) TRY(ControlAsUser(now, start));
  SetDecision(now.request, now.decision);
  return {};
}

Result<void> DropOldHook(StartCase& now) {
  now.result.emplace(*now.document, now.config);
  return now.decision.outcome == Outcome::kDeny
             ? Result<void>()
             : now.result->DropOldHook(CallSocket(now.request.paths));
}

Result<void> Compose(StartCase& now) {
  if (now.decision.outcome == Outcome::kDeny) return {};
  return now.result->Deny(now.denied_syscalls);
}

// Where only a look at the finished mounts can tell whether the root is what was identified, the
// runtime is made to take that look, in every container that may not start otherwise; and where
// commands are ruled, to tell the agent of the container, to install the network's rules, to tell
// those of others of it, and to place its secrets.
Result<void> Hook(StartCase& now) {
  const Decision& decision = now.decision;
  if (decision.outcome == Outcome::kDeny) return {};
  const bool check = now.root.cover.uncertain && decision.mode == Mode::kEnforce;
  const bool tell = !now.tier.empty();
  const bool supply = !now.secrets.empty();
  const bool network = InstallsNetwork(now);
  const bool peer = JoinsPeers(now);
  if (!check && !tell && !supply && !network && !peer) return {};
  if (check && now.request.call.subcommand->name == "restore") {
    return Error{"a mount lies inside another volume, and a restore gives no moment to check it",
                 "start the container anew"};
  }
  HookTask task{.audit = decision.mode == Mode::kAudit, .tier = now.tier};
  const std::string key = RecordKey(now.request.root, now.request.event.container_id);
  if (tell) task.key = key;
  if (supply) task.supply = key;
  if (network) task.network = key;
  if (peer) task.peer = PeerTaskFor(decision, key);
  const HookEntry hook =
      TRY(OurHookFor(now.request.paths, check ? now.root.image.rootfs : "", std::move(task)));
  return now.result->AddHook(hook);
}

// By rename: the real runtime reads the old file or the new one, never half of it.
Result<void> Rewrite(StartCase& now) {
  if (!now.result->changed()) return {};
  struct stat file {};
  if (stat(now.config.c_str(), &file) != 0) {
    return ErrnoError("stat \"" + now.config + "\"", errno);
  }
  Result<void> written =
      WriteFileAtomic(now.config, now.result->text(), file.st_mode & 0777, false);
  if (written.ok()) return written;
  return Error{written.error().message + ", and this container needs a change of its config.json",
               "give the runtime a bundle that it can write"};
}

struct Step {
  std::string_view rule;  // of the event when the step fails
  Result<void> (*run)(StartCase&);
};

constexpr std::array kSteps = {
    Step{"error.bundle", FindBundle},
    Step{"error.config", ReadSpec},
    Step{"error.policy", ReadPolicy},
    Step{"error.image", Identify},
    Step{"error.verdicts", FindVerdicts},
    Step{"error.decision", Judge},
    Step{"error.controls", Control},
    Step{"error.commands", ControlCommands},
    Step{"error.network", ControlNetwork},
    Step{"error.secrets", ControlSecrets},
    Step{"error.root-check", DropOldHook},
    Step{"error.commands", PrepareCommands},
    Step{"error.secrets", PrepareSecrets},
    Step{"error.seccomp", Compose},
    Step{"error.network", WithholdNetwork},
    Step{"error.root-check", Hook},
    Step{"error.config", Rewrite},
    Step{"error.record", KeepRecord},
    Step{"error.recording", KeepConfiguration},
};

}  // namespace

std::optional<Refusal> GateStart(Request& request) {
  StartCase now{.request = request};
  for (const Step& step : kSteps) {
    const Result<void> done = step.run(now);
    if (!done.ok()) return Fail(request, done.error(), std::string(step.rule));
  }
  if (now.decision.outcome == Outcome::kDeny) return Deny(request);
  const bool needed = now.decision.mode == Mode::kEnforce && now.policy.events.required;
  std::optional<Refusal> unlogged = LogAllowed(request, needed);
  if (!unlogged) HaveSecretsReady(now);
  return unlogged;
}

}  // namespace runward
