#include <string>
#include <vector>

#include "tools/command.h"
#include "tools/dispatch.h"

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  return runward::Dispatch(args, runward::AllCommands());
}
