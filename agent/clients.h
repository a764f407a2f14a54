#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

// The agent's socket (oci/agent_client.h).

enum class SocketKind { kPackets, kStream };
// Listens at a path, for root alone (or the user who runs the agent).
Result<UniqueFd> ListenAt(const std::string& path, SocketKind kind);

// Listens at RUN/agent.sock. What an agent that died has left there is replaced; an
// Error when another one answers.
Result<UniqueFd> ListenForClients(const Paths& paths);

// Whether who has connected is root in our pid namespace. A process of a container that found the
// socket (or was given it) is not to be believed, root or not: the runtime's hooks are in our
// namespaces. One that has said what it had to and ended may be of any: kTake is for where such a
// one could gain nothing.
enum class Ended { kTake, kRefuse };
bool IsTrustedPeer(int client, Ended ended);

// Whoever has connected, each until its one request is answered, it goes, or ten seconds have
// passed. Whoever is not root, or is in another pid namespace, is sent away.
class Clients {
 public:
  using Handler = std::function<std::string(const std::string& request)>;

  // Takes in those that wait at the listener, and returns their descriptors to be polled.
  std::vector<int> Accept(int listener);
  // Reads the client's request and sends the handler's answer, unless that is ""; it is gone after
  // that.
  void Serve(int client, const Handler& handler);
  void DropOld();
  [[nodiscard]] bool empty() const { return clients_.empty(); }

 private:
  struct Client {
    UniqueFd fd;
    int64_t since = 0;  // seconds of a monotonic clock
  };
  std::vector<Client> clients_;
};

}  // namespace runward
