#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "base/event_text.h"
#include "base/file.h"
#include "base/trusted_path.h"
#include "oci/agent_client.h"
#include "oci/load.h"
#include "oci/verdict_store.h"
#include "tools/doctor.h"
#include "tools/run_program.h"
#include "tools/setup.h"
#include "tools/verdict.h"
#include "tools/verdict_view.h"

namespace runward {
namespace {

constexpr int64_t kSoon = int64_t{3} * 24 * 3600 * 1'000'000'000;

std::string Ctl(const Paths& paths, const std::string& words) {
  return "runwardctl " + (paths.root_flag.empty() ? "" : paths.root_flag + " ") + words;
}

void CheckPolicy(const Paths& paths, const Result<Policy>& policy, Findings& found) {
  if (FileMissing(paths.policy)) {
    found.push_back({"policy.missing", true, "there is no policy, and so nothing starts",
                     Ctl(paths, "policy init")});
  } else if (!policy.ok()) {
    found.push_back(
        {"policy.bad", true,
         "the policy cannot be used, and so nothing starts: " + policy.error().message,
         policy.error().hint.empty() ? Ctl(paths, "policy check") : policy.error().hint});
  } else if (const auto& profiles = policy.value().profiles;
             !profiles.empty() && std::ranges::all_of(profiles, [](const Profile& profile) {
               return profile.mode == Mode::kAudit;
             })) {
    found.push_back(
        {"policy.audit", false, "every profile is in audit mode: nothing is refused",
         Ctl(paths, "report summary") + "; then " +
             Ctl(paths, "policy promote " + std::string(profiles.front().name) + " --quiet 7d")});
  }
}

void CheckDirectories(const Paths& paths, Findings& found) {
  const std::string keys = paths.policy.substr(0, paths.policy.rfind('/')) + "/keys";
  for (const std::string& directory : {keys, paths.verdicts, paths.run, paths.log}) {
    if (FileMissing(directory)) continue;
    const auto trusted = ResolveTrusted(directory);
    if (trusted.ok()) continue;
    found.push_back({"files.owner", true, trusted.error().message, trusted.error().hint});
  }
  struct stat info {};
  if (stat(paths.log.c_str(), &info) == 0 && (info.st_mode & 077) != 0) {
    found.push_back({"files.log", true, "\"" + paths.log + "\" can be read by others than root",
                     "chmod 0700 " + paths.log});
  }
}

void CheckPrograms(const Paths& paths, Findings& found) {
  const auto runward = ProgramBeside("runward");
  const auto hook = ProgramBeside("runward-hook");
  if (!hook.ok()) {
    found.push_back(
        {"program.hook", true, hook.error().message, "apt install --reinstall runward"});
  }
  if (!runward.ok()) {
    found.push_back(
        {"program.runward", true, runward.error().message, "apt install --reinstall runward"});
    return;
  }
  // As an engine asks: it answers with the real runtime's version, or says what is wrong with that.
  std::vector<std::string> words = {runward.value()};
  if (!paths.root_flag.empty()) words.push_back(paths.root_flag);
  words.emplace_back("--version");
  const auto answer = RunProgram(words);
  if (answer.ok() && answer.value().status == 0) return;
  std::string why = answer.ok() ? answer.value().text : answer.error().message;
  why.erase(std::min(why.find('\n'), why.size()));
  found.push_back({"program.real-runtime", true, Printable(why),
                   "apt install runc, or name the runtime in " + paths.runtime});
}

// Whether what enforces command rules answers, where the policy has some.
void CheckAgent(const Paths& paths, const Result<Policy>& policy, Findings& found) {
  if (!policy.ok()) return;
  const auto ruled = [](const Profile& profile) { return static_cast<bool>(profile.commands); };
  if (std::ranges::none_of(policy.value().profiles, ruled)) return;
  const Result<AgentStatus> status = AskAgent(paths);
  if (!status.ok()) {
    found.push_back({"commands.agent", true,
                     "containers with command rules do not start: " + status.error().message,
                     status.error().hint});
    return;
  }
  const std::string& why = status.value().passed_over;
  found.push_back({"commands.tier", false,
                   "command rules are enforced by " + Printable(status.value().tier) + ", in " +
                       std::to_string(status.value().containers) + " containers now" +
                       (why.empty() ? "" : "; what is better was passed over: " + Printable(why)),
                   "docs/commands.md says what that leaves open"});
}

// The newest verdict that counts, of one digest, against the clock.
void CheckExpiry(const Paths& paths, const std::string& text, const std::vector<TrustedKey>& trust,
                 Time now, Findings& found) {
  std::optional<Verdict> newest;
  for (const std::string_view envelope : SplitEnvelopes(text)) {
    const VerdictView view = ViewOf(envelope, trust);
    const auto& verdict = view.checked.verdict;
    if (verdict && (!newest || newest->time_verified < verdict->time_verified)) newest = verdict;
  }
  if (!newest || !newest->expires_at || newest->expires_at->ns - now.ns > kSoon) return;
  const bool over = *newest->expires_at < now;
  found.push_back({over ? "verdict.expired" : "verdict.expires", false,
                   "the verdict on \"" + Printable(newest->resource_uri) + "\" " +
                       (over ? "expired" : "expires") + " at " + FormatTime(*newest->expires_at),
                   "sign a new one: " + Ctl(paths, "verdict sign --help")});
}

void CheckVerdicts(const Paths& paths, const Result<Policy>& policy, Time now, Findings& found) {
  if (!policy.ok()) return;
  const auto digests = FiledDigests(paths);
  if (!digests.ok()) {
    found.push_back({"verdict.store", true, digests.error().message, digests.error().hint});
    return;
  }
  for (const Digest& digest : digests.value()) {
    const auto text = ReadVerdictFile(paths, digest);
    if (text.ok()) {
      CheckExpiry(paths, text.value(), policy.value().trust, now, found);
    } else {
      found.push_back({"verdict.store", true, text.error().message, text.error().hint});
    }
  }
}

}  // namespace

Findings CheckInstallation(const Paths& paths, Time now) {
  Findings found;
  const Result<Policy> policy = LoadPolicy(paths);
  CheckPolicy(paths, policy, found);
  CheckDirectories(paths, found);
  CheckPrograms(paths, found);
  CheckAgent(paths, policy, found);
  CheckVerdicts(paths, policy, now, found);
  // One verdict is filed under several digests.
  const auto same = [](const Finding& a, const Finding& b) {
    return a.id == b.id && a.what == b.what;
  };
  std::ranges::stable_sort(found, [](const Finding& a, const Finding& b) {
    return std::pair(a.id, a.what) < std::pair(b.id, b.what);
  });
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  return found;
}

}  // namespace runward
