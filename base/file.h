#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// Who could have written the bytes that a decision rests on.
enum class Trust {
  // No check: content that proves itself (a signed verdict) or decides nothing.
  kAnyone,
  // The file itself is owned by root or by the caller, and writable by nobody else. Its directory
  // is
  // the caller's to vouch for (an engine's bundle).
  kOwner,
  // As kOwner, and so is every directory above it, after symlinks are resolved (policy, keys,
  // records, engine stores). A sticky directory (/tmp) may lie above: there, others can make
  // entries
  // but neither move nor remove root's.
  kOwnerAndParents,
};

// A regular file, open for reading. Fails when it is not one (a FIFO, device or directory never
// blocks: O_NONBLOCK), is a symlink in its last component (O_NOFOLLOW), or does not meet `trust`.
// The checks are made on the opened file, so it cannot be swapped between.
Result<UniqueFd> OpenTrusted(const std::string& path, Trust trust);

// The whole of a file that OpenTrusted opens. Fails when it holds more than `max_bytes`.
Result<std::string> ReadFileCapped(const std::string& path, size_t max_bytes, Trust trust);

// As ReadFileCapped, without a copy: the bytes are the kernel's, mapped page by page, and go with
// the last owner. For files that are replaced and never changed in place: a page that is cut off
// while somebody reads it is a SIGBUS.
struct MappedFile {
  std::shared_ptr<const void> owner;
  std::string_view bytes;
};
Result<MappedFile> MapFileCapped(const std::string& path, size_t max_bytes, Trust trust);

// As ReadFileCapped on an open descriptor, from its current offset; `name` is for messages. Accepts
// pipes (read to their end).
Result<std::string> ReadFdCapped(int fd, size_t max_bytes, std::string_view name);

// Whether an error means that the file is not there (and nothing else went wrong).
bool FileMissing(const std::string& path);

// Replaces `path` by rename from a temporary file in the same directory, so that readers see the
// old or the new content, never a part. Syncs file and directory when `sync`. Leaves nothing behind
// on failure.
Result<void> WriteFileAtomic(const std::string& path, std::string_view content, mode_t mode,
                             bool sync);

// mkdir -p with mode 0755 (0700 for the last component when `secret`). An existing directory is
// success.
Result<void> MakeDirectories(const std::string& path, bool secret);

}  // namespace runward
