#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace runward {

// DNS messages over a TCP socket that does not block: each has its length in front (RFC 1035,
// 4.2.2). The socket is the caller's.
class DnsStream {
 public:
  enum class State { kWaiting, kMessage, kGone };

  // Reads what has come; kMessage when the next message is whole.
  State Read(int fd);
  // The message, which is then gone.
  std::string TakeMessage();

  void Put(const std::string& message);
  // Writes what it can: kWaiting when there is more, kMessage when all is written.
  State Write(int fd);

 private:
  [[nodiscard]] std::optional<size_t> Wanted() const;
  std::string in_;
  std::string out_;
};

}  // namespace runward
