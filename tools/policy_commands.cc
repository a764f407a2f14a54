#include "tools/policy_commands.h"

#include <array>

namespace runward {
namespace {

constexpr std::array<Command, 8> kCommands = {{
    {"policy apply", "policy apply [--container ID] [--dry-run] [--json]",
     "bring running containers to the policy's network rules, and say what changed",
     PolicyApplyCommand},
    {"policy check",
     "policy check [--docker-root DIR] [--containers-root DIR] [--containerd-root DIR] [FILE]",
     "say all that is wrong with the policy, or with FILE and the keys beside it",
     PolicyCheckCommand},
    {"policy explain",
     "policy explain --image NAME | --bundle DIR [--resulting] | --chain DIGEST | --config DIGEST "
     "| "
     "--rootfs DIR | --container ID",
     "say which profile governs an image, and what would be decided now", PolicyExplainCommand},
    {"policy init", "policy init [--force]", "write a starter policy that refuses nothing yet",
     PolicyInitCommand},
    {"policy promote",
     "policy promote PROFILE --quiet TIME [--any-policy] [--dry-run] [--even-if-unused]",
     "move a profile from audit to enforce once it has been quiet for a time",
     PolicyPromoteCommand},
    {"policy replay",
     "policy replay [FILE] [--since T] [--until T] [--container ID] [--image GLOB] [--json]",
     "say what a changed policy would decide otherwise about recorded starts", PolicyReplayCommand},
    {"policy schema", "policy schema", "print the policy's JSON Schema", PolicySchemaCommand},
    {"policy suggest network",
     "policy suggest network --container ID | --image GLOB [FILTERS as for report events]",
     "propose network rules that would have allowed just what was seen",
     PolicySuggestNetworkCommand},
}};

}  // namespace

std::span<const Command> PolicyCommands() { return kCommands; }

std::string CommandHint(const CommandLine& line, const std::string& words) {
  const std::string& flag = line.paths.root_flag;
  return "runwardctl " + (flag.empty() ? "" : flag + " ") + words;
}

}  // namespace runward
