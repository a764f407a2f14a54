#include "agent/peer_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/file.h"
#include "netfilter/install.h"
#include "oci/container_event.h"
#include "peers/keep_peers.h"

namespace runward {
namespace {

constexpr long kSoon = 10'000'000;  // nanoseconds
constexpr long kLater = 999'000'000;

// Whatever there is to read is read anew from where it comes: what was said of it does not matter.
void Drain(int fd) {
  std::array<char, 16384> bytes{};
  constexpr int kMost = 64;
  for (int i = 0; i < kMost && read(fd, bytes.data(), bytes.size()) > 0; ++i) {
  }
}

// Not valid where its network cannot be looked at: it ends.
UniqueFd AddressSocket(const NetNamespace& space) {
  const Result<InNetNamespace> inside = InNetNamespace::Enter(space);
  if (!inside.ok()) return {};
  UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  sockaddr_nl groups{};
  groups.nl_family = AF_NETLINK;
  groups.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&groups), sizeof groups) != 0) return {};
  return fd;
}

}  // namespace

PeerWatch::~PeerWatch() {
  while (!watched_.empty()) Leave(watched_.begin()->first);
  poller_.Remove(files_.get());
  poller_.Remove(timer_.get());
}

Result<std::unique_ptr<PeerWatch>> PeerWatch::Open(const Paths& paths, Poller& poller) {
  TRY(MakeDirectories(PeerDirectory(paths), /*secret=*/true));
  UniqueFd files(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  UniqueFd timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  const std::string directory = PeerDirectory(paths);
  if (!files.valid() || !timer.valid() ||
      inotify_add_watch(files.get(), directory.c_str(), IN_MOVED_TO | IN_DELETE) < 0) {
    return ErrnoError("watch \"" + directory + "\"", errno);
  }
  std::unique_ptr<PeerWatch> watch(
      new PeerWatch(paths, poller, std::move(files), std::move(timer)));
  PeerWatch* self = watch.get();
  for (const int fd : {self->files_.get(), self->timer_.get()}) {
    TRY(poller.Add(fd, [self, fd] {
      Drain(fd);
      self->Update();
    }));
  }
  return watch;
}

void PeerWatch::Begin() {
  begun_ = true;
  Update();
}

void PeerWatch::Update() {
  if (!begun_) return;
  const Result<UniqueFd> lock = LockPeers(paths_, /*milliseconds=*/0);
  if (!lock.ok()) return TryAgain(kSoon);
  const Result<void> done = UpdateLocked();
  if (done.ok()) {
    told_.clear();
    return;
  }
  Tell(done.error());
  TryAgain(kLater);
}

Result<void> PeerWatch::UpdateLocked() {
  bool ended = false;
  std::vector<PeerEntry> all = TRY(ReadPeerEntries(paths_, &ended));
  for (const PeerEntry& entry : all) Follow(entry);
  std::vector<std::string> gone;
  for (const auto& [key, one] : watched_) {
    if (std::ranges::find(all, key, &PeerEntry::key) == all.end()) gone.push_back(key);
  }
  for (const std::string& key : gone) Leave(key);
  stale_ |= ended || !gone.empty();
  for (PeerEntry& entry : all) stale_ |= TRY(Look(entry));
  if (!stale_) return {};
  TRY(UpdatePeers(paths_, /*anew=*/!filled_));
  filled_ = true;
  stale_ = false;
  return {};
}

Result<bool> PeerWatch::Look(PeerEntry& entry) {
  Watched& one = watched_[entry.key];
  if (!one.changed) return false;
  const Result<NetNamespace> space = ContainerNetwork(entry.pid);
  if (!space.ok()) return false;  // it ends
  const Result<std::vector<Address>> now = AddressesOf(space.value());
  if (!now.ok()) return false;
  const bool news = NoteAddresses(now.value(), entry);
  if (news) TRY(WritePeerEntry(paths_, entry));
  one.changed = false;
  // Whoever takes address after address makes work no longer.
  if (entry.seen.size() >= kMostSeen && one.addresses.valid()) {
    poller_.Remove(one.addresses.get());
    one.addresses = UniqueFd();
  }
  return news;
}

void PeerWatch::Follow(const PeerEntry& entry) {
  const auto known = watched_.find(entry.key);
  if (known != watched_.end() && known->second.start == entry.start) return;
  Leave(entry.key);
  Watched& one = watched_[entry.key];
  one.start = entry.start;
  one.alive = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, entry.pid, 0)));
  const std::string key = entry.key;
  if (one.alive.valid()) {
    (void)poller_
        .Add(one.alive.get(),
             [this, key] {
               poller_.Remove(watched_[key].alive.get());  // it stays readable
               Update();
             })
        .ok();
  }
  const Result<NetNamespace> space = ContainerNetwork(entry.pid);
  if (space.ok()) one.addresses = AddressSocket(space.value());
  if (!one.addresses.valid()) return;
  (void)poller_
      .Add(one.addresses.get(),
           [this, key, fd = one.addresses.get()] {
             Drain(fd);
             watched_[key].changed = true;
             Update();
           })
      .ok();
}

void PeerWatch::Leave(const std::string& key) {
  const auto known = watched_.find(key);
  if (known == watched_.end()) return;
  for (const int fd : {known->second.alive.get(), known->second.addresses.get()}) {
    if (fd >= 0) poller_.Remove(fd);
  }
  watched_.erase(known);
}

void PeerWatch::TryAgain(long nanoseconds) {
  const itimerspec then{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_nsec = nanoseconds}};
  (void)timerfd_settime(timer_.get(), 0, &then, nullptr);
}

void PeerWatch::Tell(const Error& error) {
  if (told_ == error.message) return;
  told_ = error.message;
  Event event{.id = NewEventId(), .time = Now(), .action = EventAction::kError};
  event.operation = "network";
  event.rule = "network.peers";
  event.reason = error.message;
  event.hint = error.hint;
  LogEvent(paths_, event, {});
}

}  // namespace runward
