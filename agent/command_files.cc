#include "agent/command_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <functional>
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

class Finder {
 public:
  Finder(int root, const ImageFiles* image) : root_(root), image_(image) {
    if (image != nullptr && !image->Unchanged()) paths_.emplace(image->Paths());
  }

  void Find(const std::string& command, bool allowed) {
    astray_ = allowed ? image_ : nullptr;
    Find(command, now_);
    if (paths_ && !allowed) Find(command, of_image_);
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
  // Where is looked: in what the container is now, or in its image.
  struct View {
    std::function<const std::vector<std::string>&(const std::string&)> entries;
    std::function<void(const std::string&)> add;
    int fitting = 0;
  };

  void Find(const std::string& command, View& view) {
    const bool pattern = command.find('*') != std::string::npos;
    if (command.front() == '/') {
      Expand(view, "", command);
      return;
    }
    for (const char* directory : kDirectories) {
      if (!pattern) view.add(std::string(directory) + "/" + command);
      if (pattern) AddFitting(view, directory, command);
    }
  }

  // "ld-linux-x86-64.so.2", "ld-2.31.so", "ld-musl-x86_64.so.1", "ld64.so.1", "ld.so.1"
  void FindLoaders(const std::string& directory, bool beneath) {
    const UniqueFd place = OpenIn(root_, directory);
    struct stat info {};
    if (!place.valid() || fstat(place.get(), &info) != 0) return;
    if (!libraries_.insert(info.st_ino).second) return;  // /lib is often a link to /usr/lib
    for (const std::string& name : EntriesOf(root_, directory)) {
      const std::string path = std::string(directory).append("/").append(name);
      if (GlobMatch("ld*.so*", name)) AddInode(path, found_.loaders);
      if (beneath && GlobMatch("*-linux-*", name)) FindLoaders(path, false);
    }
  }

  void AddInode(const std::string& path, std::vector<uint64_t>& inodes) {
    const UniqueFd file = OpenIn(root_, path);
    struct stat info {};
    if (!file.valid() || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return;
    if (std::ranges::find(inodes, info.st_ino) == inodes.end()) inodes.push_back(info.st_ino);
    AddDevice(info.st_dev);
  }

  void AddDevice(uint64_t device) {
    std::vector<uint64_t>& all = found_.devices;
    if (std::ranges::find(all, device) == all.end()) all.push_back(device);
  }

  // The files that a pattern of paths fits now; those that come later are known by their paths.
  static void Expand(View& view, const std::string& directory, std::string_view pattern) {
    pattern.remove_prefix(1);
    const size_t end = pattern.find('/');
    const std::string_view part = pattern.substr(0, end);
    const auto step = [&](std::string_view name) {
      const std::string path = std::string(directory).append("/").append(name);
      if (end == std::string_view::npos) view.add(path);
      if (end != std::string_view::npos) Expand(view, path, pattern.substr(end));
    };
    if (part.find('*') == std::string_view::npos) {
      step(part);
      return;
    }
    for (const std::string& name : view.entries(directory.empty() ? "/" : directory)) {
      if (name == "." || name == ".." || !GlobMatch(part, name)) continue;
      if (++view.fitting > kMostFitting) return;
      step(name);
    }
  }

  static void AddFitting(View& view, const std::string& directory, const std::string& pattern) {
    for (const std::string& name : view.entries(directory)) {
      if (GlobMatch(pattern, name)) view.add(std::string(directory).append("/").append(name));
    }
  }

  const std::vector<std::string>& EntriesNow(const std::string& directory) {
    const auto [at, fresh] = entries_.try_emplace(directory);
    if (fresh) at->second = EntriesOf(root_, directory);
    return at->second;
  }

  void Add(const std::string& path) {
    const UniqueFd file = OpenIn(root_, path);
    struct stat info {};
    if (!file.valid() || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return;
    const std::string real = NameOf(file.get());
    if (IsMultiCall(BaseName(real)) && BaseName(path) != BaseName(real)) return;
    if (astray_ != nullptr && astray_->LeadsAstray(root_, path)) return;
    Name(info, path);
  }

  // What the image has there, of whatever name by now: by its own path too, by which it is watched.
  void AddOfImage(const std::string& path) {
    const size_t slash = path.rfind('/');
    const std::vector<std::string>& names = paths_->Entries(path.substr(0, slash));
    if (!std::ranges::binary_search(names, path.substr(slash + 1))) return;
    const std::optional<ImagePaths::File> file = paths_->Find(path);
    if (!file) return;
    if (IsMultiCall(BaseName(file->path)) && BaseName(path) != BaseName(file->path)) return;
    struct stat info {};
    const UniqueFd there = OpenIn(root_, file->path);
    if (!there.valid() || fstat(there.get(), &info) != 0 || info.st_ino != file->inode) {
      if (fstat(root_, &info) != 0) return;
      info.st_ino = file->inode;
    }
    if (Name(info, path)) Name(info, file->path);
  }

  // Whether that is new.
  bool Name(const struct stat& info, const std::string& path) {
    std::vector<std::string>& paths = found_.names[info.st_ino];
    if (std::ranges::find(paths, path) != paths.end()) return false;
    paths.push_back(path);
    AddDevice(info.st_dev);
    return true;
  }

  static constexpr int kMostFitting = 4096;  // what goes beyond is known by its path alone

  int root_;
  const ImageFiles* image_;
  const ImageFiles* astray_ = nullptr;  // of the command that is looked for
  std::optional<ImagePaths> paths_;     // where the container may have others
  CommandFiles found_;
  std::map<std::string, std::vector<std::string>> entries_;
  View now_{.entries = [this](const std::string& one) { return std::cref(EntriesNow(one)); },
            .add = [this](const std::string& path) { Add(path); }};
  View of_image_{
      .entries = [this](const std::string& one) { return std::cref(paths_->Entries(one)); },
      .add = [this](const std::string& path) { AddOfImage(path); }};
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
  return LiesElsewhere(files, info) ? nullptr : &names->second;
}

bool LiesElsewhere(const CommandFiles& files, const struct stat& info) {
  return !files.devices.empty() &&
         std::ranges::find(files.devices, info.st_dev) == files.devices.end();
}

std::vector<std::string> DeniedFiles(const CommandRule& rule,
                                     const std::map<uint64_t, std::vector<std::string>>& names) {
  std::vector<std::string> denied;
  const CommandRule everyone{.lists = {.deny = rule.lists.deny, .allow = {}}};
  for (const auto& [inode, paths] : names) {
    if (paths.empty()) continue;
    const CommandTry what{.path = paths.front(), .names = {paths.begin(), paths.end()}};
    if (JudgeCommand(everyone, what)) denied.insert(denied.end(), paths.begin(), paths.end());
  }
  return denied;
}

bool IsMultiCall(std::string_view name) {
  return std::ranges::find(kMultiCall, name) != kMultiCall.end();
}

}  // namespace runward
