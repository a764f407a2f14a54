#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/paths.h"
#include "base/result.h"

namespace runward {

// Whether this process serves a rootless engine: it is root in a user namespace (podman's) in which
// the machine's root is nobody, so that "/" belongs to the overflow id. In a container of a whole
// system "/" belongs to that system's root, and this is false. Looked up once.
//
// Nothing is protected by this: who is root in a user namespace can mount what he likes on "/", and
// can call runc himself.
bool Rootless();

// Whether a file of that owner is the administrator's as seen from here: root's, and for a rootless
// engine that of nobody it knows. That is any user outside, so what is read must also lie in
// directories that only root writes.
bool OwnedByRoot(uid_t owner);

// Where the user behind a rootless engine keeps what is his own:
//   policy    $XDG_CONFIG_HOME/runward/policy.json    (else ~/.config); the vault's key beside it
//   verdicts  $XDG_DATA_HOME/runward/verdicts         (else ~/.local/share); the vault beside it
//   log       $XDG_STATE_HOME/runward                 (else ~/.local/state)
//   run       $XDG_RUNTIME_DIR/runward                (else below the log)
// "~" is the home that /etc/passwd gives, not $HOME; a variable that is no absolute path counts as
// unset. `runtime` stays `above`'s. An Error for a user without an entry.
Result<Paths> UserPaths(const Paths& above);

// What UserPaths reads in the environment, "NAME=value" each, for a program that is to find the
// same.
std::vector<std::string> UserEnvironment();

// For UserPaths and its tests: the home of `uid` in a passwd(5) text; the user outside that `uid`
// is, by a /proc/PID/uid_map text.
std::optional<std::string> HomeIn(std::string_view passwd, uid_t uid);
std::optional<uid_t> OutsideIn(std::string_view uid_map, uid_t uid);

}  // namespace runward
