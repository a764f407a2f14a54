#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <vector>

// execs PROGRAM: for each number on a line of its input, executes the program that many times, one
// after the other, and prints "p10 median" of what one takes, from posix_spawn(3) to its end, in
// nanoseconds.
namespace {

long Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

long Once(char* program) {
  char* arguments[] = {program, nullptr};
  char* environment[] = {nullptr};
  const long start = Now();
  pid_t child = -1;
  if (posix_spawn(&child, program, nullptr, nullptr, arguments, environment) != 0) std::exit(1);
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0) std::exit(1);
  return Now() - start;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  long count = 0;
  while (std::cin >> count && count > 0) {
    std::vector<long> taken;
    for (long i = 0; i < count; ++i) taken.push_back(Once(argv[1]));
    std::sort(taken.begin(), taken.end());
    std::printf("%ld %ld\n", taken[taken.size() / 10], taken[taken.size() / 2]);
    std::fflush(stdout);
  }
  return 0;
}
