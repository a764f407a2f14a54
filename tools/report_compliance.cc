#include <algorithm>
#include <cstdio>

#include "base/event_finding.h"
#include "tools/compliance.h"
#include "tools/event_scan.h"
#include "tools/report.h"

namespace runward {
namespace {

struct Request {
  EventFilter filter;
  RowFilter rows;
  bool json = false;
  bool sarif = false;
};

Result<CheckStatus> ReadStatus(std::string_view name) {
  for (CheckStatus status : kCheckStatuses) {
    if (CheckStatusName(status) == name) return status;
  }
  return Error{"--status \"" + std::string(name) + "\" is unknown",
               "known: pass, warn, fail, undecided"};
}

Result<std::vector<CheckStatus>> ReadStatuses(const Options& options) {
  std::vector<CheckStatus> statuses;
  for (const std::string& list : options.All("--status")) {
    for (size_t start = 0; start <= list.size();) {
      const size_t comma = std::min(list.find(',', start), list.size());
      statuses.push_back(TRY(ReadStatus(std::string_view(list).substr(start, comma - start))));
      start = comma + 1;
    }
  }
  return statuses;
}

Result<Request> Parse(const CommandLine& line) {
  const Options options = TRY(Options::Parse(line.args, {{"--container", true},
                                                         {"--image", true},
                                                         {"--item", true},
                                                         {"--json", false},
                                                         {"--sarif", false},
                                                         {"--since", true},
                                                         {"--status", true},
                                                         {"--until", true}}));
  Request request{.filter = TRY(MakeEventFilter(options, Now()))};
  request.filter.findings = true;
  request.rows.statuses = TRY(ReadStatuses(options));
  request.rows.item = options.Last("--item", "");
  request.json = options.Has("--json");
  request.sarif = options.Has("--sarif");
  if (request.json && request.sarif) return Error{"--json and --sarif are two formats", ""};
  return request;
}

std::string Text(const Request& request, const ComplianceContainers& containers,
                 const std::string& log) {
  const std::vector<const LoggedEvent*> all = containers.Oldest();
  if (request.json) return ComplianceJson(all, request.rows);
  if (request.sarif) return ComplianceSarif(all, request.rows);
  std::string text = ComplianceTable(all, request.rows);
  return text.empty() ? "no such container in " + log + "\n" : text;
}

}  // namespace

int ReportCompliance(const CommandLine& line) {
  const auto request = Parse(line);
  if (!request.ok()) return PrintUsage("report compliance", request.error());
  ComplianceContainers containers;
  const auto scanned = ScanEvents(line.paths.log, request.value().filter,
                                  [&](const LoggedEvent& logged, const LogLine&,
                                      const std::string&) { containers.Add(logged); });
  if (!scanned.ok()) return PrintError(scanned.error());
  Print(Text(request.value(), containers, line.paths.log));
  const int code = Finish(kExitDone);
  if (containers.uncounted() > 0) {
    std::fprintf(stderr, "runwardctl: %s of further containers left out; ask for less by --since\n",
                 Count(containers.uncounted(), "finding").c_str());
  }
  if (scanned.value().unreadable > 0) {
    std::fprintf(stderr, "runwardctl: %s of the log could not be read: runwardctl report verify\n",
                 Count(scanned.value().unreadable, "line").c_str());
  }
  return code;
}

}  // namespace runward
