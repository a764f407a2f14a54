#include "secrets/replace.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "oci/record.h"
#include "secrets/groups.h"
#include "secrets/note.h"
#include "secrets/place.h"
#include "secrets/tmpfs.h"

namespace runward {
namespace {

// What holds the process: its number cannot become another's while we look at it.
struct Container {
  pid_t pid = 0;
  UniqueFd process;
  UniqueFd root;
};

Result<Container> Hold(const SecretNote& note) {
  Container held{.pid = note.pid, .process = {}, .root = {}};
  held.process = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, note.pid, 0)));
  if (!held.process.valid()) return ErrnoError("look at the container's process", errno);
  held.root = TRY(RootOfRunning(note.pid));
  // Asked after it was opened: so the root is that of the process that the note names.
  if (StartTimeOf(note.pid) != note.start) return Error{"the container has ended", ""};
  return held;
}

const SecretNote::Place* PlaceOf(const SecretNote& note, const std::string& directory) {
  const auto found = std::ranges::find(note.places, directory, &SecretNote::Place::directory);
  return found == note.places.end() ? nullptr : &*found;
}

Result<bool> ReplaceGroup(const Container& held, const SecretNote& note, const SecretGroup& group) {
  const SecretNote::Place* place = PlaceOf(note, group.directory);
  if (place == nullptr) {
    return Error{"the container was started without secrets in \"" + group.directory + "\"",
                 "start it again"};
  }
  const UniqueFd directory = TRY(OpenPlace(held.root.get(), group.directory));
  if (SameFiles(directory.get(), group.files)) return false;
  const UniqueFd view = TRY(WritableView(directory.get(), held.pid, place->device));
  TRY(ReplaceFiles(view.get(), group.files));
  return true;
}

void Signal(const Container& held, const std::set<int>& signals) {
  for (const int number : signals) {
    (void)syscall(SYS_pidfd_send_signal, held.process.get(), number, nullptr, 0);
  }
}

}  // namespace

Result<Replaced> ReplaceSecrets(const Paths& paths, const std::string& key,
                                const std::vector<SecretRule>& rules,
                                const std::vector<std::string_view>& values) {
  const SecretNote note = TRY(ReadSecretNote(paths, key));
  if (StartTimeOf(note.pid) != note.start) return Replaced::kGone;
  const Container held = TRY(Hold(note));
  std::set<std::string> changed;
  const IdMaps maps = TRY(IdMaps::Of(note.pid));
  for (const SecretGroup& group : TRY(GroupSecrets(maps, rules, values))) {
    if (TRY(ReplaceGroup(held, note, group))) changed.insert(group.directory);
  }
  std::set<int> signals;
  for (const SecretRule& rule : rules) {
    if (changed.contains(rule.directory()) && !rule.signal.empty()) {
      signals.insert(SignalNumber(rule.signal));
    }
  }
  Signal(held, signals);
  return changed.empty() ? Replaced::kUnchanged : Replaced::kChanged;
}

}  // namespace runward
