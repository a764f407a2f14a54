#include "agent/handed_listener.h"

#include <sys/socket.h>

#include <cerrno>

#include "agent/seccomp_listener.h"
#include "base/descriptors.h"
#include "base/json.h"
#include "oci/agent_client.h"

namespace runward {

HandedListener PeekHandedListener(int connection) {
  std::string state(kMaxAgentMessage, '\0');
  Received received = ReceiveDescriptors(connection, state, 1, MSG_PEEK | MSG_DONTWAIT);
  HandedListener handed;
  handed.pending = received.size < 0 && (errno == EAGAIN || errno == EINTR);
  if (received.size <= 0 || received.files.empty()) return handed;
  state.resize(static_cast<size_t>(received.size));
  UniqueFd file = std::move(received.files.front());
  if (!IsSeccompListener(file.get())) return handed;
  handed.file = std::move(file);
  const Result<JsonDocument> document = JsonDocument::Parse(std::move(state), {.max_depth = 8});
  if (document.ok()) handed.metadata = document.value().root().Find("metadata").text();
  return handed;
}

}  // namespace runward
