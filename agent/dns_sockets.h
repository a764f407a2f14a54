#pragma once

#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "policy/address.h"

namespace runward {

// Sockets that do not block, in the calling thread's network namespace.

// A datagram or listening socket at a port of the address; port 0 takes a free one. Not shared with
// anybody: no SO_REUSEADDR or SO_REUSEPORT for datagrams.
Result<UniqueFd> BindSocket(const Address& address, uint16_t port, bool tcp);
// Connected, or on its way to be.
Result<UniqueFd> ConnectSocket(const Address& address, uint16_t port, bool tcp);
uint16_t PortOf(int fd);  // that the socket is bound to; 0 for none

}  // namespace runward
