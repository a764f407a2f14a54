#include <array>

#include "tools/command.h"
#include "tools/setup.h"

namespace runward {
namespace {

constexpr std::array<Command, 1> kCommands = {{
    {"configure",
     "configure docker|containerd|podman|crio [--default] [--divert] [--dry-run] [--remove] "
     "[--file FILE]",
     "tell an engine of runward, or take that back", ConfigureCommand},
}};

}  // namespace

std::span<const Command> SetupCommands() { return kCommands; }

}  // namespace runward
