#include "agent/process_view.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "base/fd.h"
#include "base/file.h"

namespace runward {
namespace {

std::string PathOf(pid_t task, std::string_view file) {
  return "/proc/" + std::to_string(task) + "/" + std::string(file);
}

std::string TextOf(pid_t task, std::string_view file) {
  constexpr size_t kMost = 64 << 10;
  const UniqueFd fd(open(PathOf(task, file).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return "";
  const Result<std::string> text = ReadFdCapped(fd.get(), kMost, file);
  return text.ok() ? text.value() : "";
}

uint64_t NamespaceOf(pid_t task, const char* name) {
  struct stat info {};
  return stat(PathOf(task, name).c_str(), &info) == 0 ? info.st_ino : 0;
}

std::string_view TakeLine(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

// "Name:\tvalue" of /proc/PID/status: the value's n-th word.
std::string_view WordOf(std::string_view status, std::string_view key, size_t n) {
  const size_t start = status.find(key);
  if (start == std::string_view::npos) return {};
  std::string_view rest = status.substr(start + key.size());
  rest = rest.substr(0, rest.find('\n'));
  for (;; --n) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
    if (n == 0) return word;
    rest.remove_prefix(word.size());
  }
}

template <typename T>
T NumberOf(std::string_view text, int base = 10) {
  T number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number, base);
  return number;
}

// Words of a line, and what they are as numbers.
std::vector<uint64_t> NumbersOf(std::string_view line, int base) {
  std::vector<uint64_t> numbers;
  while (!line.empty()) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    std::string_view word = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(word.size());
    if (word.starts_with("0x")) word.remove_prefix(2);
    if (!word.empty()) numbers.push_back(NumberOf<uint64_t>(word, base));
  }
  return numbers;
}

}  // namespace

std::string TextAt(int memory, uint64_t address, size_t most) {
  std::string text;
  constexpr uint64_t kPage = 4096;
  while (text.size() < most && address != 0) {
    std::array<char, kPage> bytes{};
    const size_t size =
        std::min<uint64_t>({bytes.size(), kPage - address % kPage, most - text.size()});
    const ssize_t got = pread(memory, bytes.data(), size, static_cast<off_t>(address));
    if (got <= 0) break;
    const std::string_view part(bytes.data(), static_cast<size_t>(got));
    text.append(part.substr(0, part.find('\0')));
    if (part.find('\0') != std::string_view::npos) break;
    address += static_cast<uint64_t>(got);
  }
  return text;
}

NamespaceNumbers InnermostNumbersOf(pid_t task) {
  const std::string text = TextOf(task, "status");
  const auto last = [&text](std::string_view key) {
    const size_t start = text.find(key);
    if (start == std::string::npos) return std::string();
    std::string_view line = std::string_view(text).substr(start + key.size());
    line = line.substr(0, line.find('\n'));
    return std::string(line.substr(line.find_last_of(" \t") + 1));
  };
  return {.process = last("\nNStgid:"), .thread = last("\nNSpid:")};
}

uint64_t PidNamespaceOf(pid_t task) { return NamespaceOf(task, "ns/pid"); }
std::vector<pid_t> ProcessesOf(uint64_t pid_namespace, size_t most) {
  std::vector<pid_t> found;
  const CHandle<DIR, closedir> processes(opendir("/proc"));
  while (processes != nullptr && found.size() < most) {
    const dirent* entry = readdir(processes.get());
    if (entry == nullptr) break;
    const auto pid = NumberOf<pid_t>(entry->d_name);
    if (pid > 0 && PidNamespaceOf(pid) == pid_namespace) found.push_back(pid);
  }
  return found;
}

uint64_t MountNamespaceOf(pid_t task) { return NamespaceOf(task, "ns/mnt"); }

bool IsFirstOfNamespace(pid_t process) {
  const std::string text = TextOf(process, "status");
  const size_t start = text.find("\nNSpid:");
  if (start == std::string::npos) return false;
  const std::string_view line = std::string_view(text).substr(start + 7);
  const std::vector<uint64_t> numbers = NumbersOf(line.substr(0, line.find('\n')), 10);
  return numbers.size() > 1 && numbers.back() == 1;
}

std::vector<uint64_t> PidNamespacesAbove(pid_t task) {
  constexpr size_t kDeepest = 32;  // namespaces(7)
  std::vector<uint64_t> above;
  UniqueFd current(open(PathOf(task, "ns/pid").c_str(), O_RDONLY | O_CLOEXEC));
  while (current.valid() && above.size() < kDeepest) {
    UniqueFd parent(ioctl(current.get(), NS_GET_PARENT));  // EPERM above our own
    struct stat info {};
    if (!parent.valid() || fstat(parent.get(), &info) != 0) break;
    above.push_back(info.st_ino);
    current = std::move(parent);
  }
  return above;
}

std::string ControlGroupsOf(pid_t task) { return TextOf(task, "cgroup"); }

bool InControlGroup(const std::string& task_groups, const std::string& container_groups) {
  std::string_view rest = container_groups;
  while (!rest.empty()) {
    const std::string_view line = TakeLine(rest);
    if (line.ends_with(":/")) continue;
    std::string_view others = task_groups;
    while (!others.empty()) {
      const std::string_view other = TakeLine(others);
      if (!other.starts_with(line)) continue;
      if (other.size() == line.size() || other[line.size()] == '/') return true;
    }
  }
  return false;
}

uint64_t UnifiedGroupOf(const std::string& groups) {
  std::string_view rest = groups;
  while (!rest.empty()) {
    const std::string_view line = TakeLine(rest);
    if (!line.starts_with("0::/") || line == "0::/") continue;
    for (const char* top : {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"}) {
      struct stat info {};
      const std::string path = top + std::string(line.substr(3));
      if (stat(path.c_str(), &info) == 0) return info.st_ino;
    }
  }
  return 0;
}

std::optional<ProcessStatus> StatusOf(pid_t task) {
  const std::string text = TextOf(task, "status");
  if (text.empty()) return std::nullopt;
  ProcessStatus status;
  status.process = NumberOf<pid_t>(WordOf(text, "\nTgid:", 0));
  status.parent = NumberOf<pid_t>(WordOf(text, "\nPPid:", 0));
  status.uid = NumberOf<uint32_t>(WordOf(text, "\nUid:", 1));
  status.gid = NumberOf<uint32_t>(WordOf(text, "\nGid:", 1));
  status.command = CommandNameOf(task);
  return status;
}

std::string CommandNameOf(pid_t task) {
  std::string name = TextOf(task, "comm");
  if (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

std::string UserMapOf(pid_t task) { return TextOf(task, "uid_map"); }

std::optional<uint32_t> UserInMap(std::string_view rest, uint32_t outside) {
  while (!rest.empty()) {
    const std::vector<uint64_t> map = NumbersOf(TakeLine(rest), 10);  // inside, outside, count
    if (map.size() != 3) continue;
    if (outside >= map[1] && outside - map[1] < map[2]) {
      return static_cast<uint32_t>(map[0] + (outside - map[1]));
    }
  }
  return std::nullopt;
}

}  // namespace runward
