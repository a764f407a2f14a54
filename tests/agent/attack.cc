// An attacker in a container: tries to run code that the container's rules deny, by one technique
// after the other, and prints how often it ran. Static, so that it runs in any image.
//
// Usage: attack [--denied P] [--allowed P] [--writable D] [--count N] [--places A:B]
// TECHNIQUE|all|list
#include "tests/agent/attack.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace runward::attack {

int InChild(const std::function<void()>& deed) {
  pid_t child = fork();
  if (child == 0) {
    deed();
    _exit(101);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -2;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Score Once(const std::function<void()>& deed, int mark) {
  return {.ran = InChild(deed) == mark ? 1 : 0, .tries = 1};
}

void Execute(const std::string& path, const std::vector<std::string>& argv) {
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  char* env[] = {nullptr};
  execve(path.c_str(), words.data(), env);
}

std::string Content(const std::string& path) {
  std::string text;
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  char bytes[4096];
  for (ssize_t n = 0; (n = read(fd, bytes, sizeof(bytes))) > 0;) {
    text.append(bytes, static_cast<size_t>(n));
  }
  close(fd);
  return text;
}

static bool WriteTo(const std::string& path, const std::string& content) {
  int fd = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0755);
  if (fd < 0) return false;
  bool written = write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  close(fd);
  return written;
}

bool CopyTo(const std::string& from, const std::string& to) { return WriteTo(to, Content(from)); }

bool WriteScript(const std::string& path, const std::string& interpreter) {
  return WriteTo(path, "#!" + interpreter + "\n");
}

static std::vector<Technique> All() {
  std::vector<Technique> all;
  for (auto* part : {FileTechniques, CallTechniques, MemoryTechniques, NamespaceTechniques,
                     AppletTechniques, RaceTechniques}) {
    for (Technique& technique : part()) all.push_back(std::move(technique));
  }
  return all;
}

static void Set(Place& place, const std::string& option, const std::string& value) {
  if (option == "--denied") place.denied = value;
  if (option == "--allowed") place.allowed = value;
  if (option == "--script") place.script = value;
  if (option == "--loader") place.loader = value;
  if (option == "--writable") place.writable = value;
  if (option == "--count") place.count = static_cast<int>(strtol(value.c_str(), nullptr, 10));
  if (option != "--places") return;
  place.places.clear();
  std::istringstream parts(value);
  for (std::string part; std::getline(parts, part, ':');) place.places.push_back(part);
}

static int Main(const std::vector<std::string>& words) {
  Place place;
  size_t i = 0;
  for (; i + 1 < words.size() && words[i].starts_with("--"); i += 2) {
    Set(place, words[i], words[i + 1]);
  }
  std::string wanted = i < words.size() ? words[i] : "list";
  int ran = 0;
  bool found = wanted == "list";
  for (const Technique& technique : All()) {
    if (wanted == "list") {
      printf("%s\n", technique.name);
      continue;
    }
    if (wanted != "all" && wanted != technique.name) continue;
    found = true;
    Score score = technique.use(place);
    ran += score.ran;
    printf("%s: ran %d of %d\n", technique.name, score.ran, score.tries);
    fflush(stdout);
  }
  if (!found) return 2;
  return ran == 0 ? 0 : 1;
}

}  // namespace runward::attack

// 0: the denied code never ran, 1: it did, 2: no such technique.
int main(int argc, char** argv) {
  return runward::attack::Main(std::vector<std::string>(argv + 1, argv + argc));
}
