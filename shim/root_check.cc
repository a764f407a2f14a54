#include "shim/root_check.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/file.h"
#include "base/json.h"
#include "base/trusted_path.h"
#include "oci/hook_entry.h"
#include "oci/spec.h"

namespace runward {

Result<void> AddRootCheck(const Paths& paths, const std::string& config, std::string text,
                          const std::string& rootfs) {
  std::string program = TRY(Resolve("/proc/self/exe"));
  program = program.substr(0, program.rfind('/')) + "/runward-hook";
  Result<std::string> hook = ResolveTrusted(program);
  if (!hook.ok()) return Error{hook.error().message, "install runward-hook beside runward"};
  struct stat root {};
  if (stat(rootfs.c_str(), &root) != 0) return ErrnoError("stat \"" + rootfs + "\"", errno);
  struct stat file {};
  if (stat(config.c_str(), &file) != 0) return ErrnoError("stat \"" + config + "\"", errno);
  const JsonDocument document =
      TRY(JsonDocument::Parse(std::move(text), {.max_bytes = kMaxSpecBytes, .max_depth = 64}));
  const HookEntry entry = RootCheckHook(
      hook.value(), paths.root_flag, {.path = rootfs, .device = root.st_dev, .inode = root.st_ino});
  const std::string changed = TRY(WithHook(document, entry));
  return WriteFileAtomic(config, changed, file.st_mode & 0777, false);
}

}  // namespace runward
