#include "agent/poller.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>

namespace runward {

Result<Poller> Poller::Make() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return ErrnoError("make a poll", errno);
  return Poller(std::move(epoll));
}

Result<void> Poller::Add(int fd, Handler handler, bool writing) {
  epoll_event event{.events = writing ? EPOLLOUT : EPOLLIN, .data = {.fd = fd}};
  const int what = handlers_.contains(fd) ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  if (epoll_ctl(epoll_.get(), what, fd, &event) != 0) return ErrnoError("poll", errno);
  handlers_[fd] = std::move(handler);
  return {};
}

void Poller::Remove(int fd) {
  if (handlers_.erase(fd) == 0) return;
  (void)epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void Poller::Handle(int most) {
  std::array<epoll_event, 64> events{};
  for (int handled = 0; handled < most;) {
    const int count = epoll_wait(epoll_.get(), events.data(), events.size(), 0);
    if (count <= 0) return;
    for (int i = 0; i < count; ++i) {
      const auto found = handlers_.find(events.at(static_cast<size_t>(i)).data.fd);
      if (found == handlers_.end()) continue;  // an earlier handler has removed it
      const Handler handler = found->second;   // which may remove itself
      handler();
    }
    handled += count;
  }
}

}  // namespace runward
