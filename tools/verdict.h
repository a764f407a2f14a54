#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/names.h"
#include "policy/verdict.h"
#include "tools/command.h"
#include "tools/console.h"
#include "tools/options.h"
#include "tools/verdict_file.h"

namespace runward {

// The commands of the family; see VerdictCommands.
int VerdictAdd(const CommandLine& line);
int VerdictDiff(const CommandLine& line);
int VerdictEvaluate(const CommandLine& line);
int VerdictKeygen(const CommandLine& line);
int VerdictList(const CommandLine& line);
int VerdictPull(const CommandLine& line);
int VerdictPush(const CommandLine& line);
int VerdictRefresh(const CommandLine& line);
int VerdictRevoke(const CommandLine& line);
int VerdictShow(const CommandLine& line);
int VerdictSign(const CommandLine& line);
int VerdictVerify(const CommandLine& line);

// The digests under which the store has files, sorted; none when there is no store.
Result<std::vector<Digest>> FiledDigests(const Paths& paths);

// A verdict file given on the command line, "-" for the standard input.
Result<std::string> ReadVerdictInput(const std::string& file);

// Adds envelopes that the policy's keys accept to the store and says so on stdout; returns the exit
// code. Nothing is added when one of them is refused. `key_file` is named in the advice on a key
// that the policy does not know; may be empty.
int AddAndReport(const Paths& paths, const std::vector<NewEnvelope>& envelopes,
                 const std::vector<TrustedKey>& trust, const std::string& key_file);

// "runwardctl --runward-root=DIR ", with the flag only where one was given.
std::string Program(const Paths& paths);

// "PASSED", "WARN", "FAILED", "REVOKED"
std::string_view ResultName(VerdictResult result);

// A digest with or without "sha256:".
std::optional<Digest> ParseDigestArgument(std::string_view text);

}  // namespace runward
