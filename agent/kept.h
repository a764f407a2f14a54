#pragma once

#include <array>
#include <string_view>

#include "agent/notified_calls.h"
#include "base/fd.h"

namespace runward {

// What outlives a worker: its successor goes on with them.
struct Kept {
  UniqueFd group;     // agent/fanotify_group.h; not valid where it does not prove itself
  UniqueFd listener;  // agent/clients.h
  CallEnds calls;     // agent/notified_calls.h; valid only in an agent that needs them
};

// The same one by one, each under the name by which it is handed on.
struct KeptFile {
  std::string_view name;
  UniqueFd* file;
};
inline std::array<KeptFile, 6> FilesOf(Kept& kept) {
  return {{{"group", &kept.group},
           {"listener", &kept.listener},
           {"calls", &kept.calls.socket},
           {"memory", &kept.calls.memory},
           {"shelf-in", &kept.calls.shelf.in},
           {"shelf-out", &kept.calls.shelf.out}}};
}

}  // namespace runward
