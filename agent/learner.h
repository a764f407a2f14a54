#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/paths.h"
#include "base/result.h"
#include "oci/learned_commands.h"

namespace runward {

// Writes what containers execute, each thing once an image (oci/learned_commands.h). One at a time
// may write below a directory.
class Learner {
 public:
  explicit Learner(Paths paths) : paths_(std::move(paths)) {}

  // An Error when it cannot be recorded: the file cannot be written, or is full. Said once an image
  // while it lasts; nullopt when there is nothing to say. The container is not the worse for it.
  std::optional<Error> Learn(const Record& record, const LearnedCommand& command);

 private:
  // What is known of an image: a few bytes a command, so that the agent stays small.
  struct Known {
    std::set<uint64_t> seen;  // hashes of identities
    size_t bytes = 0;         // of the file
    bool loaded = false;
    bool told = false;
  };
  Result<void> Load(const std::string& path, const Record& record, Known& known) const;
  Result<void> Begin(const std::string& path, const Record& record, Known& known) const;
  Result<void> Write(const std::string& path, const Record& record, const LearnedCommand& command,
                     Known& known) const;

  Paths paths_;
  std::map<std::string, Known> known_;  // by the image's file
};

}  // namespace runward
