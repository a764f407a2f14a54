#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace runward {

// Bytes that are worth hiding: between guard pages, locked into memory (never swapped), left out of
// core dumps, zeroed when they go. Unlike libsodium's own, a lock that the kernel refuses is an
// Error. Not protected from: root, a debugger of the same user before HardenProcess, hibernation.
class LockedBytes {
 public:
  LockedBytes() = default;
  static Result<LockedBytes> Make(size_t size);  // zeroed
  static Result<LockedBytes> Copy(std::string_view bytes);

  LockedBytes(LockedBytes&& other) noexcept;
  LockedBytes& operator=(LockedBytes&& other) noexcept;
  LockedBytes(const LockedBytes&) = delete;
  LockedBytes& operator=(const LockedBytes&) = delete;
  ~LockedBytes();

  [[nodiscard]] uint8_t* data() { return data_; }
  [[nodiscard]] const uint8_t* data() const { return data_; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  // The bytes, as long as this lives: a copy of them in a std::string is locked by nobody.
  [[nodiscard]] std::string_view view() const {
    return {reinterpret_cast<const char*>(data_), size_};
  }
  // Processes that fork(2) makes from here on have zeroes there. They may not let go of it, which
  // libsodium ends a process for: they leave by _exit(2).
  Result<void> KeepFromChildren();
  // Forgets (zeroes) what lies behind the first `size` bytes.
  void Shrink(size_t size);

 private:
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  size_t allocated_ = 0;
};

using SecretValue = LockedBytes;

// Reads a descriptor to its end straight into locked memory; more than `max_bytes` is an Error.
// `name` is for messages.
Result<LockedBytes> ReadLocked(int fd, size_t max_bytes, std::string_view name);

// No core dump and no debugger from here on (RLIMIT_CORE 0, PR_SET_DUMPABLE 0). First thing in a
// program that is to hold a key or a secret.
Result<void> HardenProcess();

}  // namespace runward
