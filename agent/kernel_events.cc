#include "agent/kernel_events.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/epoll.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "agent/bpf/shared.h"

namespace runward {
namespace {

constexpr long kAgainNs = 250'000'000;
constexpr int kAtOnce = 4096;

std::string Text(const char* bytes, size_t size) { return {bytes, strnlen(bytes, size)}; }

std::vector<std::string> Arguments(std::string_view bytes) {
  std::vector<std::string> arguments;
  while (!bytes.empty()) {
    size_t end = std::min(bytes.find('\0'), bytes.size());
    arguments.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return arguments;
}

KernelEvent Read(const rw_event& e) {
  KernelEvent event;
  event.container = e.container;
  event.time = e.time;
  event.decision = static_cast<KernelDecision>(e.decision);
  event.cause = static_cast<KernelCause>(e.cause);
  event.mapping = e.way == RW_MAPPING;
  event.rule = e.rule;
  event.file = {.device = makedev(e.device >> 20, e.device & 0xfffff), .inode = e.inode};
  event.pid = e.pid;
  event.parent = e.parent;
  event.uid = e.uid;
  event.gid = e.gid;
  event.comm = Text(e.comm, sizeof(e.comm));
  event.filename = Text(e.filename, sizeof(e.filename));
  event.argv = Arguments({e.argv, std::min<size_t>(e.argv_size, sizeof(e.argv))});
  return event;
}

Result<UniqueFd> Watch(int first, int second) {
  UniqueFd poll(epoll_create1(EPOLL_CLOEXEC));
  if (!poll.valid()) return ErrnoError("epoll_create1", errno);
  for (int fd : {first, second}) {
    epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
    if (epoll_ctl(poll.get(), EPOLL_CTL_ADD, fd, &event) != 0)
      return ErrnoError("epoll_ctl", errno);
  }
  return poll;
}

}  // namespace

struct KernelEvents::Reader {
  UniqueFd timer;
  UniqueFd poll;
  CHandle<ring_buffer, ring_buffer__free> ring;
  const std::function<void(const KernelEvent&)>* see = nullptr;
  int seen = 0;

  static int Take(void* self, void* data, size_t size) {
    auto* reader = static_cast<Reader*>(self);
    if (size >= sizeof(rw_event)) (*reader->see)(Read(*static_cast<const rw_event*>(data)));
    return ++reader->seen < kAtOnce ? 0 : -EAGAIN;
  }
};

KernelEvents::KernelEvents(std::unique_ptr<Reader> reader) : reader_(std::move(reader)) {}
KernelEvents::KernelEvents(KernelEvents&&) noexcept = default;
KernelEvents& KernelEvents::operator=(KernelEvents&&) noexcept = default;
KernelEvents::~KernelEvents() = default;

Result<KernelEvents> KernelEvents::Open(const std::string& dir) {
  UniqueFd map(bpf_obj_get((dir + "/events").c_str()));
  if (!map.valid()) return ErrnoError("cannot open the BPF map \"" + dir + "/events\"", errno);
  auto reader = std::make_unique<Reader>();
  reader->ring.reset(ring_buffer__new(map.get(), Reader::Take, reader.get(), nullptr));
  if (!reader->ring) return ErrnoError("cannot read the BPF ring buffer", errno);
  reader->timer = UniqueFd(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!reader->timer.valid()) return ErrnoError("timerfd_create", errno);
  reader->poll = TRY(Watch(ring_buffer__epoll_fd(reader->ring.get()), reader->timer.get()));
  // What was reported while nobody read.
  itimerspec soon = {.it_interval = {}, .it_value = {.tv_sec = 0, .tv_nsec = 1}};
  timerfd_settime(reader->timer.get(), 0, &soon, nullptr);
  return KernelEvents(std::move(reader));
}

int KernelEvents::fd() const { return reader_->poll.get(); }

void KernelEvents::Drain(const std::function<void(const KernelEvent&)>& see) {
  reader_->see = &see;
  reader_->seen = 0;
  ring_buffer__consume(reader_->ring.get());
  if (reader_->seen == 0) {
    // Takes back that it has run out. One still running stays: whoever looks early must not undo
    // the look that events without a wake-up wait for.
    uint64_t expirations = 0;
    [[maybe_unused]] ssize_t n = read(reader_->timer.get(), &expirations, sizeof(expirations));
    return;
  }
  itimerspec when = {.it_interval = {},
                     .it_value = {.tv_sec = 0, .tv_nsec = reader_->seen < kAtOnce ? kAgainNs : 1}};
  timerfd_settime(reader_->timer.get(), 0, &when, nullptr);
}

}  // namespace runward
