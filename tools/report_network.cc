#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/event_format.h"
#include "base/event_text.h"
#include "tools/event_scan.h"
#include "tools/network_map.h"
#include "tools/report.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;
using Flows = std::vector<SeenFlow>;

std::string Span(const Flows& flows) {
  if (flows.empty()) return "nothing was seen";
  const auto first = std::ranges::min_element(flows, {}, &SeenFlow::first)->first;
  const auto last = std::ranges::max_element(flows, {}, &SeenFlow::last)->last;
  return ShortTime(first) + " to " + ShortTime(last) + " UTC";
}

std::vector<std::string> RowOf(const SeenFlow& flow) {
  const SeenFlowKey& key = flow.key;
  return {std::string(EventActionName(key.action)),
          key.ingress ? "from" : "to",
          Printable(PeerOf(key)),
          Printable(ServiceOf(key)),
          Grouped(flow.count),
          Grouped(flow.bytes_out),
          Grouped(flow.bytes_in),
          ShortTime(flow.last),
          Printable(key.rule)};
}

std::string Table(const Flows& flows) {
  const std::vector<std::string> head = {"DECISION", "DIRECTION", "PEER",       "PORT", "COUNT",
                                         "SENT",     "RECEIVED",  "LAST (UTC)", "RULE"};
  std::vector<std::vector<std::string>> rows = {head};
  for (const SeenFlow& flow : flows) rows.push_back(RowOf(flow));
  const std::vector<std::string> lines = Aligned(rows, {4, 5, 6});
  std::string text;
  const std::string* container = nullptr;
  for (size_t i = 0; i < flows.size(); ++i) {
    const SeenFlowKey& key = flows[i].key;
    if (container == nullptr || *container != key.container) {
      text += (text.empty() ? "" : "\n") + Printable(ShortContainer(key.container)) + "  " +
              (key.image.empty() ? "(no identity)" : Printable(key.image)) + "\n  " + lines[0] +
              "\n";
    }
    container = &key.container;
    text += "  " + lines[i + 1] + "\n";
  }
  return text;
}

Json FlowJson(const SeenFlow& flow) {
  const SeenFlowKey& key = flow.key;
  return {{"container", key.container},
          {"image", key.image},
          {"decision", EventActionName(key.action)},
          {"direction", key.ingress ? "ingress" : "egress"},
          {"peer", key.peer},
          {"name", key.name},
          {"protocol", key.protocol},
          {"port", key.port},
          {"rule", key.rule},
          {"count", flow.count},
          {"bytes_out", flow.bytes_out},
          {"bytes_in", flow.bytes_in},
          {"first", FormatTime(flow.first)},
          {"last", FormatTime(flow.last)}};
}

std::string JsonText(const Flows& flows, const NetworkMap& map, const ScanCounts& counts) {
  Json list = Json::array();
  for (const SeenFlow& flow : flows) list.push_back(FlowJson(flow));
  const Json json = {{"flows", std::move(list)},
                     {"events_left_out", map.uncounted()},
                     {"errors", map.untold()},
                     {"unreadable_lines", counts.unreadable}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// What the table lacks, and where to read on.
std::string Notes(const NetworkMap& map, const ScanCounts& counts) {
  std::string text;
  if (map.untold() > 0) {
    text += Count(map.untold(), "error") +
            ", after which something was not told of: runwardctl report events --rule 'network.*' "
            "--decision error\n";
  }
  if (map.uncounted() > 0) {
    text += Count(map.uncounted(), "event") + " left out: more than " +
            Grouped(NetworkMap::kMaxFlows) +
            " kinds of flows; narrow it by --container or --since\n";
  }
  if (counts.unreadable > 0) {
    text += Count(counts.unreadable, "line") +
            " of the log could not be read: runwardctl report verify\n";
  }
  return text;
}

}  // namespace

int ReportNetwork(const CommandLine& line) {
  std::vector<OptionSpec> flags = EventFilterFlags();
  flags.push_back({"--json", false});
  flags.push_back({"--svg", false});
  const auto options = Options::Parse(line.args, flags);
  if (!options.ok()) return PrintUsage("report network", options.error());
  const auto filter = MakeEventFilter(options.value(), Now());
  if (!filter.ok()) return PrintUsage("report network", filter.error());
  if (options.value().Has("--json") && options.value().Has("--svg")) {
    return PrintUsage("report network", {"--json and --svg are two answers", "give one"});
  }
  NetworkMap map;
  const auto counts = ScanEvents(
      line.paths.log, filter.value(),
      [&](const LoggedEvent& logged, const LogLine&, const std::string&) { map.Add(logged); });
  if (!counts.ok()) return PrintError(counts.error());
  const Flows flows = map.Flows();
  if (options.value().Has("--json")) {
    Print(JsonText(flows, map, counts.value()));
  } else if (options.value().Has("--svg")) {
    Print(NetworkPicture(flows, Span(flows)));
  } else if (flows.empty()) {
    Print("nothing of a network in " + line.paths.log +
          "; runward-agent logs it for containers with \"network\" in their profile\n");
  } else {
    Print(Table(flows) + "\n" + Span(flows) + "\n");
  }
  if (!options.value().Has("--json") && !options.value().Has("--svg")) {
    Print(Notes(map, counts.value()));
  }
  return Finish(kExitDone);
}

}  // namespace runward
