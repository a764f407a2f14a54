#include "secrets/supply.h"

#include <sys/stat.h>

#include <algorithm>
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

Result<Prepared> Prepare(pid_t pid, int root, const std::string& directory) {
  Prepared one;
  one.tmpfs = TRY(NewSecretTmpfs());
  one.target = TRY(PlaceForSecrets(pid, root, directory));
  struct stat info {};
  if (fstat(one.tmpfs.get(), &info) != 0) return ErrnoError("stat a tmpfs", errno);
  one.place = {.directory = directory, .device = info.st_dev};
  return one;
}

// A tmpfs for each directory, in the order in which the rules name them first.
Result<std::vector<Prepared>> PrepareAll(pid_t pid, int root,
                                         const std::vector<SecretRule>& rules) {
  std::vector<Prepared> all;
  for (const SecretRule& rule : rules) {
    const std::string directory = rule.directory();
    const bool there = std::ranges::any_of(
        all, [&](const Prepared& one) { return one.place.directory == directory; });
    if (!there) all.push_back(TRY(Prepare(pid, root, directory)));
  }
  return all;
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
                           SecretRequest& request) {
  const UniqueFd root = TRY(RootBeforeStart(pid, record.rootfs));
  const std::vector<Prepared> prepared = TRY(PrepareAll(pid, root.get(), rules));
  SecretNote note{.pid = pid, .start = StartTimeOf(pid), .places = {}};
  for (const Prepared& one : prepared) note.places.push_back(one.place);
  const SecretValues values = TRY(request.Take());
  const std::vector<SecretGroup> groups = TRY(GroupSecrets(pid, rules, values.views));
  for (size_t i = 0; i < groups.size(); ++i) {
    TRY(ReplaceFiles(prepared[i].tmpfs.get(), groups[i].files));
  }
  TRY(WriteSecretNote(paths, key, note));
  return AttachAll(prepared, pid);
}

}  // namespace runward
