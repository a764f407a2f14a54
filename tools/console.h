#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace runward {

// A command's exit codes.
enum Exit { kExitDone = 0, kExitError = 1, kExitNo = 2 };

// What a person sees. Text that others may have chosen loses what a terminal or a
// build system would act on.

// On stdout, without commands of build systems (tools/log_text.h). Whole lines. JSON stays the same
// to whoever parses it. What a terminal would act on is the caller's to escape (Shown).
void Print(std::string_view text);
void PrintExact(std::string_view bytes);  // stdout, as it is: scripts, differences
void PrintNote(const std::string& what);  // stderr
int PrintError(const Error& error);       // stderr; returns kExitError
int PrintNo(const std::string& what, const std::string& hint);  // stderr; returns kExitNo
// Wrong usage: the error and where the right one is to be found; returns kExitNo.
int PrintUsage(std::string_view words, const Error& error);
// Flushes stdout: a full disk behind it is an error, not a short answer. Returns `code` or
// kExitError.
int Finish(int code);

// "\"text\"", safe to show.
std::string Shown(std::string_view text);

}  // namespace runward
