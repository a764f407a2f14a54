#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/event_text.h"
#include "oci/container_event.h"
#include "oci/load.h"
#include "tools/network_apply.h"
#include "tools/options.h"
#include "tools/policy_commands.h"
#include "tools/report.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;
using What = NetworkApplication::What;

std::string_view WordOf(What what, bool dry) {
  switch (what) {
    case What::kUnchanged:
      return "unchanged";
    case What::kChanged:
      return dry ? "would change" : "changed";
    case What::kNotChanged:
      return "not changed";
    default:
      return "failed";
  }
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

void Log(const Paths& paths, const Policy& policy, const NetworkApplication& one) {
  const bool failed = one.what == What::kFailed;
  Event event = EventAbout(one.record, failed ? EventAction::kError : EventAction::kAllowed);
  event.operation = "apply";
  event.rule = "network.apply";
  event.reason = failed ? one.why : Joined(one.changes);
  event.hint = one.hint;
  event.policy_sha256 = policy.digest;
  const Result<void> logged = AppendEvent(paths.log, event, LogOptions(policy.events));
  if (!logged.ok()) PrintError(logged.error());
}

Json JsonOf(const NetworkApplication& one, bool dry) {
  const Record& record = one.record;
  Json json = {{"container", record.id},
               {"root", record.root},
               {"image", record.image},
               {"profile", record.profile},
               {"mode", record.mode == Mode::kAudit ? "audit" : "enforce"},
               {"result", WordOf(one.what, dry)},
               {"changes", one.changes},
               {"connections_cut", one.denied.cut},
               {"connections_kept", one.denied.kept}};
  if (!one.why.empty()) json["why"] = one.why;
  if (!one.hint.empty()) json["hint"] = one.hint;
  return json;
}

void PrintTable(const std::vector<NetworkApplication>& all, bool dry) {
  constexpr size_t kId = 12;
  std::vector<std::vector<std::string>> rows = {
      {"CONTAINER", "RESULT", "CUT", "KEPT", "PROFILE", "IMAGE"}};
  for (const NetworkApplication& one : all) {
    rows.push_back({Printable(one.record.id.substr(0, kId)), std::string(WordOf(one.what, dry)),
                    std::to_string(one.denied.cut), std::to_string(one.denied.kept),
                    Printable(one.record.profile), Printable(one.record.image)});
  }
  const std::vector<std::string> lines = Aligned(rows, {2, 3});
  Print(lines.front() + "\n");
  for (size_t i = 0; i < all.size(); ++i) {
    Print(lines[i + 1] + "\n");
    for (const std::string& change : all[i].changes) Print("    " + Printable(change) + "\n");
    if (all[i].why.empty()) continue;
    Print("    " + Printable(all[i].why) +
          (all[i].hint.empty() ? "" : " (" + Printable(all[i].hint) + ")") + "\n");
  }
}

int Show(const std::vector<NetworkApplication>& all, const Options& options) {
  const bool dry = options.Has("--dry-run");
  if (options.Has("--json")) {
    Json json = Json::array();
    for (const NetworkApplication& one : all) json.push_back(JsonOf(one, dry));
    Print(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else if (all.empty()) {
    Print("no container runs that has a record\n");
  } else {
    PrintTable(all, dry);
  }
  const bool failed =
      std::ranges::any_of(all, [](const auto& one) { return one.what == What::kFailed; });
  const bool rest = std::ranges::any_of(all, [](const auto& one) { return !one.why.empty(); });
  return Finish(failed ? kExitError : rest ? kExitNo : kExitDone);
}

Result<int> Apply(const CommandLine& line, const Options& options) {
  const Policy policy = TRY(LoadPolicy(line.paths));
  const ContainerRuntime runtime = TRY(ContainerRuntime::Find(line.paths));
  auto all = TRY(PlanNetworkChanges(line.paths, policy, runtime, options.Last("--container", "")));
  for (NetworkApplication& one : all) {
    if (one.what != What::kChanged || options.Has("--dry-run")) continue;
    ApplyNetworkChange(line.paths, one);
    Log(line.paths, policy, one);
  }
  return Show(all, options);
}

}  // namespace

int PolicyApplyCommand(const CommandLine& line) {
  const Result<Options> options =
      Options::Parse(line.args, {{"--container", true}, {"--dry-run"}, {"--json"}});
  if (!options.ok()) return PrintUsage("policy apply", options.error());
  if (!options.value().words().empty())
    return PrintUsage("policy apply", {"it takes no words", ""});
  const auto done = Apply(line, options.value());
  return done.ok() ? done.value() : PrintError(done.error());
}

}  // namespace runward
