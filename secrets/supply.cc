#include "secrets/supply.h"

#include <sys/stat.h>

#include <cerrno>

#include "secrets/groups.h"
#include "secrets/note.h"
#include "secrets/place.h"
#include "secrets/tmpfs.h"

namespace runward {
namespace {

struct Prepared {
  UniqueFd tmpfs;
  UniqueFd target;
  SecretNote::Place place;
};

Result<Prepared> Prepare(pid_t pid, int root, const SecretGroup& group) {
  Prepared one;
  one.tmpfs = TRY(NewSecretTmpfs());
  TRY(ReplaceFiles(one.tmpfs.get(), group.files));
  one.target = TRY(PlaceForSecrets(pid, root, group.directory));
  struct stat info {};
  if (fstat(one.tmpfs.get(), &info) != 0) return ErrnoError("stat a tmpfs", errno);
  one.place = {.directory = group.directory, .device = info.st_dev};
  return one;
}

Result<void> AttachAll(const std::vector<Prepared>& prepared, pid_t pid) {
  for (size_t i = 0; i < prepared.size(); ++i) {
    Result<void> attached = AttachReadOnly(prepared[i].tmpfs, prepared[i].target.get(), pid);
    if (attached.ok()) continue;
    for (size_t done = 0; done < i; ++done) Detach(prepared[done].tmpfs, pid);
    return attached;
  }
  return {};
}

}  // namespace

Result<void> SupplySecrets(const Paths& paths, const std::string& key, const Record& record,
                           pid_t pid, const std::vector<SecretRule>& rules,
                           const std::vector<std::string_view>& values) {
  const UniqueFd root = TRY(RootBeforeStart(pid, record.rootfs));
  SecretNote note{.pid = pid, .start = StartTimeOf(pid), .places = {}};
  std::vector<Prepared> prepared;
  for (const SecretGroup& group : TRY(GroupSecrets(pid, rules, values))) {
    prepared.push_back(TRY(Prepare(pid, root.get(), group)));
    note.places.push_back(prepared.back().place);
  }
  TRY(WriteSecretNote(paths, key, note));
  return AttachAll(prepared, pid);
}

}  // namespace runward
