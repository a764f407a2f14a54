#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// An epoll(7) whose descriptors each have something to do when they are ready. It can itself be
// polled: readable when one of them is.
class Poller {
 public:
  using Handler = std::function<void()>;

  static Result<Poller> Make();

  [[nodiscard]] int fd() const { return epoll_.get(); }
  // `writing`: ready when it can be written, else when it can be read. Replaces what there was. The
  // descriptor stays the caller's, who removes it before it is closed.
  Result<void> Add(int fd, Handler handler, bool writing = false);
  void Remove(int fd);
  // Handles what is ready, at most about `most` of it. A handler may add and remove.
  void Handle(int most);

 private:
  explicit Poller(UniqueFd epoll) : epoll_(std::move(epoll)) {}
  UniqueFd epoll_;
  std::unordered_map<int, Handler> handlers_;
};

}  // namespace runward
