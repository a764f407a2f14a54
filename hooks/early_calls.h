#pragma once

#include <fcntl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <string_view>
#include <utility>

namespace runward {

// What runs before the C library does (hooks/early_supply.h) calls the kernel alone: nothing of
// libc, not even memcpy, of which a static program chooses the right one only when it starts.
// tests/lint/early.py holds the object files to it.

// The kernel's own answer: an error is -errno. Where nobody has tried it, every call fails.
inline long EarlyCall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) {
#if defined(__x86_64__)
  register long fourth asm("r10") = d;
  register long fifth asm("r8") = e;
  long result = 0;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
               : "rcx", "r11", "memory");
  return result;
#else
  (void)number, (void)a, (void)b, (void)c, (void)d, (void)e;
  return -ENOSYS;
#endif
}

inline long EarlyAddress(const void* pointer) { return reinterpret_cast<long>(pointer); }

class EarlyFd {
 public:
  EarlyFd() = default;
  explicit EarlyFd(long fd) : fd_(static_cast<int>(fd)) {}
  EarlyFd(EarlyFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  EarlyFd& operator=(EarlyFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  EarlyFd(const EarlyFd&) = delete;
  EarlyFd& operator=(const EarlyFd&) = delete;
  ~EarlyFd() {
    if (valid()) (void)EarlyCall(SYS_close, fd_);
  }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// `path` ends in a zero byte.
inline EarlyFd EarlyOpen(const char* path, int flags, int directory = AT_FDCWD) {
  return EarlyFd(EarlyCall(SYS_openat, directory, EarlyAddress(path), flags | O_CLOEXEC));
}

inline bool EarlySame(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

// The rest of `text` behind `beginning`, if it begins so.
inline bool EarlyTake(std::string_view& text, std::string_view beginning) {
  if (text.size() < beginning.size()) return false;
  if (!EarlySame({text.data(), beginning.size()}, beginning)) return false;
  text.remove_prefix(beginning.size());
  return true;
}

inline size_t EarlyLength(const char* text) {
  size_t size = 0;
  while (text[size] != '\0') ++size;
  return size;
}

// A text in a place of its own; what does not fit makes it not ok.
template <size_t kSize>
class EarlyText {
 public:
  EarlyText& Add(std::string_view text) {
    ok_ = ok_ && text.size() < kSize - size_;
    for (size_t i = 0; ok_ && i < text.size(); ++i) bytes_[size_++] = text[i];
    bytes_[size_] = '\0';
    return *this;
  }
  EarlyText& Add(unsigned long number) {
    char digits[20];
    size_t at = sizeof digits;
    do {
      digits[--at] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return Add({digits + at, sizeof digits - at});
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] const char* c_str() const { return bytes_; }
  [[nodiscard]] std::string_view view() const { return {bytes_, size_}; }

 private:
  char bytes_[kSize];  // not cleared: that would be a call of memset
  size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace runward
