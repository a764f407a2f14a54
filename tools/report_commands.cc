#include <array>

#include "tools/command.h"
#include "tools/report.h"

namespace runward {
namespace {

constexpr std::array<Command, 9> kCommands = {{
    {"report checkpoint", "report checkpoint [--quiet]",
     "sign how far the event log goes (a timer does it)", ReportCheckpoint},
    {"report commands", "report commands [--image GLOB] [--json]",
     "list what was seen to be executed, by image", ReportLearned},
    {"report compliance",
     "report compliance [--since T] [--until T] [--container ID] [--image GLOB] [--status LIST] "
     "[--item GLOB] [--json|--sarif]",
     "say how started containers stand to the CIS Docker Benchmark", ReportCompliance},
    {"report events",
     "report events [--since T] [--until T] [--container ID] [--image GLOB] [--decision D] "
     "[--rule GLOB] [--id ID] [--json] [--follow]",
     "list decisions", ReportEvents},
    {"report explain", "report explain EVENT [--json]", "say why one decision was made",
     ReportExplain},
    {"report images", "report images [--log] [--stop] [--json] [--quiet]",
     "list running containers whose verdict has lapsed; a timer logs them, and stops them where "
     "the "
     "policy says so",
     ReportImages},
    {"report network", "report network [FILTERS as for events] [--json|--svg]",
     "show who talks to whom, and what of it was denied", ReportNetwork},
    {"report summary", "report summary [FILTERS as for events] [--json]",
     "count decisions, rules and images, and what enforce would break", ReportSummary},
    {"report verify", "report verify [--pub KEY] [--checkpoints FILE]",
     "find changed, reordered or removed records", ReportVerify},
}};

}  // namespace

std::span<const Command> ReportCommands() { return kCommands; }

}  // namespace runward
