#include "agent/command_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <set>

#include "agent/mount_view.h"
#include "base/fd.h"
#include "base/glob.h"

namespace runward {
namespace {

constexpr std::array<const char*, 6> kDirectories = {
    "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"};
constexpr std::array<std::string_view, 5> kMultiCall = {"busybox", "busybox.static", "coreutils",
                                                        "toybox", "uutils"};

// Where the interpreters of dynamic programs lie, and in directories of a platform beneath.
constexpr std::array<const char*, 8> kLibraries = {
    "/lib", "/lib64", "/lib32", "/libx32", "/usr/lib", "/usr/lib64", "/usr/lib32", "/usr/libx32"};
constexpr std::array<const char*, 5> kMultiCalls = {
    "/bin/busybox", "/usr/bin/busybox", "/bin/toybox", "/usr/bin/coreutils", "/bin/coreutils"};

std::string NameOf(int fd) {
  std::array<char, PATH_MAX> name{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = readlink(link.c_str(), name.data(), name.size());
  return size > 0 ? std::string(name.data(), static_cast<size_t>(size)) : "";
}

std::string_view BaseName(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// What the rule names, and whether that only lets something be executed.
std::map<std::string, bool> AllCommands(const CommandRule& rule) {
  std::map<std::string, bool> all;
  const auto allow = [&all](const std::optional<std::vector<std::string>>& commands) {
    if (!commands) return;
    for (const std::string& command : *commands) all.try_emplace(command, true);
  };
  const auto deny = [&all](const std::vector<std::string>& commands) {
    for (const std::string& command : commands) all[command] = false;
  };
  allow(rule.lists.allow);
  allow(rule.exec_allow);
  for (const UserCommands& element : rule.users) allow(element.lists.allow);
  deny(rule.lists.deny);
  for (const UserCommands& element : rule.users) deny(element.lists.deny);
  for (const ArgumentRule& one : rule.arguments) all[one.command] = false;
  return all;
}

std::vector<std::string> EntriesOf(int root, const char* directory) {
  std::vector<std::string> names;
  const UniqueFd place = OpenIn(root, directory);
  UniqueFd readable(openat(place.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable.valid()) return names;
  const CHandle<DIR, closedir> entries(fdopendir(readable.release()));
  while (entries != nullptr) {
    const dirent* entry = readdir(entries.get());
    if (entry == nullptr) break;
    names.emplace_back(entry->d_name);
  }
  return names;
}

class Finder {
 public:
  Finder(int root, const ImageFiles* image) : root_(root), image_(image) {}

  void Find(const std::string& command, bool allowed) {
    astray_ = allowed ? image_ : nullptr;
    const bool pattern = command.find('*') != std::string::npos;
    if (command.front() == '/') {
      Expand("", command);
      return;
    }
    for (const char* directory : kDirectories) {
      if (!pattern) Add(std::string(directory) + "/" + command);
      if (pattern) AddFitting(directory, command);
    }
  }

  void FindSpecial(const CommandRule& rule) {
    for (const char* path : kMultiCalls) AddInode(path, found_.multi_calls);
    for (const char* directory : kLibraries) FindLoaders(directory, /*beneath=*/true);
    for (const std::string& directory : rule.drift_except) {
      // By its own path: a link could lead to all of the image.
      const UniqueFd place = OpenAsWritten(root_, directory);
      struct stat info {};
      if (!place.valid() || fstat(place.get(), &info) != 0 || !S_ISDIR(info.st_mode)) continue;
      found_.excepted[directory] = info.st_ino;
    }
  }

  CommandFiles Take() { return std::move(found_); }

 private:
  // "ld-linux-x86-64.so.2", "ld-2.31.so", "ld-musl-x86_64.so.1", "ld64.so.1", "ld.so.1"
  void FindLoaders(const std::string& directory, bool beneath) {
    const UniqueFd place = OpenIn(root_, directory);
    struct stat info {};
    if (!place.valid() || fstat(place.get(), &info) != 0) return;
    if (!libraries_.insert(info.st_ino).second) return;  // /lib is often a link to /usr/lib
    for (const std::string& name : EntriesOf(root_, directory.c_str())) {
      const std::string path = std::string(directory).append("/").append(name);
      if (GlobMatch("ld*.so*", name)) AddInode(path, found_.loaders);
      if (beneath && GlobMatch("*-linux-*", name)) FindLoaders(path, false);
    }
  }

  void AddInode(const std::string& path, std::vector<uint64_t>& inodes) const {
    const UniqueFd file = OpenIn(root_, path);
    struct stat info {};
    if (!file.valid() || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return;
    if (std::ranges::find(inodes, info.st_ino) == inodes.end()) inodes.push_back(info.st_ino);
  }

  // The files that a pattern of paths fits now; those that come later are known by their paths.
  void Expand(const std::string& directory, std::string_view pattern) {
    pattern.remove_prefix(1);
    const size_t end = pattern.find('/');
    const std::string_view part = pattern.substr(0, end);
    const auto step = [&](std::string_view name) {
      const std::string path = std::string(directory).append("/").append(name);
      if (end == std::string_view::npos) Add(path);
      if (end != std::string_view::npos) Expand(path, pattern.substr(end));
    };
    if (part.find('*') == std::string_view::npos) {
      step(part);
      return;
    }
    for (const std::string& name : EntriesOf(root_, directory.empty() ? "/" : directory.c_str())) {
      if (name == "." || name == ".." || !GlobMatch(part, name)) continue;
      if (++fitting_ > kMostFitting) return;
      step(name);
    }
  }

  void AddFitting(const char* directory, const std::string& pattern) {
    auto [at, fresh] = entries_.try_emplace(directory);
    if (fresh) at->second = EntriesOf(root_, directory);
    for (const std::string& name : at->second) {
      if (GlobMatch(pattern, name)) Add(std::string(directory) + "/" + name);
    }
  }

  void Add(const std::string& path) {
    const UniqueFd file = OpenIn(root_, path);
    struct stat info {};
    if (!file.valid() || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return;
    const std::string real = NameOf(file.get());
    if (IsMultiCall(BaseName(real)) && BaseName(path) != BaseName(real)) return;
    if (astray_ != nullptr && astray_->LeadsAstray(root_, path)) return;
    found_.names[info.st_ino].push_back(path);
    if (std::ranges::find(found_.devices, info.st_dev) == found_.devices.end()) {
      found_.devices.push_back(info.st_dev);
    }
  }

  static constexpr int kMostFitting = 4096;  // what goes beyond is known by its path alone

  int root_;
  const ImageFiles* image_;
  const ImageFiles* astray_ = nullptr;  // of the command that is looked for
  int fitting_ = 0;
  CommandFiles found_;
  std::map<std::string, std::vector<std::string>> entries_;
  std::set<uint64_t> libraries_;  // inodes of directories that were looked through
};

}  // namespace

CommandFiles FindCommandFiles(int root, const CommandRule& rule, const ImageFiles* image) {
  Finder finder(root, image);
  for (const auto& [command, allowed] : AllCommands(rule)) finder.Find(command, allowed);
  finder.FindSpecial(rule);
  CommandFiles files = finder.Take();
  files.denied = DeniedFiles(rule, files.names);
  return files;
}

const std::vector<std::string>* NamesOf(const CommandFiles& files, const struct stat& info) {
  const auto names = files.names.find(info.st_ino);
  if (names == files.names.end()) return nullptr;
  const bool elsewhere = !files.devices.empty() &&
                         std::ranges::find(files.devices, info.st_dev) == files.devices.end();
  return elsewhere ? nullptr : &names->second;
}

std::vector<std::string> DeniedFiles(const CommandRule& rule,
                                     const std::map<uint64_t, std::vector<std::string>>& names) {
  std::vector<std::string> denied;
  const CommandRule everyone{.lists = {.deny = rule.lists.deny, .allow = {}}};
  for (const auto& [inode, paths] : names) {
    if (paths.empty()) continue;
    const CommandTry what{.path = paths.front(), .names = {paths.begin(), paths.end()}};
    if (JudgeCommand(everyone, what)) denied.push_back(paths.front());
  }
  return denied;
}

bool IsMultiCall(std::string_view name) {
  return std::ranges::find(kMultiCall, name) != kMultiCall.end();
}

}  // namespace runward
