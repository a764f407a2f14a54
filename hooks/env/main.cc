// runward-env NAME=FILE... -- COMMAND [ARGUMENT...]
//
// Executes the command with each variable set to the content of its file, all bytes of it. runward
// makes it a container's first program where the policy gives secrets as variables: it is mounted
// from the host, read-only, and static, so that an image needs neither a shell nor a libc. By then
// it is a program like any other in the container: of its user, under its seccomp profile and its
// command rules. Nothing of a value goes into an argument, a file or a message.
//
// What it does not protect: the environment of the command that it becomes, which the same user and
// root can read (/proc/PID/environ), and which the command's own children inherit.
//
// Exits with 125 when a variable cannot be set, 126 when the command cannot be executed, 127 when
// it is not found; as a shell does.

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int kNoVariable = 125;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

void Say(const char* text) { (void)!write(STDERR_FILENO, text, strlen(text)); }

[[noreturn]] void Fail(int status, const char* what, const char* object, const char* why) {
  const char* const parts[] = {"runward-env: ", what, " \"", object, "\": ", why, "\n"};
  for (const char* part : parts) Say(part);
  _exit(status);
}

// Fills `into` with the file's next `size` bytes; ends the program when there are fewer.
void ReadAll(int fd, const char* path, char* into, size_t size) {
  size_t filled = 0;
  while (filled < size) {
    const ssize_t got = read(fd, into + filled, size - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) Fail(kNoVariable, "read", path, strerror(errno));
    if (got == 0) Fail(kNoVariable, "read", path, "it was cut off");
    filled += static_cast<size_t>(got);
  }
}

// "NAME=" and the file's bytes, as a new string.
char* Variable(const char* word) {
  const char* equals = strchr(word, '=');
  if (equals == nullptr || equals == word || equals[1] != '/') {
    Fail(kNoVariable, "understand", word, "it is not NAME=FILE");
  }
  const char* path = equals + 1;
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info {};
  if (fd < 0 || fstat(fd, &info) != 0) Fail(kNoVariable, "read", path, strerror(errno));
  if (!S_ISREG(info.st_mode)) Fail(kNoVariable, "read", path, "it is not a file");
  const auto name = static_cast<size_t>(path - word);
  const auto size = static_cast<size_t>(info.st_size);
  char* text = static_cast<char*>(calloc(name + size + 1, 1));
  if (text == nullptr) Fail(kNoVariable, "read", path, "it is too large");
  memcpy(text, word, name);
  ReadAll(fd, path, text + name, size);
  close(fd);
  if (memchr(text + name, 0, size) != nullptr) {
    Fail(kNoVariable, "set a variable from", path, "it holds a zero byte; read the file instead");
  }
  return text;
}

// What was to be the command's is nobody's when there is no command.
void Wipe(char** variables) {
  for (; *variables != nullptr; ++variables) explicit_bzero(*variables, strlen(*variables));
}

bool SameName(const char* entry, const char* variable) {
  const auto size = static_cast<size_t>(strchr(variable, '=') - variable) + 1;
  return strncmp(entry, variable, size) == 0;
}

// The environment with the variables of `words` in the place of those of the same name.
char** Environment(char** words, size_t count) {
  size_t given = 0;
  while (environ[given] != nullptr) ++given;
  char** all = static_cast<char**>(calloc(given + count + 1, sizeof(char*)));
  if (all == nullptr) Fail(kNoVariable, "set", "variables", strerror(errno));
  size_t filled = 0;
  for (size_t i = 0; i < given; ++i) {
    bool replaced = false;
    for (size_t k = 0; k < count; ++k) replaced |= SameName(environ[i], words[k]);
    if (!replaced) all[filled++] = environ[i];
  }
  for (size_t k = 0; k < count; ++k) all[filled++] = Variable(words[k]);
  return all;
}

// Errors after which another directory of PATH may have it.
bool GoOn(int error) { return error == ENOENT || error == ENOTDIR || error == EACCES; }

void ExecuteFrom(const char* directory, size_t size, char** command, char** environment) {
  char path[PATH_MAX];
  const size_t name = strlen(command[0]);
  if (size + name + 2 > sizeof path) return;
  memcpy(path, directory, size);
  path[size] = '/';
  memcpy(path + size + 1, command[0], name + 1);
  execve(path, command, environment);
}

// As runtimes look it up: what has a slash is a path, anything else is sought in PATH.
int Execute(char** command, char** environment) {
  if (strchr(command[0], '/') != nullptr) {
    execve(command[0], command, environment);
    return errno;
  }
  const char* path = getenv("PATH");
  int worst = ENOENT;
  while (path != nullptr) {
    const char* end = strchrnul(path, ':');
    if (end != path) {
      ExecuteFrom(path, static_cast<size_t>(end - path), command, environment);
      if (!GoOn(errno)) return errno;
      if (errno == EACCES) worst = EACCES;
    }
    path = *end == ':' ? end + 1 : nullptr;
  }
  return worst;
}

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_DUMPABLE, 0);  // until the command takes its place
  int dashes = 1;
  while (dashes < argc && strcmp(argv[dashes], "--") != 0) ++dashes;
  if (dashes + 1 >= argc) {
    Say("Usage: runward-env NAME=FILE... -- COMMAND [ARGUMENT...]\n");
    return kNoVariable;
  }
  char** environment = Environment(argv + 1, static_cast<size_t>(dashes - 1));
  char** command = argv + dashes + 1;
  const int error = Execute(command, environment);
  Wipe(environment);
  const char* why = error == E2BIG ? "arguments and environment are too large (128 KiB a variable)"
                                   : strerror(error);
  Fail(error == ENOENT ? kNotFound : kNotExecutable, "execute", command[0], why);
}
