#pragma once

#include <string>

#include "base/result.h"
#include "tools/command.h"

namespace runward {

int CompletionCommand(const CommandLine& line);
int ConfigureCommand(const CommandLine& line);
int DoctorCommand(const CommandLine& line);

// Where the runtime is that belongs to this runwardctl: beside it, root's alone to write.
Result<std::string> ProgramBeside(const std::string& name);

}  // namespace runward
