#include "secrets/fill.h"

#include <sys/stat.h>

#include <cerrno>

#include "oci/record.h"
#include "secrets/groups.h"
#include "secrets/note.h"
#include "secrets/tmpfs.h"

namespace runward {

Result<std::vector<HandedFilesystem>> FillFilesystems(const IdMaps& maps,
                                                      const std::vector<SecretRule>& rules,
                                                      const std::vector<std::string_view>& values) {
  std::vector<HandedFilesystem> filesystems;
  for (const SecretGroup& group : TRY(GroupSecrets(maps, rules, values))) {
    UniqueFd mount = TRY(NewSecretTmpfs());
    TRY(ReplaceFiles(mount.get(), group.files));
    TRY(CloseTmpfs(mount));
    filesystems.push_back({group.directory, std::move(mount)});
  }
  return filesystems;
}

Result<void> NoteFilesystems(const Paths& paths, const std::string& key, pid_t pid,
                             const std::vector<HandedFilesystem>& filesystems) {
  SecretNote note{.pid = pid, .start = StartTimeOf(pid), .places = {}};
  for (const HandedFilesystem& one : filesystems) {
    struct stat info {};
    if (fstat(one.mount.get(), &info) != 0) return ErrnoError("stat a tmpfs", errno);
    note.places.push_back({.directory = one.directory, .device = info.st_dev});
  }
  return WriteSecretNote(paths, key, note);
}

}  // namespace runward
