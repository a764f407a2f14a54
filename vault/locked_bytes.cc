#include "vault/locked_bytes.h"

#include <sodium.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace runward {
namespace {

Error NotLocked(size_t size, int err) {
  Error error = ErrnoError("lock " + std::to_string(size) + " bytes into memory", err);
  error.hint = "raise the limit of locked memory: ulimit -l, or LimitMEMLOCK= of the unit";
  return error;
}

// Fills `into` or stops at the end; how much there was.
Result<size_t> Fill(int fd, LockedBytes& into, std::string_view name) {
  size_t at = 0;
  while (at < into.size()) {
    const ssize_t got = read(fd, into.data() + at, into.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("read \"" + std::string(name) + "\"", errno);
    if (got == 0) break;
    at += static_cast<size_t>(got);
  }
  return at;
}

}  // namespace

Result<LockedBytes> LockedBytes::Make(size_t size) {
  if (sodium_init() < 0) return Error{"libsodium cannot start", ""};
  LockedBytes bytes;
  // Never of size 0, which would make an empty value look like none.
  bytes.allocated_ = std::max<size_t>(size, 1);
  bytes.data_ = static_cast<uint8_t*>(sodium_malloc(bytes.allocated_));
  if (bytes.data_ == nullptr) return NotLocked(size, errno);
  // sodium_malloc locks, too, but says nothing when that fails. Locks do not add up (mlock(2)).
  if (mlock(bytes.data_, bytes.allocated_) != 0) return NotLocked(size, errno);
  std::memset(bytes.data_, 0, bytes.allocated_);
  bytes.size_ = size;
  return bytes;
}

Result<LockedBytes> LockedBytes::Copy(std::string_view from) {
  LockedBytes bytes = TRY(Make(from.size()));
  std::copy(from.begin(), from.end(), bytes.data_);
  return bytes;
}

LockedBytes::LockedBytes(LockedBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      allocated_(std::exchange(other.allocated_, 0)) {}

LockedBytes& LockedBytes::operator=(LockedBytes&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(allocated_, other.allocated_);
  return *this;
}

LockedBytes::~LockedBytes() {
  if (data_ != nullptr) sodium_free(data_);  // zeroes and unlocks
}

Result<void> LockedBytes::KeepFromChildren() {
  // Its pages, from that of libsodium's mark before it, are nobody else's (sodium_malloc).
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  uint8_t* first = data_ - 1 - reinterpret_cast<uintptr_t>(data_ - 1) % page;
  const auto size = static_cast<size_t>(data_ + allocated_ - first);
  if (madvise(first, size, MADV_WIPEONFORK) == 0) return {};
  return ErrnoError("keep memory from processes to come", errno);
}

void LockedBytes::Shrink(size_t size) {
  if (size >= size_) return;
  sodium_memzero(data_ + size, size_ - size);
  size_ = size;
}

Result<LockedBytes> ReadLocked(int fd, size_t max_bytes, std::string_view name) {
  constexpr size_t kFirst = 4096;
  LockedBytes bytes = TRY(LockedBytes::Make(std::min(kFirst, max_bytes + 1)));
  size_t held = TRY(Fill(fd, bytes, name));
  if (held == bytes.size() && held <= max_bytes) {
    LockedBytes all = TRY(LockedBytes::Make(max_bytes + 1));
    std::copy_n(bytes.data(), held, all.data());
    LockedBytes rest = TRY(LockedBytes::Make(max_bytes + 1 - held));
    const size_t more = TRY(Fill(fd, rest, name));
    std::copy_n(rest.data(), more, all.data() + held);
    held += more;
    bytes = std::move(all);
  }
  if (held > max_bytes) {
    return Error{"\"" + std::string(name) + "\" is larger than the " + std::to_string(max_bytes) +
                     " bytes that a value may have",
                 "keep large files elsewhere, encrypted, and their key in the vault"};
  }
  bytes.Shrink(held);
  return bytes;
}

Result<void> HardenProcess() {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return ErrnoError("setrlimit RLIMIT_CORE", errno);
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return ErrnoError("prctl PR_SET_DUMPABLE", errno);
  return {};
}

}  // namespace runward
