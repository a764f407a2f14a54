#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/event_format.h"
#include "base/event_text.h"
#include "tools/event_scan.h"
#include "tools/report.h"
#include "tools/summary.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kTop = 10;
constexpr size_t kBar = 30;  // columns
constexpr std::array<EventAction, 4> kActions = {EventAction::kAllowed, EventAction::kDenied,
                                                 EventAction::kWouldDeny, EventAction::kError};

// A bar of up to `kBar` columns in eighths, never empty for what is not zero.
std::string Bar(int64_t count, int64_t most) {
  constexpr std::array<const char*, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (count == 0 || most == 0) return "";
  const double share = static_cast<double>(count) / static_cast<double>(most);
  const auto eighths = std::max<size_t>(1, static_cast<size_t>(share * 8 * kBar));
  std::string bar;
  for (size_t i = 0; i < eighths / 8; ++i) bar += "█";
  return bar + kEighths[eighths % 8];
}

std::string Right(const std::string& number) {
  constexpr size_t kWidth = 9;
  return std::string(kWidth - std::min(kWidth, number.size()), ' ') + number;
}

void PrintLine(const std::string& name, size_t width, int64_t count, int64_t most) {
  Print("  " + Fit(Printable(name), width) + " " + Right(Grouped(count)) + "  " + Bar(count, most) +
        "\n");
}

void PrintTally(const char* title, const Tally& tally) {
  const auto top = tally.Top(kTop);
  if (top.empty()) return;
  std::printf("\n%s\n", title);
  size_t width = 12;
  for (const auto& [name, entry] : top) width = std::max(width, Columns(Printable(name)));
  width = std::min<size_t>(width, 60);
  for (const auto& [name, entry] : top) {
    PrintLine(name.empty() ? "(none)" : name, width, entry.count, top.front().second.count);
  }
  if (tally.keys() > top.size()) {
    std::printf("  and %s more\n",
                Grouped(static_cast<int64_t>(tally.keys() - top.size())).c_str());
  }
}

void PrintBreaks(const Tally& breaks) {
  const auto top = breaks.Top(kTop);
  if (top.empty()) return;
  std::printf("\nWhat enforce would break (profiles in audit)\n");
  std::printf("  %-16s %-20s %9s  %-13s  %s\n", "PROFILE", "RULE", "TIMES", "LAST EVENT", "IMAGE");
  for (const auto& [key, entry] : top) {
    const BreakKey parts = SplitBreakKey(key);
    Print("  " + Fit(Printable(parts.profile), 16) + " " + Fit(Printable(parts.rule), 20) + " " +
          Right(Grouped(entry.count)) + "  " + Fit(Printable(entry.last_id), 13) + "  " +
          Printable(parts.image) + "\n");
  }
  if (breaks.keys() > top.size()) {
    std::printf("  and %s more\n",
                Grouped(static_cast<int64_t>(breaks.keys() - top.size())).c_str());
  }
}

void PrintSummary(const Summary& summary) {
  std::printf("%s from %s to %s UTC\n", Count(summary.events, "event").c_str(),
              ShortTime(summary.first).c_str(), ShortTime(summary.last).c_str());
  std::printf("\nDecisions\n");
  const int64_t most = *std::max_element(summary.by_action.begin(), summary.by_action.end());
  for (EventAction action : kActions) {
    PrintLine(std::string(EventActionName(action)), 12,
              summary.by_action[static_cast<size_t>(action)], most);
  }
  PrintTally("Refused, by rule", summary.rules);
  PrintTally("Refused images", summary.images);
  PrintBreaks(summary.breaks);
  PrintTally("Errors", summary.errors);
  if (summary.hosts.keys() > 1) PrintTally("Hosts", summary.hosts);
}

// Logged texts are UTF-8, but a tampered log may say anything: replace, never throw.
std::string Dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

Json TallyJson(const Tally& tally, const char* name) {
  Json list = Json::array();
  for (const auto& [key, entry] : tally.Top(Tally::kMaxKeys)) {
    list.push_back({{name, key},
                    {"count", entry.count},
                    {"last", FormatTime(entry.last)},
                    {"event", entry.last_id}});
  }
  return list;
}

Json BreaksJson(const Tally& breaks) {
  Json list = Json::array();
  for (const auto& [key, entry] : breaks.Top(Tally::kMaxKeys)) {
    const BreakKey parts = SplitBreakKey(key);
    list.push_back({{"profile", parts.profile},
                    {"image", parts.image},
                    {"rule", parts.rule},
                    {"count", entry.count},
                    {"last", FormatTime(entry.last)},
                    {"event", entry.last_id}});
  }
  return list;
}

void PrintJson(const Summary& summary, const ScanCounts& counts) {
  Json json;
  json["events"] = summary.events;
  if (summary.events > 0) {
    json["first"] = FormatTime(summary.first);
    json["last"] = FormatTime(summary.last);
  }
  for (EventAction action : kActions) {
    json["decisions"][std::string(EventActionName(action))] =
        summary.by_action[static_cast<size_t>(action)];
  }
  json["refused_by_rule"] = TallyJson(summary.rules, "rule");
  json["refused_images"] = TallyJson(summary.images, "image");
  json["enforce_would_break"] = BreaksJson(summary.breaks);
  json["errors"] = TallyJson(summary.errors, "error");
  json["hosts"] = TallyJson(summary.hosts, "host");
  json["unreadable_lines"] = counts.unreadable;
  Print(Dump(json) + "\n");
}

void PrintText(const Summary& summary, const ScanCounts& counts, const CommandLine& line) {
  if (summary.events == 0) {
    std::printf("%s in %s\n", counts.lines == 0 ? "no events" : "no such events",
                line.paths.log.c_str());
  } else {
    PrintSummary(summary);
  }
  if (counts.unreadable > 0) {
    std::printf("\n%s of the log could not be read: runwardctl report verify\n",
                Count(counts.unreadable, "line").c_str());
  }
}

}  // namespace

int ReportSummary(const CommandLine& line) {
  std::vector<OptionSpec> flags = EventFilterFlags();
  flags.push_back({"--json", false});
  const auto options = Options::Parse(line.args, flags);
  if (!options.ok()) return PrintUsage("report summary", options.error());
  const auto filter = MakeEventFilter(options.value(), Now());
  if (!filter.ok()) return PrintUsage("report summary", filter.error());
  Summary summary;
  const auto counts = ScanEvents(
      line.paths.log, filter.value(),
      [&](const LoggedEvent& logged, const LogLine&, const std::string&) { summary.Add(logged); });
  if (!counts.ok()) return PrintError(counts.error());
  if (options.value().Has("--json")) {
    PrintJson(summary, counts.value());
  } else {
    PrintText(summary, counts.value(), line);
  }
  return Finish(kExitDone);
}

}  // namespace runward
