#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/event_format.h"
#include "base/event_text.h"
#include "oci/policy_file.h"
#include "oci/recorded_starts.h"
#include "tools/console.h"
#include "tools/event_scan.h"
#include "tools/policy_commands.h"
#include "tools/replay.h"
#include "tools/report.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

// As diff(1): what cannot be answered must not look like "nothing differs".
enum ReplayExit { kSame = 0, kDiffers = 1, kTrouble = 2, kUndecided = 3 };

struct Replays {
  std::vector<Replayed> differ;
  std::vector<Replayed> undecided;
  size_t all = 0;
};

struct Request {
  EventFilter filter;
  std::string policy;  // "" is the installed one
  bool json = false;
};

Result<Request> Parse(const CommandLine& line) {
  std::vector<std::string> flags;
  Request request;
  const Options options = TRY(Options::Parse(line.args, {{"--container", true},
                                                         {"--image", true},
                                                         {"--json", false},
                                                         {"--since", true},
                                                         {"--until", true}}));
  if (options.words().size() > 1) return Error{"it takes one policy file", ""};
  if (!options.words().empty()) request.policy = options.words().front();
  for (const char* flag : {"--container", "--image", "--since", "--until"}) {
    if (options.Has(flag)) flags.insert(flags.end(), {flag, options.Last(flag, "")});
  }
  const Options filter = TRY(Options::Parse(flags, EventFilterFlags()));
  request.filter = TRY(MakeEventFilter(filter, Now()));
  request.json = options.Has("--json");
  return request;
}

Result<Replays> ReplayAll(const CommandLine& line, const Request& request, RecordedStarts& starts) {
  // A draft may be anybody's; whoever runs this answers for it.
  const Trust trust = request.policy.empty() ? Trust::kOwnerAndParents : Trust::kAnyone;
  const std::string path = request.policy.empty() ? line.paths.policy : request.policy;
  KeyFiles keys = KeyFilesBeside(path, trust);
  std::string text = TRY(ReadPolicyFile(line.paths, path, trust));
  const Policy policy = TRY(ParsePolicy(std::move(text), path, keys));
  const ScanCounts counts = TRY(ScanEvents(line.paths.log, request.filter,
                                           [&](const LoggedEvent& logged, const LogLine&,
                                               const std::string&) { starts.Add(logged.event); }));
  if (counts.unreadable > 0 || starts.uncounted() > 0) {
    return Error{Count(counts.unreadable, "line") + " of the log could not be read, and " +
                     Count(starts.uncounted(), "start") + " are too many",
                 "see runwardctl report verify; ask for less by --since"};
  }
  std::map<std::string, std::string> hashes;
  for (const Event* event : starts.Oldest()) hashes[event->id] = event->configuration_sha256;
  const auto lines = TRY(FindRecordedStarts(line.paths.log, hashes));
  Replays replays;
  const Time now = Now();
  for (const Event* event : starts.Oldest()) {
    std::optional<RecordedStart> recorded;
    if (const auto kept = lines.find(event->id); kept != lines.end()) {
      recorded = TRY(ParseRecordedStart(kept->second));
    }
    Replayed replayed =
        TRY(Replay(line.paths, policy, *event, recorded ? &*recorded : nullptr, now));
    ++replays.all;
    if (!replayed.undecided.empty()) {
      replays.undecided.push_back(std::move(replayed));
    } else if (replayed.Differs()) {
      replays.differ.push_back(std::move(replayed));
    }
  }
  return replays;
}

std::string NameOf(const Event& event) {
  const std::string image = event.image_name.empty() ? event.image_chain : event.image_name;
  return Printable(event.container_id) + "  " + Printable(image.empty() ? "(no identity)" : image);
}

std::string Table(const Replays& replays) {
  std::string text;
  for (const Replayed& one : replays.differ) {
    text += NameOf(*one.event) + "\n  " + std::string(EventActionName(one.event->action)) + " (" +
            Printable(one.event->rule) + ", profile " + Shown(one.event->profile) + ")  ->  " +
            std::string(EventActionName(ActionOf(one.after))) + " (" + one.after.rule +
            ", profile " + Shown(one.after.profile) + ")\n  " + Printable(one.after.reason) + "\n";
  }
  for (const Replayed& one : replays.undecided) {
    text += NameOf(*one.event) + "\n  " + std::string(EventActionName(one.event->action)) +
            "  ->  not known: " + Printable(one.undecided) + "\n";
  }
  return text + std::to_string(replays.all) + " containers, " +
         std::to_string(replays.differ.size()) + " would differ, " +
         std::to_string(replays.undecided.size()) + " not known\n";
}

Json RowJson(const Replayed& one) {
  const Event& event = *one.event;
  Json json = {{"container", event.container_id},
               {"container_root", event.container_root},
               {"image", event.image_name},
               {"image_chain", event.image_chain},
               {"event", event.id},
               {"time", FormatTime(event.time)}};
  json["before"] = {{"decision", EventActionName(event.action)},
                    {"rule", event.rule},
                    {"profile", event.profile}};
  if (!one.undecided.empty()) {
    json["unknown"] = one.undecided;
    return json;
  }
  json["after"] = {{"decision", EventActionName(ActionOf(one.after))},
                   {"rule", one.after.rule},
                   {"profile", one.after.profile},
                   {"reason", one.after.reason}};
  return json;
}

std::string JsonText(const Replays& replays) {
  Json json = {{"containers", replays.all}, {"differ", Json::array()}, {"unknown", Json::array()}};
  for (const Replayed& one : replays.differ) json["differ"].push_back(RowJson(one));
  for (const Replayed& one : replays.undecided) json["unknown"].push_back(RowJson(one));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

int PolicyReplayCommand(const CommandLine& line) {
  const auto request = Parse(line);
  if (!request.ok()) return PrintUsage("policy replay", request.error());
  RecordedStarts starts;
  const auto replays = ReplayAll(line, request.value(), starts);
  if (!replays.ok()) {
    PrintError(replays.error());
    return kTrouble;
  }
  Print(request.value().json ? JsonText(replays.value()) : Table(replays.value()));
  if (Finish(kExitDone) != kExitDone) return kTrouble;
  if (!replays.value().differ.empty()) return kDiffers;
  return replays.value().undecided.empty() ? kSame : kUndecided;
}

}  // namespace runward
