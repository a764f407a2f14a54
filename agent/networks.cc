#include "agent/networks.h"

#include <dirent.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/cable_hold.h"
#include "agent/group_network.h"
#include "agent/network_container.h"
#include "base/file.h"
#include "netfilter/net_namespace.h"
#include "oci/container_event.h"
#include "oci/network_process.h"
#include "oci/record.h"

namespace runward {
namespace {

constexpr int kTogether = 256;  // descriptors handled before others have their turn

std::vector<std::string> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  const CHandle<DIR, closedir> entries(opendir(directory.c_str()));
  while (entries != nullptr) {
    const dirent* entry = readdir(entries.get());
    if (entry == nullptr) break;
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  return names;
}

}  // namespace

Networks::Networks(const Paths& paths, Poller poller, UniqueFd timer)
    : paths_(paths),
      poller_(std::move(poller)),
      timer_(std::move(timer)),
      host_(poller_, "/etc/resolv.conf") {}

Result<std::unique_ptr<Networks>> Networks::Make(const Paths& paths) {
  Poller poller = TRY(Poller::Make());
  UniqueFd timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer.valid()) return ErrnoError("make a timer", errno);
  std::unique_ptr<Networks> networks(new Networks(paths, std::move(poller), std::move(timer)));
  Networks* self = networks.get();
  TRY(self->poller_.Add(self->timer_.get(), [self] { self->Tick(); }));
  self->peers_ = TRY(PeerWatch::Open(paths, self->poller_));
  return networks;
}

// Another agent may follow, which goes on from the notes.
Networks::~Networks() {
  for (const auto& [key, container] : containers_) {
    container->Close();
    (void)WriteNote(key, container->note()).ok();
  }
}

std::string Networks::NoteOf(const std::string& key) const {
  return paths_.run + "/network/" + key;
}

void Networks::Handle() {
  poller_.Handle(kTogether);
  ArmTimer();
}

void Networks::Tick() {
  uint64_t times = 0;
  (void)!read(timer_.get(), &times, sizeof times);
  armed_ = false;
  const int64_t now = MonotonicMilliseconds();
  host_.Tick(now);
  if (GroupsLeft()) groups_ = SweepGroupRules(paths_);
  for (const auto& [key, container] : containers_) {
    if (container->idle()) continue;
    if (container->Tick(now)) (void)WriteNote(key, container->note()).ok();
  }
}

// One more second while there is something to tell or to wait for.
void Networks::ArmTimer() {
  if (armed_) return;
  const bool idle =
      host_.idle() && !GroupsLeft() &&
      std::ranges::all_of(containers_, [](const auto& one) { return one.second->idle(); });
  if (idle) return;
  const itimerspec second{.it_interval = {}, .it_value = {.tv_sec = 1, .tv_nsec = 0}};
  armed_ = timerfd_settime(timer_.get(), 0, &second, nullptr) == 0;
}

Result<Holding> Networks::HoldingOf(const std::string& key) {
  const auto known = containers_.find(key);
  if (known == containers_.end()) return Holding::kNo;
  Result<Holding> holding = known->second->holding();
  if (!holding.ok()) Forget(key);
  return holding;
}

bool Networks::GroupsLeft() const {
  const auto held =
      std::ranges::count_if(containers_, [](const auto& one) { return one.second->by_group(); });
  return groups_ > static_cast<size_t>(held);
}

Result<void> Networks::WriteNote(const std::string& key, const NetworkNote& note) const {
  TRY(MakeDirectories(paths_.run + "/network", /*secret=*/true));
  return WriteFileAtomic(NoteOf(key), FormatNetworkNote(note), 0600, /*sync=*/false);
}

Result<std::unique_ptr<WatchedNetwork>> Networks::Open(const std::string& key,
                                                       const NetworkNote& note) {
  if (TRY(InHostsNetwork(note.pid))) {
    return std::unique_ptr<WatchedNetwork>(TRY(GroupNetwork::Open(paths_, key, note, poller_)));
  }
  return std::unique_ptr<WatchedNetwork>(
      TRY(NetworkContainer::Open(paths_, key, note, poller_, host_)));
}

Result<AgentDns> Networks::Take(const std::string& key, const NetworkNote& note) {
  auto tried = Open(key, note);
  // It may be closed now, which goes with its group.
  if (!tried.ok()) groups_ = SweepGroupRules(paths_);
  auto opened = TRY(std::move(tried));
  TRY(WriteNote(key, opened->note()));
  TRY(poller_.Add(opened->alive(), [this, key] { Forget(key); }));
  const AgentDns dns = opened->note().dns;
  if (opened->by_group()) groups_ = SweepGroupRules(paths_);
  containers_[key] = std::move(opened);
  return dns;
}

Result<AgentDns> Networks::Register(const std::string& key, pid_t pid) {
  const auto known = containers_.find(key);
  if (known == containers_.end()) return Take(key, {.pid = pid});
  const NetworkNote& note = known->second->note();
  if (note.pid == pid && note.start == StartTimeOf(pid)) return note.dns;
  return Error{"the container is registered already, with another process", "delete it first"};
}

Result<void> Networks::Refresh(const std::string& key) {
  const auto known = containers_.find(key);
  if (known == containers_.end()) return Error{"the agent does not watch that container", ""};
  return known->second->Refresh();
}

Result<DeniedConnections> Networks::Apply(const std::string& key, pid_t pid) {
  (void)TRY(Register(key, pid));
  WatchedNetwork& container = *containers_[key];
  DeniedConnections denied = TRY(container.Apply());
  TRY(WriteNote(key, container.note()));  // other ports, and nothing told of these rules
  return denied;
}

void Networks::Forget(const std::string& key) {
  const auto known = containers_.find(key);
  if (known == containers_.end()) return;
  const std::string note = NoteOf(key);  // `key` may be the poller's
  const bool by_group = known->second->by_group();
  poller_.Remove(known->second->alive());
  known->second->End();
  containers_.erase(known);
  unlink(note.c_str());
  if (by_group) groups_ = SweepGroupRules(paths_);
}

void Networks::TakeAgain(const std::string& key, const NetworkNote& note) {
  const Result<AgentDns> taken = Take(key, note);
  if (taken.ok()) return;
  Event event{.id = NewEventId(), .time = Now(), .action = EventAction::kError};
  event.operation = "network";
  event.rule = "network.agent";
  event.reason =
      "a running container could not be taken in: its rules hold, its network is not told "
      "of, and names are not resolved for it: " +
      taken.error().message;
  event.hint = "stop it and start it again";
  event.container_id = key.substr(0, 12);
  LogEvent(paths_, event, {});
}

void Networks::TakeStarted() {
  for (const std::string& key : NamesIn(paths_.run + "/containers")) {
    const Result<NetworkProcess> process = ReadNetworkProcess(paths_, key);
    if (!process.ok() || containers_.contains(key)) continue;
    const NetworkProcess& one = process.value();
    if (StartTimeOf(one.pid) == one.start) TakeAgain(key, {.pid = one.pid, .start = one.start});
  }
}

void Networks::Restore() {
  for (const std::string& key : NamesIn(paths_.run + "/network")) {
    const Result<NetworkNote> note = ReadNetworkNote(NoteOf(key));
    if (note.ok() && StartTimeOf(note.value().pid) == note.value().start) {
      TakeAgain(key, note.value());
    } else {
      unlink(NoteOf(key).c_str());
    }
  }
  TakeStarted();
  groups_ = SweepGroupRules(paths_);
  SweepCableHolds(paths_, [this](const std::string& key) { return containers_.contains(key); });
  peers_->Begin();
}

}  // namespace runward
