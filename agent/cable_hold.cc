#include "agent/cable_hold.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/dns_resolver.h"
#include "agent/kernel_pins.h"
#include "netfilter/cgroup_plan.h"

namespace runward {
namespace {

constexpr int64_t kRest = 5;  // milliseconds between two looks
constexpr int64_t kLongestRest = 2000;
constexpr size_t kMostTold = 64;  // interfaces of one container: it can make them itself

std::string PinsOf(const Paths& paths) { return paths.run + "/bpf-veth"; }

// Of one start of a container, with its network's number behind it.
std::string NameOf(const std::string& key, uint64_t start) {
  return key + "-" + std::to_string(RW_HOST_LAYOUT) + "-" + std::to_string(start) + "-";
}

// The folder's name; "" when there is none.
std::string FindFolder(const std::string& pins, const std::string& prefix) {
  const std::vector<std::string> names = PinnedVersions(pins);
  const auto found = std::ranges::find_if(
      names, [&](const std::string& name) { return name.starts_with(prefix); });
  return found == names.end() ? "" : *found;
}

Result<UniqueFd> ListenToLinks() {
  UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  sockaddr_nl groups{};
  groups.nl_family = AF_NETLINK;
  groups.nl_groups = RTMGRP_LINK;
  if (!fd.valid() ||
      bind(fd.get(), reinterpret_cast<const sockaddr*>(&groups), sizeof groups) != 0) {
    return ErrnoError("listen to network interfaces", errno);
  }
  return fd;
}

Result<WantedRules> Wanted(const CableHold::For& container) {
  WantedRules wanted;
  wanted.start = std::to_string(container.start);
  wanted.plan = TRY(BuildCgroupPlan(container.rule));
  wanted.audit = container.audit;
  return wanted;
}

Error CannotHold(const Link& link) {
  return Error{"its interface " + DescribeLink(link) +
                   " is no cable (veth) that ends in the host's network, where packets could be "
                   "held to its rules",
               "give it a bridge's network alone, or its profile \"capabilities\": \"withhold\""};
}

}  // namespace

Result<std::unique_ptr<CableHold>> CableHold::Open(const Paths& paths, const For& container,
                                                   const NetNamespace& space, Poller& poller,
                                                   Calls calls) {
  std::unique_ptr<CableHold> one(new CableHold(poller, std::move(calls)));
  TRY(one->Begin(paths, container, space));
  return one;
}

CableHold::~CableHold() {
  if (told_) poller_.Remove(told_->fd());
  for (const UniqueFd* one : {&links_, &timer_}) {
    if (one->valid()) poller_.Remove(one->get());
  }
}

Result<void> CableHold::Begin(const Paths& paths, const For& container, const NetNamespace& space) {
  const std::string pins = PinsOf(paths);
  TRY(PreparePins(pins));
  const WantedRules wanted = TRY(Wanted(container));
  const std::string prefix = NameOf(container.key, container.start);
  const std::string known = FindFolder(pins, prefix);
  const std::string name = prefix + std::to_string(space.inode);
  dir_ = PinPath(pins, known.empty() ? name : known);
  TRY(GoOn(wanted));
  if (set_.empty()) TRY(Hold(container, wanted, space));
  TRY(Listen());
  // A process may leave its network for one of its own making; cables come to the one it left.
  if (known.empty() || known == name) {
    TRY(Follow(space));
  } else {
    calls_.came(
        "its first process is in another network than it was started in: a cable that comes to "
        "that one is not held",
        /*held=*/false);
  }
  for (const std::string& set : PinnedVersions(dir_)) {
    if (set != set_) RemovePinned(PinPath(dir_, set), {});
  }
  // Of earlier starts, which no agent saw the end of.
  for (const std::string& other : PinnedVersions(pins)) {
    const bool old = other.starts_with(container.key + "-") && PinPath(pins, other) != dir_;
    if (old) RemovePinned(PinPath(pins, other), {});
  }
  return {};
}

// With what an earlier agent had proved, if there is any. Where it changed the rules when it was
// killed, and some cables may have the old ones, these come to all of them as they are looked at.
Result<void> CableHold::GoOn(const WantedRules& wanted) {
  const std::string own = SetName(wanted);
  std::optional<VethRules> before = TRY(VethRules::Open(PinPath(dir_, own)));
  if (!before) {
    for (const std::string& set : PinnedVersions(dir_)) {
      if (!before) before = TRY(VethRules::Open(PinPath(dir_, set)));
    }
    if (!before) return {};
    before = TRY(VethRules::Make(dir_, wanted, RW_HOST_RULED, &before->maps()));
  }
  rules_ = *std::move(before);
  set_ = own;
  return {};
}

// What cannot be held is as it was: but one that runs stays closed, where its programs are
// attached.
Result<void> CableHold::Hold(const For& container, const WantedRules& wanted,
                             const NetNamespace& space) {
  // Before the programs, which a start that is refused does not need.
  const Cables cables = TRY(CablesOf(space));
  const bool refused = !cables.others.empty() && !container.audit && !container.runs;
  if (refused) return CannotHold(cables.others.front());
  if (mkdir(dir_.c_str(), 0700) != 0 && errno != EEXIST) {
    return ErrnoError("mkdir \"" + dir_ + "\"", errno);
  }
  Result<VethRules> made = VethRules::Make(dir_, wanted, RW_HOST_CLOSED, nullptr);
  Result<void> held = made.ok() ? Result<void>() : made.error();
  if (made.ok()) rules_ = std::move(made).value();
  if (held.ok()) held = HoldCables(container, space, cables);
  if (held.ok()) {
    set_ = SetName(wanted);
    const bool tell = !cables.others.empty() && !container.runs;
    if (tell) calls_.came(CannotHold(cables.others.front()).message, /*held=*/false);
    return held;
  }
  if (!container.runs) {
    for (const Cable& cable : cables.all) rules_.Detach(cable);
    RemovePinned(dir_, {});
  }
  return held;
}

Result<void> CableHold::HoldCables(const For& container, const NetNamespace& space,
                                   const Cables& cables) {
  for (const Cable& cable : cables.all) {
    TRY(rules_.Attach(cable));
    if (!container.audit) TRY(ProveCable(space, cable, rules_.maps()));
  }
  rules_.maps().ForgetDenied();
  return rules_.maps().SetState(RW_HOST_RULED);
}

Result<void> CableHold::Change(const For& container) {
  const WantedRules wanted = TRY(Wanted(container));
  const std::string own = SetName(wanted);
  if (own == set_) return {};
  if (!space_) {
    return Error{"the network that it was started in is not known any more",
                 "start the container again"};
  }
  const Cables cables = TRY(CablesOf(*space_));
  VethRules rules = TRY(VethRules::Make(dir_, wanted, RW_HOST_RULED, &rules_.maps()));
  Result<void> changed;
  for (const Cable& cable : cables.all) {
    if (changed.ok()) changed = rules.Attach(cable);
  }
  if (!changed.ok()) {
    for (const Cable& cable : cables.all) (void)rules_.Attach(cable).ok();
    RemovePinned(PinPath(dir_, own), {});
    return changed;
  }
  Read();
  poller_.Remove(told_->fd());
  told_.reset();
  RemovePinned(PinPath(dir_, set_), {});
  set_ = own;
  rules_ = std::move(rules);
  return Listen();
}

Result<void> CableHold::Listen() {
  told_ = TRY(RuleEvents::Open(rules_.maps().events(), calls_.seen));
  return poller_.Add(told_->fd(), [this] { told_->Read(); });
}

Result<void> CableHold::Follow(const NetNamespace& space) {
  space_ =
      NetNamespace{.fd = UniqueFd(fcntl(space.fd.get(), F_DUPFD_CLOEXEC, 0)), .inode = space.inode};
  if (!space_->fd.valid()) return ErrnoError("keep a network namespace open", errno);
  links_ = TRY(ListenToLinks());
  number_ = TRY(NumberOf(space));
  timer_ = UniqueFd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer_.valid()) return ErrnoError("make a timer", errno);
  TRY(poller_.Add(timer_.get(), [this] {
    uint64_t times = 0;
    (void)!read(timer_.get(), &times, sizeof times);
    Look();
  }));
  Look();
  return poller_.Add(links_.get(), [this] { ReadLinks(); });
}

void CableHold::ReadLinks() {
  alignas(nlmsghdr) std::array<uint8_t, 16384> bytes{};
  constexpr int kMost = 64;
  bool news = false;
  for (int i = 0; i < kMost; ++i) {
    const ssize_t size = recv(links_.get(), bytes.data(), bytes.size(), 0);
    if (size < 0 && errno != ENOBUFS) break;
    // What there was no room for may have been about it.
    news = news || size < 0 || !number_ ||
           IsAboutSpace({bytes.data(), static_cast<size_t>(size)}, *number_);
  }
  if (news) Look();
}

// A container can have news of its cable made without end, and a look last as long as it has
// interfaces: what comes soon after a look waits, ten times as long as that took.
void CableHold::Look() {
  const int64_t now = MonotonicMilliseconds();
  if (now < free_at_) return LookIn(free_at_ - now);
  const bool held = LookAgain();
  const int64_t after = MonotonicMilliseconds();
  free_at_ = after + std::clamp<int64_t>(10 * (after - now), kRest, kLongestRest);
  if (!held) LookIn(kLongestRest);  // of what was in the way no news may come
}

void CableHold::LookIn(int64_t milliseconds) {
  const itimerspec then{
      .it_interval = {},
      .it_value = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1'000'000}};
  (void)timerfd_settime(timer_.get(), 0, &then, nullptr);
}

bool CableHold::LookAgain() {
  if (const auto number = NumberOf(*space_); number.ok()) number_ = number.value();
  const Result<Cables> cables = CablesOf(*space_);
  if (!cables.ok()) return false;
  bool all = true;
  for (const Cable& cable : cables.value().all) {
    const Result<bool> attached = rules_.IsAttached(cable);
    if (!attached.ok() || !attached.value()) all = TakeCable(cable) && all;
  }
  has_others_ = !cables.value().others.empty();
  for (const Link& link : cables.value().others) {
    const bool first = told_others_.size() < kMostTold && told_others_.insert(link.index).second;
    if (first) calls_.came(CannotHold(link).message, /*held=*/false);
  }
  return all;
}

bool CableHold::TakeCable(const Cable& cable) {
  const Result<void> held = rules_.Attach(cable);
  const bool first = told_cables_.size() < kMostTold && told_cables_.insert(cable.index).second;
  if (held.ok()) {
    calls_.came("its cable \"" + cable.inside + "\" is held to its rules from now on",
                /*held=*/true);
  } else if (first) {
    calls_.came(held.error().message, /*held=*/false);
  }
  return held.ok();
}

void CableHold::End() { RemovePinned(dir_, {}); }

void SweepCableHolds(const Paths& paths, const std::function<bool(const std::string&)>& lives) {
  const std::string pins = PinsOf(paths);
  for (const std::string& name : PinnedVersions(pins)) {
    if (!lives(name.substr(0, name.find('-')))) RemovePinned(PinPath(pins, name), {});
  }
}

}  // namespace runward
