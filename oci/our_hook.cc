#include "oci/our_hook.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/rootless.h"
#include "base/trusted_path.h"

namespace runward {

Result<HookEntry> OurHookFor(const Paths& paths, const std::string& rootfs, HookTask task) {
  std::string program = TRY(Resolve("/proc/self/exe"));
  program = program.substr(0, program.rfind('/')) + "/runward-hook";
  Result<std::string> hook = ResolveTrusted(program);
  if (!hook.ok()) return Error{hook.error().message, "install runward-hook beside runward"};
  if (!rootfs.empty()) {
    struct stat root {};
    if (stat(rootfs.c_str(), &root) != 0) return ErrnoError("stat \"" + rootfs + "\"", errno);
    task.root = {.path = rootfs, .device = root.st_dev, .inode = root.st_ino};
  }
  HookEntry entry = OurHook(hook.value(), paths.root_flag, task);
  if (Rootless()) entry.env = UserEnvironment();
  return entry;
}

}  // namespace runward
