#pragma once

#include <sys/types.h>

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// Another program's configuration file while we change it. Held open, it keeps a second runwardctl
// out; what else writes the file meanwhile is noticed, not prevented.
class ConfigFile {
 public:
  // The file must be root's (or the caller's) with all directories above it, and no symbolic link.
  // A missing one is an empty text; its directory may be missing too.
  static Result<ConfigFile> Open(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool missing() const { return missing_; }

  // Replaces the file by `text`, with its mode, owner and group (0644 for a new one). Fails, and
  // changes nothing, when the file is no longer what was read.
  Result<void> Write(const std::string& text) const;
  // Removes the file, under the same condition.
  Result<void> Remove() const;
  // Writes `text` to a file beside it, with the same mode, owner and group.
  Result<void> WriteBeside(const std::string& path, const std::string& text) const;

 private:
  [[nodiscard]] Result<void> CheckUnchanged() const;

  std::string path_;
  std::string text_;
  bool missing_ = true;
  mode_t mode_ = 0644;
  uid_t owner_ = 0;
  gid_t group_ = 0;
  UniqueFd lock_;  // the directory's
};

// Where the text lies that stood in the file before runward came.
std::string BackupOf(const std::string& path);

// The backup's text, "" when there is none (or it cannot be trusted).
std::string ReadBackup(const std::string& path);

}  // namespace runward
