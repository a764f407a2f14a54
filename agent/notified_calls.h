#pragma once

#include <functional>
#include <map>
#include <string>

#include "agent/call_shelf.h"
#include "agent/seccomp_listener.h"
#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

// What notified calls need that outlives a worker.
struct CallEnds {
  UniqueFd socket;  // where runtimes hand listeners over (CallSocket)
  UniqueFd memory;  // agent/seccomp_listener.h
  ShelfEnds shelf;  // the listeners
  [[nodiscard]] bool valid() const { return socket.valid(); }
};
Result<CallEnds> MakeCallEnds(const Paths& paths);

// Of the container whose configuration was made to ask (oci/command_config.h, ListenerFor).
struct CallOrigin {
  std::string key;  // of its record
  bool audited = false;
};

struct CallRuling {
  int error = 0;                       // to fail with; 0 lets the call go on
  std::function<void()> then = [] {};  // once the answer was taken
};

// Listens for what is executed in containers that have nobody else to ask for it: takes the
// listeners of their seccomp profiles from runtimes, one a container and one an exec from outside,
// and has each call answered. A listener goes when its last process has ended. crun connects when
// it creates a container, and hands the listener over when that is started: connections are kept
// for as long as their other end is.
//
// When all who hold the ends are dead, the kernel answers: every call fails with ENOSYS.
class NotifiedCalls {
 public:
  // `waits` tells whether the call is still there.
  using Judge = std::function<CallRuling(const CallOrigin& origin, const NotifiedCall& call,
                                         const std::function<bool()>& waits)>;

  // Takes up what an earlier one over the same ends left. They stay the caller's.
  static Result<NotifiedCalls> Over(const CallEnds& ends);

  // Readable when Serve has something to do.
  [[nodiscard]] int fd() const { return poll_.get(); }
  // Answers what an earlier one took and did not answer.
  void Resume(const Judge& judge);
  void Serve(const Judge& judge);
  // To be called about once a second.
  void Tick();
  [[nodiscard]] size_t size() const { return listeners_.size(); }

 private:
  struct Listener {
    UniqueFd file;
    CallOrigin origin;
  };
  struct Connection {
    UniqueFd file;
    std::string id;  // which begins the text of the listener that comes over it
  };
  NotifiedCalls(int socket, CallShelf shelf, CallReceiver receiver)
      : socket_(socket), shelf_(shelf), receiver_(std::move(receiver)) {}
  [[nodiscard]] bool Poll(int file) const;
  void Add(UniqueFd file, const std::string& text);
  void TakeOver();
  void Accept();
  void AddConnection(UniqueFd file, const std::string& id);
  void Receive(int file);
  void Answer(const Listener& listener, const NotifiedCall& call, const Judge& judge);

  int socket_;
  CallShelf shelf_;
  CallReceiver receiver_;
  UniqueFd poll_;
  std::map<int, Connection> connections_;
  std::map<std::string, Listener> listeners_;  // by the text that each has on the shelf
  std::map<int, std::string> texts_;           // of listeners
  bool ended_ = false;                         // one on the shelf since that was sorted
};

}  // namespace runward
