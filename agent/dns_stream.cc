#include "agent/dns_stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace runward {
namespace {

constexpr size_t kLength = 2;

}  // namespace

std::optional<size_t> DnsStream::Wanted() const {
  if (in_.size() < kLength) return std::nullopt;
  return kLength + (size_t{static_cast<uint8_t>(in_[0])} << 8 | static_cast<uint8_t>(in_[1]));
}

// Never reads past the message, so that what is kept is bounded by one.
DnsStream::State DnsStream::Read(int fd) {
  std::array<char, 4096> buffer{};
  while (true) {
    const size_t wanted = Wanted().value_or(kLength);
    if (Wanted() && in_.size() == wanted) return State::kMessage;
    const size_t part = std::min(buffer.size(), wanted - in_.size());
    const ssize_t size = recv(fd, buffer.data(), part, 0);
    if (size < 0 && errno == EAGAIN) return State::kWaiting;
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return State::kGone;
    in_.append(buffer.data(), static_cast<size_t>(size));
  }
}

std::string DnsStream::TakeMessage() {
  std::string message = in_.substr(kLength);
  in_.clear();
  return message;
}

void DnsStream::Put(const std::string& message) {
  out_ += static_cast<char>(message.size() >> 8 & 0xff);
  out_ += static_cast<char>(message.size() & 0xff);
  out_ += message;
}

DnsStream::State DnsStream::Write(int fd) {
  while (!out_.empty()) {
    const ssize_t size = send(fd, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == EAGAIN) return State::kWaiting;
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return State::kGone;
    out_.erase(0, static_cast<size_t>(size));
  }
  return State::kMessage;
}

}  // namespace runward
