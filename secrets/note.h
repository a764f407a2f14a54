#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"

namespace runward {

// Where runward-hook has put a container's secrets, beside its record and root's alone: for those
// who replace them. No value, no length, no hash of one.
struct SecretNote {
  struct Place {
    std::string directory;  // in the container
    uint64_t device = 0;    // of the tmpfs: nothing else is written to
  };
  pid_t pid = 0;
  uint64_t start = 0;  // of the process, as the record has it
  std::vector<Place> places;
};

Result<void> WriteSecretNote(const Paths& paths, const std::string& key, const SecretNote& note);
// Fails for what WriteSecretNote would not have written, and where there is none.
Result<SecretNote> ReadSecretNote(const Paths& paths, const std::string& key);
// The keys of all records that have one, sorted.
std::vector<std::string> SuppliedContainers(const Paths& paths);

}  // namespace runward
