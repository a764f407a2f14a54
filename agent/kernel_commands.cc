#include "agent/kernel_commands.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "agent/bpf/shared.h"
#include "agent/kernel_object.h"
#include "agent/kernel_pins.h"
#include "agent/kernel_selftest.h"
#include "agent/told_tries.h"

namespace runward {
namespace {

constexpr KernelTier kBestFirst[] = {KernelTier::kLsm, KernelTier::kFmodRet, KernelTier::kKill};

std::string Layout() { return std::to_string(RW_LAYOUT) + "-"; }

std::vector<std::string> AllLinks() {
  std::vector<std::string> links;
  for (KernelTier tier : kBestFirst) {
    for (std::string& link : KernelLinks(tier)) links.push_back(std::move(link));
  }
  return links;
}

// A folder in which the last link is missing was being made when its maker died.
bool Complete(const std::string& dir, const std::vector<std::string>& links) {
  return std::ranges::all_of(links, [&](const std::string& link) {
    return access(PinPath(dir, link).c_str(), F_OK) == 0;
  });
}

bool CompleteAnyTier(const std::string& dir) {
  return std::ranges::any_of(kBestFirst,
                             [&](KernelTier tier) { return Complete(dir, KernelLinks(tier)); });
}

// The version whose containers a new one takes over; "" when there is none.
std::string Older(const std::string& pins, const std::string& version) {
  std::string older;
  for (const std::string& name : PinnedVersions(pins)) {
    bool fits = name != version && name.starts_with(Layout());
    if (fits && CompleteAnyTier(PinPath(pins, name))) older = name;
  }
  return older;
}

// 0 when it cannot be read.
uint64_t OwnPidNamespace() {
  struct stat ns = {};
  return stat("/proc/self/ns/pid", &ns) == 0 ? ns.st_ino : 0;
}

}  // namespace

KernelCommands::KernelCommands(std::string pins, std::string version, KernelTier tier,
                               KernelMaps maps, KernelEvents events)
    : pins_(std::move(pins)),
      version_(std::move(version)),
      tier_(tier),
      maps_(std::move(maps)),
      events_(std::move(events)) {}

Result<KernelCommands> KernelCommands::LoadTier(const std::string& pins, KernelTier tier) {
  std::string version = Layout() + KernelObjectVersion() + "-" + KernelTierName(tier);
  std::string dir = PinPath(pins, version);
  bool found = Complete(dir, KernelLinks(tier));
  if (!found) {
    RemovePinned(dir, AllLinks());
    std::string older = Older(pins, version);
    TRY(LoadKernelTier(tier, dir, older.empty() ? "" : PinPath(pins, older)));
  }
  KernelMaps maps = TRY(KernelMaps::Open(dir));
  TRY(maps.SetAgent(static_cast<uint32_t>(OwnPidNamespace())));
  maps.Forget(kSelfTestContainer);  // of one that was killed in the middle of it
  if (Result<void> proven = KernelSelfTest(tier, maps); !proven.ok()) {
    // What was found has containers, which it may still be holding in part.
    if (!found) RemovePinned(dir, AllLinks());
    return std::move(proven).error();
  }
  KernelEvents events = TRY(KernelEvents::Open(dir));
  return KernelCommands(pins, version, tier, std::move(maps), std::move(events));
}

Result<KernelCommands> KernelCommands::Load(const std::string& pins,
                                            std::span<const KernelTier> allowed) {
  TRY(PreparePins(pins));
  std::vector<std::string> passed_over;
  for (KernelTier tier : kBestFirst) {
    if (std::ranges::find(allowed, tier) == allowed.end()) continue;
    Result<KernelCommands> loaded = LoadTier(pins, tier);
    if (!loaded.ok()) {
      passed_over.push_back(KernelTierName(tier) + ": " + loaded.error().message);
      continue;
    }
    KernelCommands& commands = loaded.value();
    commands.passed_over_ = std::move(passed_over);
    for (const std::string& name : PinnedVersions(pins)) {
      bool replaced = name != commands.version_ && name.starts_with(Layout());
      if (replaced) RemovePinned(PinPath(pins, name), AllLinks());
    }
    return loaded;
  }
  Error error = {"no BPF program can decide about commands here", ""};
  for (const std::string& why : passed_over) error.message += "; " + why;
  error.hint = "the kernel needs CONFIG_BPF_SYSCALL and CONFIG_DEBUG_INFO_BTF, the agent root";
  return error;
}

Result<void> KernelCommands::Register(uint64_t container, uint32_t pid_namespace, uint64_t cgroup,
                                      const KernelRules& rules) {
  if (container == kSelfTestContainer) return Error{"a container's number is out of range", ""};
  if (pid_namespace != 0 && pid_namespace == OwnPidNamespace()) {
    return Error{"the container shares the host's pid namespace", "register it by its cgroup"};
  }
  if (pid_namespace != 0) return maps_.Register(container, pid_namespace, rules);
  if (cgroup == 0 || (cgroup & RW_BY_CGROUP) != 0) {
    return Error{
        "a container in the host's pid namespace has no cgroup of its own",
        "mount the unified control group hierarchy, or give the container a pid namespace"};
  }
  return maps_.Register(container, cgroup | RW_BY_CGROUP, rules);
}

void KernelCommands::Approve(pid_t process, const FileKey& file, uint32_t user) const {
  maps_.Approve(static_cast<uint32_t>(process), file, user, MonotonicNow());
}

void KernelCommands::Drain(const std::function<void(const KernelEvent&)>& see) {
  events_.Drain([&see](const KernelEvent& event) {
    if (event.container != kSelfTestContainer) see(event);
  });
}

void KernelCommands::DropOlder() {
  for (const std::string& name : PinnedVersions(pins_)) {
    if (name != version_) RemovePinned(PinPath(pins_, name), AllLinks());
  }
}

void RemoveKernelCommands(const std::string& pins) {
  for (const std::string& name : PinnedVersions(pins))
    RemovePinned(PinPath(pins, name), AllLinks());
}

}  // namespace runward
