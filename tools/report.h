#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "tools/command.h"
#include "tools/console.h"

namespace runward {

// The commands of the family; see ReportCommands.
int ReportCheckpoint(const CommandLine& line);
int ReportCompliance(const CommandLine& line);
int ReportEvents(const CommandLine& line);
int ReportExplain(const CommandLine& line);
int ReportImages(const CommandLine& line);
int ReportLearned(const CommandLine& line);
int ReportNetwork(const CommandLine& line);
int ReportSummary(const CommandLine& line);
int ReportVerify(const CommandLine& line);

// "1 record", "2,048 records".
std::string Count(int64_t count, std::string_view noun);
std::string Grouped(int64_t number);  // "2,048"
// Columns that `text` takes on a terminal, and `text` cut or padded to so many.
size_t Columns(std::string_view text);
std::string Fit(std::string_view text, size_t columns);
// Rows of equally many cells as lines of columns two apart; those of `right` end where the column
// does.
std::vector<std::string> Aligned(const std::vector<std::vector<std::string>>& rows,
                                 const std::vector<size_t>& right = {});
std::string ShortTime(Time time);  // "2026-11-22 10:00:03", UTC

}  // namespace runward
