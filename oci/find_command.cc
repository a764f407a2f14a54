#include "oci/find_command.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <climits>

#include "base/fd.h"

namespace runward {
namespace {

// As runc and crun search when the image gives no PATH.
constexpr std::string_view kUsualPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string_view PathOf(const std::vector<std::string>& env) {
  constexpr std::string_view kName = "PATH=";
  for (const std::string& entry : env) {
    if (entry.starts_with(kName)) return std::string_view(entry).substr(kName.size());
  }
  return kUsualPath;
}

std::string NameOf(int fd) {
  std::array<char, PATH_MAX> name{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = readlink(link.c_str(), name.data(), name.size());
  return size > 0 ? std::string(name.data(), static_cast<size_t>(size)) : "";
}

}  // namespace

std::string ResolveBeneath(const std::string& rootfs, const std::string& path) {
  const UniqueFd root(open(rootfs.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  open_how how{
      .flags = O_PATH | O_CLOEXEC, .mode = 0, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  const UniqueFd file(
      static_cast<int>(syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
  struct stat info {};
  if (!file.valid() || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return "";
  const std::string top = NameOf(root.get());
  std::string name = NameOf(file.get());
  if (top == "/") return name;
  return name.starts_with(top + "/") ? name.substr(top.size()) : "";
}

std::string FindCommand(const std::string& rootfs, const std::vector<std::string>& args,
                        const std::vector<std::string>& env, std::string_view directory) {
  return FindCommand(args, env, directory,
                     [&](const std::string& path) { return ResolveBeneath(rootfs, path); });
}

std::string FindCommand(const std::vector<std::string>& args, const std::vector<std::string>& env,
                        std::string_view directory,
                        const std::function<std::string(const std::string&)>& resolve) {
  if (args.empty() || args.front().empty()) return "";
  const std::string& name = args.front();
  if (name.front() == '/') return resolve(name);
  if (name.find('/') != std::string::npos) {
    return resolve(std::string(directory) + "/" + name);
  }
  std::string_view path = PathOf(env);
  while (!path.empty()) {
    const std::string_view one = path.substr(0, path.find(':'));
    path.remove_prefix(std::min(one.size() + 1, path.size()));
    std::string found = resolve(std::string(one) + "/" + name);
    if (!found.empty()) return found;
  }
  return "";
}

}  // namespace runward
