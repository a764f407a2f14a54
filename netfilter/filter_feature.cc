#include "netfilter/filter_feature.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include <array>
#include <charconv>
#include <utility>

#include "base/fd.h"

namespace runward {
namespace {

constexpr int kLoopback = 1;

using Socket = CHandle<nl_sock, nl_socket_free>;
using Message = CHandle<nl_msg, nlmsg_free>;

Message Begin(int type, uint32_t parent, uint32_t info, const char* kind) {
  Message message(nlmsg_alloc_simple(type, NLM_F_CREATE | NLM_F_EXCL));
  tcmsg head{};
  head.tcm_family = AF_UNSPEC;
  head.tcm_ifindex = kLoopback;
  head.tcm_parent = parent;
  head.tcm_info = info;
  if (type == RTM_NEWQDISC) head.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
  if (message == nullptr || nlmsg_append(message.get(), &head, sizeof head, NLMSG_ALIGNTO) < 0 ||
      nla_put_string(message.get(), TCA_KIND, kind) < 0) {
    return nullptr;
  }
  return message;
}

// The least of programs, in the classic form: it lets all pass.
bool AddProgram(nl_msg* message) {
  std::array<sock_filter, 1> program = {{{.code = BPF_RET | BPF_K, .k = 0}}};
  nlattr* options = nla_nest_start(message, TCA_OPTIONS);
  const bool added = options != nullptr && nla_put_u16(message, TCA_BPF_OPS_LEN, 1) >= 0 &&
                     nla_put(message, TCA_BPF_OPS, sizeof program, program.data()) >= 0;
  if (added) nla_nest_end(message, options);
  return added;
}

bool Do(nl_sock* socket, nl_msg* message) {
  return nl_send_auto(socket, message) >= 0 && nl_wait_for_ack(socket) == 0;
}

}  // namespace

bool TakesFilters() {
  const Socket socket(nl_socket_alloc());
  if (socket == nullptr || nl_connect(socket.get(), NETLINK_ROUTE) != 0) return false;
  const Message place = Begin(RTM_NEWQDISC, TC_H_CLSACT, 0, "clsact");
  if (place == nullptr || !Do(socket.get(), place.get())) return false;
  const Message filter = Begin(RTM_NEWTFILTER, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
                               TC_H_MAKE(1U << 16, htons(ETH_P_ALL)), "bpf");
  return filter != nullptr && AddProgram(filter.get()) && Do(socket.get(), filter.get());
}

bool SeesChecksums(std::string_view release) {
  std::pair<int, int> version;
  const char* end = release.data() + release.size();
  const auto major = std::from_chars(release.data(), end, version.first);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return false;
  if (std::from_chars(major.ptr + 1, end, version.second).ec != std::errc()) return false;
  return version >= std::pair(6, 2);
}

}  // namespace runward
