#include <cstdio>
#include <string>
#include <vector>

#include "hooks/run_hook.h"
#include "hooks/tell_engine.h"

int main(int argc, char** argv) {
  const auto refusal = runward::RunHook({argv + 1, argv + argc});
  if (refusal.empty()) return 0;
  std::fprintf(stderr, "%s\n", refusal.c_str());
  runward::TellEngine(refusal);
  return 1;
}
