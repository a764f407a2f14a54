#include "shim/secret_controls.h"

#include <algorithm>

#include "base/trusted_path.h"
#include "oci/agent_client.h"
#include "oci/record.h"
#include "oci/secret_config.h"

namespace runward {
namespace {

struct Obstacle {
  std::string rule;
  std::string reason;
  std::string hint;
};

std::optional<Obstacle> FindObstacle(const StartCase& now) {
  if (now.request.above) {
    return Obstacle{"secrets.rootless", "secrets are for root's engines only",
                    "use a profile without \"secrets\" for users' engines"};
  }
  if (now.request.call.subcommand->name == "restore") {
    return Obstacle{"secrets.restore", "a restore gives no moment to place secrets",
                    "start the container anew"};
  }
  if (!now.spec.own_mount_namespace) {
    return Obstacle{"secrets.namespace", "secrets need a mount namespace of the container's own",
                    "do not share another's"};
  }
  if (!now.decision.vouched_for) {
    return Obstacle{"secrets.identity",
                    "the profile has secrets, and nothing that is signed or listed says that they "
                    "are for this image",
                    "runwardctl verdict sign it, or list its chain in the profile's match"};
  }
  return std::nullopt;
}

uint32_t IdOf(const JsonValue& user, std::string_view name) {
  const Result<int64_t> id = user.Find(name).Int();
  return id.ok() ? static_cast<uint32_t>(id.value()) : 0;
}

// Whose users have other numbers outside, which are known once it is made.
bool OwnUserNamespace(const StartCase& now) {
  for (const JsonValue one : now.document->root().Find("linux").Find("namespaces")) {
    if (one.Find("type").text() == "user") return true;
  }
  return false;
}

void Withhold(StartCase& now, std::string_view why) {
  now.decision.warnings.push_back("it receives none of its profile's secrets: " + std::string(why));
}

}  // namespace

Result<void> ControlSecrets(StartCase& now) {
  if (now.decision.outcome == Outcome::kDeny) return {};
  std::vector<SecretRule> rules = SecretRulesOf(now.policy, now.decision.profile);
  if (rules.empty()) return {};
  if (now.decision.outcome == Outcome::kWouldDeny) {
    Withhold(now, "it would be refused");
  } else if (const std::optional<Obstacle> found = FindObstacle(now)) {
    now.decision = WithObstacle(std::move(now.decision), found->rule, found->reason, found->hint);
    if (now.decision.outcome != Outcome::kDeny) Withhold(now, found->reason);
  } else {
    const JsonValue user = now.document->root().Find("process").Find("user");
    for (SecretRule& rule : rules) {
      if (!rule.uid) rule.uid = IdOf(user, "uid");
      if (!rule.gid) rule.gid = IdOf(user, "gid");
    }
    now.secrets = std::move(rules);
  }
  SetDecision(now.request, now.decision);
  return {};
}

Result<void> PrepareSecrets(StartCase& now) {
  if (now.secrets.empty()) return {};
  std::string helper;
  const bool values =
      std::ranges::any_of(now.secrets, [](const SecretRule& rule) { return !rule.env.empty(); });
  if (values) {
    const std::string program = TRY(Resolve("/proc/self/exe"));
    Result<std::string> found =
        ResolveTrusted(program.substr(0, program.rfind('/')) + "/runward-env");
    if (!found.ok()) return Error{found.error().message, "install runward-env beside runward"};
    helper = std::move(found).value();
  }
  return now.result->AddSecretVariables(now.secrets, helper);
}

void HaveSecretsReady(const StartCase& now) {
  if (now.secrets.empty() || OwnUserNamespace(now)) return;
  AnnounceSecrets(now.request.paths, RecordKey(now.request.root, now.request.event.container_id));
}

}  // namespace runward
