#include <algorithm>

#include "base/event_text.h"
#include "tools/event_scan.h"
#include "tools/network_map.h"
#include "tools/policy_commands.h"
#include "tools/report.h"
#include "tools/suggested_network.h"

namespace runward {
namespace {

// What the suggestion lacks.
void PrintNotes(const NetworkMap& map, const SuggestedNetwork& suggested) {
  constexpr size_t kShown = 10;
  for (size_t i = 0; i < std::min(kShown, suggested.left_out.size()); ++i) {
    PrintNote("no rule for what the log does not tell apart: " + Printable(suggested.left_out[i]));
  }
  if (suggested.left_out.size() > kShown) {
    const size_t more = suggested.left_out.size() - kShown;
    PrintNote("and " + Count(static_cast<int64_t>(more), "more flow") + " without a rule");
  }
  if (map.uncounted() > 0) PrintNote(Count(map.uncounted(), "event") + " left out: too many flows");
  if (map.untold() > 0) {
    PrintNote(
        Count(map.untold(), "error") +
        ", after which something was not told of: runwardctl report events --rule 'network.*'");
  }
}

}  // namespace

int PolicySuggestNetworkCommand(const CommandLine& line) {
  constexpr const char* kWords = "policy suggest network";
  const auto options = Options::Parse(line.args, EventFilterFlags());
  if (!options.ok()) return PrintUsage(kWords, options.error());
  const auto filter = MakeEventFilter(options.value(), Now());
  if (!filter.ok()) return PrintUsage(kWords, filter.error());
  if (filter.value().container.empty() && filter.value().image.empty()) {
    return PrintUsage(
        kWords, {"whose network it is about is not said", "give --container ID or --image NAME"});
  }
  NetworkMap map;
  const auto counts = ScanEvents(
      line.paths.log, filter.value(),
      [&](const LoggedEvent& logged, const LogLine&, const std::string&) { map.Add(logged); });
  if (!counts.ok()) return PrintError(counts.error());
  const std::vector<SeenFlow> flows = map.Flows();
  if (flows.empty()) {
    return PrintNo("nothing was seen of such a container's network",
                   "give it a profile with \"network\" and \"mode\": \"audit\", have runward-agent "
                   "run, and let it work for a while");
  }
  const SuggestedNetwork suggested = SuggestNetwork(flows);
  Print(suggested.text);
  PrintNotes(map, suggested);
  return Finish(kExitDone);
}

}  // namespace runward
