#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace runward {

// Open files that go with what is sent over a local socket: unix(7), SCM_RIGHTS.

inline constexpr size_t kMostDescriptors = 253;  // of one message

// As sendmsg(2), without SIGPIPE: the text, and copies of `files`, kMostDescriptors at most. `to`
// may have where to (msg_name).
ssize_t SendDescriptors(int socket, std::string_view text, std::span<const int> files,
                        int flags = 0, msghdr to = {});

struct Received {
  ssize_t size = -1;            // as recvmsg(2) has it; below 0 errno says why
  std::vector<UniqueFd> files;  // closed on exec
  bool cut = false;             // there was more text, or there were more files
};
// At most `most` files are taken; the others are closed.
Received ReceiveDescriptors(int socket, std::span<char> text, size_t most, int flags = 0);

}  // namespace runward
