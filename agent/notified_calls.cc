#include "agent/notified_calls.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "agent/clients.h"
#include "agent/handed_listener.h"
#include "base/event.h"
#include "oci/agent_client.h"

namespace runward {
namespace {

// What makes a listener's text its own, and behind it "enforce KEY", as ListenerFor wrote that into
// the configuration.
CallOrigin OriginOf(const std::string& text) {
  const std::string metadata = text.substr(text.find(' ') + 1);
  const size_t space = metadata.find(' ');
  if (space == std::string::npos) return {};
  return {.key = metadata.substr(space + 1), .audited = metadata.starts_with("audit ")};
}

// Texts of what lies on the shelf and is no listener yet, before the connection's id.
constexpr std::string_view kConnection = "connection ";

}  // namespace

Result<CallEnds> MakeCallEnds(const Paths& paths) {
  CallEnds ends;
  ends.memory = TRY(CallReceiver::MakeMemory());
  ends.shelf = TRY(CallShelf::Make());
  ends.socket = TRY(ListenAt(CallSocket(paths), SocketKind::kStream));
  return ends;
}

Result<NotifiedCalls> NotifiedCalls::Over(const CallEnds& ends) {
  NotifiedCalls calls(ends.socket.get(), {ends.shelf.in.get(), ends.shelf.out.get()},
                      TRY(CallReceiver::Over(ends.memory.get())));
  calls.poll_ = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
  if (!calls.poll_.valid() || !calls.Poll(calls.socket_)) return ErrnoError("make a poll", errno);
  calls.TakeOver();
  return calls;
}

bool NotifiedCalls::Poll(int file) const {
  epoll_event event{.events = EPOLLIN, .data = {.fd = file}};
  return epoll_ctl(poll_.get(), EPOLL_CTL_ADD, file, &event) == 0;
}

void NotifiedCalls::Add(UniqueFd file, const std::string& text) {
  // Twice the same would be asked twice about one call, and the second would wait for ever.
  if (listeners_.contains(text) || !Poll(file.get())) return;
  PreferOneProcessor(file.get());
  texts_[file.get()] = text;
  listeners_[text] = {.file = std::move(file), .origin = OriginOf(text)};
}

void NotifiedCalls::TakeOver() {
  shelf_.Sort([this](int file, const std::string& text) {
    UniqueFd own(fcntl(file, F_DUPFD_CLOEXEC, 0));
    if (text.starts_with(kConnection)) {
      AddConnection(std::move(own), text.substr(kConnection.size()));
    } else {
      Add(std::move(own), text);
    }
    return true;
  });
}

void NotifiedCalls::AddConnection(UniqueFd file, const std::string& id) {
  const auto same = [&id](const auto& one) { return one.second.id == id; };
  if (std::ranges::any_of(connections_, same) || !Poll(file.get())) return;
  const int number = file.get();
  connections_[number] = {.file = std::move(file), .id = id};
}

void NotifiedCalls::Accept() {
  constexpr size_t kMost = 4096;
  while (connections_.size() < kMost) {
    UniqueFd file(accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!file.valid()) break;
    // A runtime that has handed its listener over may be gone. Who brings one of his own is asked
    // about what he himself executes, and no other's.
    if (!IsTrustedPeer(file.get(), Ended::kTake)) continue;
    const std::string id = NewEventId();
    if (shelf_.Put(file.get(), std::string(kConnection) + id)) AddConnection(std::move(file), id);
  }
}

void NotifiedCalls::Resume(const Judge& judge) {
  const std::optional<NotifiedCall> left = receiver_.Left();
  if (!left) return;
  for (const auto& [text, listener] : listeners_) {
    if (!StillWaits(listener.file.get(), left->id)) continue;
    Answer(listener, *left, judge);
    return;
  }
  receiver_.Forget();
}

void NotifiedCalls::Receive(int file) {
  const auto found = connections_.find(file);
  if (found == connections_.end()) return;
  HandedListener handed = PeekHandedListener(file);
  if (handed.pending) return;
  const std::string text = found->second.id + " " + handed.metadata;
  // Off the shelf it would be lost with this process, and its container with it: then it is worth
  // as much as one that has no listener.
  if (handed.file.valid() && shelf_.Put(handed.file.get(), text)) Add(std::move(handed.file), text);
  // On the shelf it is still open, so that it does not leave the poll by itself.
  (void)epoll_ctl(poll_.get(), EPOLL_CTL_DEL, file, nullptr);
  connections_.erase(found);
  ended_ = true;
}

void NotifiedCalls::Answer(const Listener& listener, const NotifiedCall& call, const Judge& judge) {
  const int file = listener.file.get();
  const CallRuling ruling = judge(listener.origin, call, [&] { return StillWaits(file, call.id); });
  if (receiver_.Answer(file, call.id, ruling.error)) ruling.then();
}

void NotifiedCalls::Serve(const Judge& judge) {
  constexpr size_t kAtOnce = 64;
  std::array<epoll_event, kAtOnce> events{};
  const int count = epoll_wait(poll_.get(), events.data(), events.size(), 0);
  for (int i = 0; i < count; ++i) {
    const auto& [what, data] = events[static_cast<size_t>(i)];
    const auto known = texts_.find(data.fd);
    if (data.fd == socket_) {
      Accept();
    } else if (known == texts_.end()) {
      Receive(data.fd);
    } else if ((what & EPOLLIN) != 0) {
      const Listener& listener = listeners_[known->second];
      if (const auto call = receiver_.Take(data.fd)) Answer(listener, *call, judge);
    } else {  // its last process has ended
      // On the shelf it is still open, so that it does not leave the poll by itself.
      (void)epoll_ctl(poll_.get(), EPOLL_CTL_DEL, data.fd, nullptr);
      listeners_.erase(known->second);
      texts_.erase(known);
      ended_ = true;
    }
  }
}

void NotifiedCalls::Tick() {
  if (!ended_) return;
  ended_ = false;
  shelf_.Sort([this](int, const std::string& text) {
    const auto its = [&text](const auto& one) { return text.ends_with(one.second.id); };
    return listeners_.contains(text) || std::ranges::any_of(connections_, its);
  });
}

}  // namespace runward
