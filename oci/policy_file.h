#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/paths.h"
#include "base/result.h"
#include "policy/policy.h"

namespace runward {

// Reads the keys that a policy names from the folder it lies in, of at most 16 KiB each. A start
// takes only keys that are root's (Trust::kOwnerAndParents).
class KeyFiles : public KeySource {
 public:
  KeyFiles(std::string directory, Trust trust) : directory_(std::move(directory)), trust_(trust) {}
  Result<std::string> ReadKey(std::string_view name) override;

 private:
  std::string directory_;
  Trust trust_;
};

KeyFiles KeyFilesBeside(const std::string& policy_path, Trust trust);

// The text of a policy file. When there is none, the hint is the command that makes one, with the
// installation of `paths`.
Result<std::string> ReadPolicyFile(const Paths& paths, const std::string& path, Trust trust);

}  // namespace runward
