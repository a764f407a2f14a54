#include <string>
#include <vector>

#include "shim/serve.h"

// runward: an OCI runtime that stands before another one. runward(8).
int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return runward::Serve(words);
}
