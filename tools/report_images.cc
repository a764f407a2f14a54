#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/event_text.h"
#include "oci/container_event.h"
#include "oci/load.h"
#include "tools/container_runtime.h"
#include "tools/lapse_note.h"
#include "tools/lapsed_container.h"
#include "tools/options.h"
#include "tools/report.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kWords = "report images";

struct Listed {
  LapsedContainer container;
  std::optional<Time> noticed;
  bool stopped = false;

  // When it is to be stopped; nullopt for never, or as long as it was not noticed.
  [[nodiscard]] std::optional<Time> due() const {
    if (!container.stop || !noticed) return std::nullopt;
    return Time{noticed->ns + container.grace_ns};
  }
};

Event EventOf(const LapsedContainer& lapsed, EventAction action, std::string_view operation) {
  const Decision& decision = lapsed.decision;
  Event event = EventAbout(lapsed.record, action);
  event.operation = operation;
  event.rule = decision.rule;
  event.reason = decision.reason;
  event.hint = decision.hint;
  event.profile = decision.profile;
  event.mode = decision.mode == Mode::kAudit ? "audit" : "enforce";
  event.policy_sha256 = lapsed.policy;
  event.image_name = decision.image;
  event.verdict_sha256 = decision.verdict_sha256;
  event.key = decision.key;
  return event;
}

class Watch {
 public:
  Watch(const Paths& paths, const EventRule& rule) : paths_(paths), log_(LogOptions(rule)) {}

  // Logs a lapse that was not logged yet. Its grace runs also when the log cannot be written.
  void Notice(Listed& listed) {
    const LapsedContainer& lapsed = listed.container;
    LapseNote note{.start = lapsed.record.event, .noticed = Now(), .event = ""};
    const auto before = ReadLapseNote(paths_, lapsed.key);
    if (before && before->start == note.start) note = *before;
    listed.noticed = note.noticed;
    if (!note.event.empty()) return;
    note.event = Log(EventOf(lapsed, EventAction::kWouldDeny, "lapse"));
    const Result<void> written = WriteLapseNote(paths_, lapsed.key, note);
    if (!written.ok()) Fail(written.error());
  }

  void StopIfDue(Listed& listed, const ContainerRuntime& runtime) {
    const std::optional<Time> due = listed.due();
    if (!due || *due > Now()) return;
    Event event = EventOf(listed.container, EventAction::kDenied, "stop");
    const Result<void> stopped = runtime.Stop(listed.container.record);
    if (!stopped.ok()) {
      Fail(stopped.error());
      event.action = EventAction::kError;
      event.reason = stopped.error().message;
    }
    listed.stopped = stopped.ok();
    Log(event);
  }

  [[nodiscard]] bool failed() const { return failed_; }

 private:
  // The event's id, "" when it could not be logged.
  std::string Log(const Event& event) {
    const Result<void> logged = AppendEvent(paths_.log, event, log_);
    if (logged.ok()) return event.id;
    Fail(logged.error());
    return "";
  }
  void Fail(const Error& error) {
    PrintError(error);
    failed_ = true;
  }

  const Paths& paths_;
  EventLogOptions log_;
  bool failed_ = false;
};

std::string StopText(const Listed& listed) {
  if (listed.stopped) return "stopped";
  if (!listed.container.stop) return "no";
  const std::optional<Time> due = listed.due();
  if (due) return ShortTime(*due);
  if (listed.container.grace_ns == 0) return "when noticed";
  return FormatDuration(listed.container.grace_ns) + " after";
}

void PrintTable(const std::vector<Listed>& all) {
  constexpr size_t kId = 12;
  std::vector<std::vector<std::string>> rows = {
      {"CONTAINER", "STATUS", "RULE", "NOTICED", "IS STOPPED", "PROFILE", "IMAGE"}};
  for (const Listed& one : all) {
    const LapsedContainer& lapsed = one.container;
    rows.push_back({Printable(lapsed.record.id.substr(0, kId)), lapsed.status, lapsed.decision.rule,
                    one.noticed ? ShortTime(*one.noticed) : "-", StopText(one),
                    Printable(lapsed.decision.profile), Printable(lapsed.decision.image)});
  }
  for (const std::string& line : Aligned(rows)) Print(line + "\n");
}

Json JsonOf(const Listed& listed) {
  const LapsedContainer& lapsed = listed.container;
  Json json = {{"container", lapsed.record.id},
               {"root", lapsed.record.root},
               {"status", listed.stopped ? "stopped" : lapsed.status},
               {"image", lapsed.decision.image},
               {"chain", lapsed.record.image_chain},
               {"profile", lapsed.decision.profile},
               {"mode", lapsed.decision.mode == Mode::kAudit ? "audit" : "enforce"},
               {"rule", lapsed.decision.rule},
               {"reason", lapsed.decision.reason},
               {"verdict_sha256", lapsed.decision.verdict_sha256},
               {"started_by", lapsed.record.event},
               {"stop", lapsed.stop}};
  if (listed.noticed) json["noticed"] = FormatTime(*listed.noticed);
  if (const auto due = listed.due()) json["stop_at"] = FormatTime(*due);
  return json;
}

void PrintAll(const std::vector<Listed>& all, const Options& options) {
  if (options.Has("--json")) {
    Json json = Json::array();
    for (const Listed& one : all) json.push_back(JsonOf(one));
    Print(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else if (!all.empty()) {
    PrintTable(all);
  } else if (!options.Has("--quiet")) {
    Print("no running container has a verdict that lapsed\n");
  }
}

int Run(const CommandLine& line, const Options& options) {
  const Result<Policy> policy = LoadPolicy(line.paths);
  if (!policy.ok()) return PrintError(policy.error());
  const Result<ContainerRuntime> runtime = ContainerRuntime::Find(line.paths);
  if (!runtime.ok()) return PrintError(runtime.error());
  auto found = FindLapsedContainers(line.paths, policy.value(), Now(), [&](const Record& record) {
    return runtime.value().Status(record);
  });
  if (!found.ok()) return PrintError(found.error());
  Watch watch(line.paths, policy.value().events);
  std::vector<Listed> all;
  std::vector<std::string> keys;
  for (LapsedContainer& lapsed : found.value()) {
    keys.push_back(lapsed.key);
    const auto note = ReadLapseNote(line.paths, lapsed.key);
    const bool known = note && note->start == lapsed.record.event;
    all.push_back({.container = std::move(lapsed), .noticed = std::nullopt});
    if (known) all.back().noticed = note->noticed;
  }
  if (options.Has("--log") || options.Has("--stop")) {
    KeepLapseNotes(line.paths, keys);
    // All are logged before the first is waited for.
    for (Listed& one : all) watch.Notice(one);
  }
  if (options.Has("--stop")) {
    for (Listed& one : all) watch.StopIfDue(one, runtime.value());
  }
  PrintAll(all, options);
  return Finish(watch.failed() ? kExitError : kExitDone);
}

}  // namespace

int ReportImages(const CommandLine& line) {
  const Result<Options> options = Options::Parse(
      line.args, {{"--json", false}, {"--log", false}, {"--stop", false}, {"--quiet", false}});
  if (!options.ok()) return PrintUsage(kWords, options.error());
  if (!options.value().words().empty()) return PrintUsage(kWords, {"it takes no words", ""});
  return Run(line, options.value());
}

}  // namespace runward
