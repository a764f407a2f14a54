#include "agent/veth_rules.h"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include "agent/bpf_warning.h"
#include "agent/kernel_object.h"
#include "agent/kernel_pins.h"
#include "agent/tc_filter.h"

namespace runward {
namespace {

constexpr const char* kOut = "runward_out";
constexpr const char* kIn = "runward_in";
constexpr int kPatience = 200;  // milliseconds

// Of a protocol that nobody speaks (IEEE's for experiments), to nobody.
Result<bool> SendFrame(int interface) {
  constexpr uint16_t kExperiment = 0x88b5;
  const UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return ErrnoError("make a packet socket", errno);
  std::array<uint8_t, ETH_ZLEN> frame{};
  frame[0] = 2;  // addresses of nobody's
  frame[6] = 2;
  frame[12] = kExperiment >> 8;
  frame[13] = kExperiment & 0xff;
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_protocol = htons(kExperiment);
  to.sll_ifindex = interface;
  const ssize_t sent = sendto(fd.get(), frame.data(), frame.size(), 0,
                              reinterpret_cast<const sockaddr*>(&to), sizeof to);
  if (sent >= 0 || errno == ENOBUFS) return true;  // ENOBUFS: it was dropped
  if (errno == ENETDOWN) return false;
  return ErrnoError("send a frame", errno);
}

bool WasCounted(const RuleMaps& maps, bool ingress) {
  for (int waited = 0; waited < kPatience; ++waited) {
    if (maps.Denied().contains({.ingress = ingress, .rule = -1})) return true;
    constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 1'000'000};
    nanosleep(&kPause, nullptr);
  }
  return false;
}

}  // namespace

Result<VethRules> VethRules::Make(const std::string& dir, const WantedRules& wanted,
                                  rw_host_state state, const RuleMaps* before) {
  const std::string folder = PinPath(dir, SetName(wanted));
  RemovePinned(folder, {});  // of an agent that was killed
  const Result<RuleMaps> made = MakeRuleSet(folder, VethObject(), wanted, state, before);
  if (made.ok()) return OpenAll(folder);
  Error error = made.error();
  if (error.hint.empty()) {
    error.hint =
        "the kernel needs to be Linux 6.2 or later, with CONFIG_NET_CLS_BPF, "
        "CONFIG_NET_SCH_INGRESS and CONFIG_DEBUG_INFO_BTF; or give its profile \"capabilities\": "
        "\"withhold\"";
  }
  return error;
}

Result<VethRules> VethRules::OpenAll(const std::string& folder) {
  VethRules rules;
  rules.maps_ = TRY(RuleMaps::Open(folder));
  rules.out_ = TRY(OpenPinned(folder, kOut));
  rules.in_ = TRY(OpenPinned(folder, kIn));
  return rules;
}

Result<std::optional<VethRules>> VethRules::Open(const std::string& folder) {
  if (!RuleMaps::AreIn(folder)) return std::optional<VethRules>();
  VethRules rules = TRY(OpenAll(folder));
  const rw_host_settings settings = TRY(rules.maps_.Settings());
  if (settings.state != RW_HOST_RULED) return std::optional<VethRules>();
  return std::optional<VethRules>(std::move(rules));
}

Result<void> VethRules::Attach(const Cable& cable) const {
  KeepBpfWarnings();
  Result<void> done = cable.has_xdp
                          ? Error{"a program (XDP) sees its frames before all others", "remove it"}
                          : AttachTcFilter(cable.index, TcSide::kGets, out_.get());
  if (done.ok()) done = AttachTcFilter(cable.index, TcSide::kSends, in_.get());
  if (done.ok()) return done;
  Error error = done.error();
  error.message = "the host's end \"" + cable.name + "\" of the container's \"" + cable.inside +
                  "\" cannot be held: " + error.message;
  return error;
}

void VethRules::Detach(const Cable& cable) const {
  DetachTcFilter(cable.index, TcSide::kGets, out_.get());
  DetachTcFilter(cable.index, TcSide::kSends, in_.get());
}

Result<bool> VethRules::IsAttached(const Cable& cable) const {
  return TRY(IsFirstTcFilter(cable.index, TcSide::kGets, out_.get())) &&
         TRY(IsFirstTcFilter(cable.index, TcSide::kSends, in_.get()));
}

Result<void> ProveCable(const NetNamespace& space, const Cable& cable, const RuleMaps& maps) {
  maps.ForgetDenied();
  Result<bool> sent = SendFrame(cable.index);
  if (sent.ok()) {
    const InNetNamespace inside = TRY(InNetNamespace::Enter(space));
    const Result<bool> also = SendFrame(cable.inside_index);
    if (!also.ok() || !also.value()) sent = also;
  }
  if (!sent.ok()) return sent.error();
  const bool seen = !sent.value() || (WasCounted(maps, false) && WasCounted(maps, true));
  if (seen) return {};
  return Error{"packets go past the filters of \"" + cable.name + "\", the host's end of \"" +
                   cable.inside + "\"",
               "give its profile \"capabilities\": \"withhold\""};
}

}  // namespace runward
