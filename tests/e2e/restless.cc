#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

// restless COUNT PROGRAM: executes the program that often, each time in a child that a signal
// interrupts every two milliseconds until it has become the program. Prints how often it became it,
// and how often that was not permitted.
namespace {

void Nothing(int /*signal*/) {}

// Becomes the program, or ends with errno(3).
void Become(char* program) {
  struct sigaction action {};
  action.sa_handler = Nothing;
  action.sa_flags = SA_RESTART;
  sigaction(SIGURG, &action, nullptr);
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGURG;
  timer_t timer{};
  const itimerspec often{.it_interval = {.tv_sec = 0, .tv_nsec = 2'000'000},
                         .it_value = {.tv_sec = 0, .tv_nsec = 2'000'000}};
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) _exit(1);
  if (timer_settime(timer, 0, &often, nullptr) != 0) _exit(1);
  char* const words[] = {program, nullptr};
  char* const none[] = {nullptr};
  execve(program, words, none);
  _exit(errno);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  int ran = 0;
  int denied = 0;
  const int64_t count = std::strtol(argv[1], nullptr, 10);
  for (int64_t i = 0; i < count; ++i) {
    const pid_t child = fork();
    if (child == 0) Become(argv[2]);
    int status = 0;
    if (waitpid(child, &status, 0) != child) return 1;
    ran += WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 1 : 0;
    denied += WIFEXITED(status) && WEXITSTATUS(status) == EPERM ? 1 : 0;
  }
  std::printf("%d ran, %d denied\n", ran, denied);
  return 0;
}
