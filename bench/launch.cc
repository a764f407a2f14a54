#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

// launch ERRORS PROGRAM ARGUMENT...: runs it once, its standard error going into the file ERRORS (a
// container holds it open, so a pipe would never end), and prints "nanoseconds peak-KiB status". A
// program of its own, because a child's peak memory (wait4(2),
// ru_maxrss) counts its parent's pages until exec: with an interpreter as parent it would be the
// interpreter's.
namespace {

long Elapsed(const timespec& from, const timespec& to) {
  return (to.tv_sec - from.tv_sec) * 1'000'000'000 + (to.tv_nsec - from.tv_nsec);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, argv[1], O_WRONLY | O_CREAT | O_TRUNC,
                                   0600);
  timespec start{};
  timespec end{};
  rusage usage{};
  int status = -1;
  pid_t child = -1;
  clock_gettime(CLOCK_MONOTONIC, &start);
  if (posix_spawn(&child, argv[2], &actions, nullptr, argv + 2, environ) != 0) return 2;
  if (wait4(child, &status, 0, &usage) != child) return 2;
  clock_gettime(CLOCK_MONOTONIC, &end);
  std::printf("%ld %ld %d\n", Elapsed(start, end), usage.ru_maxrss, WEXITSTATUS(status));
  return 0;
}
