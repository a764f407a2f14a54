#pragma once

#include <memory>
#include <utility>

namespace runward {

// Owns a file descriptor; closes it when it goes.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  // Gives the descriptor to the caller.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

namespace internal {
template <auto F>
struct Freer {
  template <typename T>
  void operator()(T* handle) const {
    F(handle);
  }
};
}  // namespace internal

// A C library's handle with the function that frees it: CHandle<EVP_PKEY, EVP_PKEY_free>.
template <typename T, auto Free>
using CHandle = std::unique_ptr<T, internal::Freer<Free>>;

}  // namespace runward
