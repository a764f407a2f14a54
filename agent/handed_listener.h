#pragma once

#include <string>

#include "base/fd.h"

namespace runward {

// What a runtime says where a seccomp profile's listenerPath leads: one message of JSON, and with
// it the listener (runtime-spec config-linux.md, "The Container Process State").
struct HandedListener {
  UniqueFd file;         // not valid where no listener came
  std::string metadata;  // what the profile says for it
  bool pending = false;  // nothing has come yet
};

// Looks at what has come over a connection, which stays there to be looked at again.
HandedListener PeekHandedListener(int connection);

}  // namespace runward
