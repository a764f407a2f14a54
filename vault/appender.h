#pragma once

#include <sodium.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "vault/record.h"

namespace runward {

// Writes records behind each other from an offset on, some at a time, and keeps the digest of what
// it wrote. Nothing of it counts until a superblock says so.
class Appender {
 public:
  // `fd` must outlive this; `path` is for messages.
  Appender(int fd, uint64_t offset, std::string path);

  Result<RecordRef> Append(std::string_view record);
  Result<void> AppendRaw(std::string_view bytes);  // records, copied as they are
  Result<void> Flush();
  [[nodiscard]] uint64_t begin() const { return begin_; }
  [[nodiscard]] uint64_t offset() const { return offset_; }  // of the next record
  [[nodiscard]] Mac Digest() const;

 private:
  int fd_;
  std::string path_;
  uint64_t begin_;
  uint64_t offset_;
  uint64_t written_;  // up to here the file has it, behind it `pending_`
  std::string pending_;
  crypto_generichash_state hash_;
};

// pwrite of all of it.
Result<void> WriteAt(int fd, uint64_t offset, std::string_view bytes, const std::string& path);

}  // namespace runward
