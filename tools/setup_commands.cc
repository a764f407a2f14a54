#include <array>

#include "tools/command.h"
#include "tools/setup.h"

namespace runward {
namespace {

constexpr std::array<Command, 3> kCommands = {{
    {"completion", "completion bash|zsh|fish", "print a shell's completions of runwardctl",
     CompletionCommand},
    {"configure",
     "configure docker|containerd|podman|crio [--default] [--divert] [--dry-run] [--remove] "
     "[--file FILE]",
     "tell an engine of runward, or take that back", ConfigureCommand},
    {"doctor", "doctor [--json]", "say what is wrong with the installation, and what mends it",
     DoctorCommand},
}};

}  // namespace

std::span<const Command> SetupCommands() { return kCommands; }

std::vector<Command> AllCommands() {
  std::vector<Command> commands;
  for (const auto family :
       {SetupCommands(), PolicyCommands(), ReportCommands(), VaultCommands(), VerdictCommands()}) {
    commands.insert(commands.end(), family.begin(), family.end());
  }
  return commands;
}

}  // namespace runward
