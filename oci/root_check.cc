#include "oci/root_check.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/trusted_path.h"

namespace runward {

Result<HookEntry> RootCheckOf(const Paths& paths, const std::string& rootfs) {
  std::string program = TRY(Resolve("/proc/self/exe"));
  program = program.substr(0, program.rfind('/')) + "/runward-hook";
  Result<std::string> hook = ResolveTrusted(program);
  if (!hook.ok()) return Error{hook.error().message, "install runward-hook beside runward"};
  struct stat root {};
  if (stat(rootfs.c_str(), &root) != 0) return ErrnoError("stat \"" + rootfs + "\"", errno);
  return RootCheckHook(hook.value(), paths.root_flag,
                       {.path = rootfs, .device = root.st_dev, .inode = root.st_ino});
}

}  // namespace runward
