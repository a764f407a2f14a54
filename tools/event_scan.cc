#include "tools/event_scan.h"

namespace runward {

void ScanLine(const LogLine& line, const std::string& file, const EventFilter& filter,
              const EventVisitor& visit, ScanCounts& counts) {
  ++counts.lines;
  if (!line.ended || !MayMatch(filter, line.text)) return;
  const Result<LoggedEvent> logged = ParseEvent(line.text);
  if (!logged.ok()) {
    ++counts.unreadable;
  } else if (Matches(filter, logged.value())) {
    visit(logged.value(), line, file);
  }
}

Result<ScanCounts> ScanEvents(const std::string& directory, const EventFilter& filter,
                              const EventVisitor& visit) {
  ScanCounts counts;
  for (const LogFile& file : TRY(OpenLog(directory))) {
    LogLines lines(file);
    LogLine line;
    while (lines.Next(line)) ScanLine(line, file.name, filter, visit, counts);
    TRY(lines.status());
  }
  return counts;
}

}  // namespace runward
