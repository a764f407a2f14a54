#pragma once

#include <string>

#include "tools/command.h"

namespace runward {

int PolicyApplyCommand(const CommandLine& line);
int PolicyCheckCommand(const CommandLine& line);
int PolicyExplainCommand(const CommandLine& line);
int PolicyInitCommand(const CommandLine& line);
int PolicyPromoteCommand(const CommandLine& line);
int PolicyReplayCommand(const CommandLine& line);
int PolicySchemaCommand(const CommandLine& line);
int PolicySuggestNetworkCommand(const CommandLine& line);

// The policy file's JSON Schema (draft 2020-12), made from policy/schema.h; a newline at its end.
std::string PolicyJsonSchema();

// What `policy init` writes: a policy in audit mode, with its explanation as comments.
std::string StarterPolicy();

// "runwardctl WORDS" with the flag of the installation that `line` is about.
std::string CommandHint(const CommandLine& line, const std::string& words);

}  // namespace runward
