#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "tools/command.h"

namespace runward {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kSaysNo = 2;

// The commands of the family; see ReportCommands.
int ReportCheckpoint(const CommandLine& line);
int ReportEvents(const CommandLine& line);
int ReportExplain(const CommandLine& line);
int ReportSummary(const CommandLine& line);
int ReportVerify(const CommandLine& line);

// Print to stderr, and give the command's exit code.
int UsageError(std::string_view words, const Error& error);
int CommandError(const Error& error);
// Flushes stdout; a full disk behind it is an error and not a short report.
int FinishOutput(int code);

// "1 record", "2,048 records".
std::string Count(int64_t count, std::string_view noun);
std::string Grouped(int64_t number);  // "2,048"
// Columns that `text` takes on a terminal, and `text` cut or padded to so many.
size_t Columns(std::string_view text);
std::string Fit(std::string_view text, size_t columns);
std::string ShortTime(Time time);  // "2026-11-22 10:00:03", UTC

}  // namespace runward
