#include <string>
#include <vector>

#include "tools/command.h"
#include "tools/dispatch.h"

int main(int argc, char** argv) {
  std::vector<runward::Command> commands;
  for (const auto family : {runward::SetupCommands(), runward::PolicyCommands(),
                            runward::ReportCommands(), runward::VerdictCommands()}) {
    commands.insert(commands.end(), family.begin(), family.end());
  }
  const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  return runward::Dispatch(args, commands);
}
