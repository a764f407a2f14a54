#include "agent/tc_filter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "agent/bpf_warning.h"
#include "base/fd.h"

namespace runward {
namespace {

constexpr uint32_t kFirst = 1;  // the priority, and the handle, of ours

using Socket = CHandle<nl_sock, nl_socket_free>;

bpf_tc_attach_point PointOf(TcSide side) {
  return side == TcSide::kGets ? BPF_TC_INGRESS : BPF_TC_EGRESS;
}

std::string TextIn(nlattr* attribute) {
  return attribute == nullptr ? "" : std::string(nla_get_string(attribute));
}

// A filter's number of its own; what stands for all filters of a priority has none.
std::optional<TcFilter> ReadFilter(nlmsghdr* header) {
  std::array<nlattr*, TCA_MAX + 1> top{};
  std::array<nlattr*, TCA_BPF_MAX + 1> bpf{};
  if (header->nlmsg_type != RTM_NEWTFILTER ||
      nlmsg_parse(header, sizeof(tcmsg), top.data(), TCA_MAX, nullptr) < 0) {
    return std::nullopt;
  }
  const auto* info = static_cast<const tcmsg*>(nlmsg_data(header));
  TcFilter filter{.priority = info->tcm_info >> 16, .handle = info->tcm_handle};
  filter.name = TextIn(top[TCA_KIND]);
  if (filter.name == "bpf") {
    if (top[TCA_OPTIONS] == nullptr ||
        nla_parse_nested(bpf.data(), TCA_BPF_MAX, top[TCA_OPTIONS], nullptr) < 0) {
      return std::nullopt;  // all of its priority
    }
    if (bpf[TCA_BPF_ID] != nullptr) filter.program = nla_get_u32(bpf[TCA_BPF_ID]);
    if (bpf[TCA_BPF_NAME] != nullptr) filter.name = TextIn(bpf[TCA_BPF_NAME]);
  }
  return filter;
}

int Take(nl_msg* message, void* filters) {
  if (auto filter = ReadFilter(nlmsg_hdr(message))) {
    static_cast<std::vector<TcFilter>*>(filters)->push_back(*std::move(filter));
  }
  return NL_OK;
}

// tcx (6.6 and later) stands before all filters. A kernel that does not know it has none there.
bool HasEarlierPrograms(int interface, TcSide side) {
  constexpr uint32_t kTcxIngress = 46;
  constexpr uint32_t kTcxEgress = 47;
  bpf_attr query{};
  query.query.target_fd = static_cast<uint32_t>(interface);  // target_ifindex
  query.query.attach_type = side == TcSide::kGets ? kTcxIngress : kTcxEgress;
  const long code = syscall(SYS_bpf, BPF_PROG_QUERY, &query, sizeof query);
  return code == 0 && query.query.prog_cnt > 0;
}

Result<bpf_prog_info> InfoOf(int program) {
  bpf_prog_info info{};
  uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(program, &info, &size) == 0) return info;
  return ErrnoError("look at a BPF program", errno);
}

// libbpf gives a filter the name of its program, and a number behind it.
bool IsOfName(const TcFilter& filter, const std::string& name) {
  return filter.program != 0 && filter.name.starts_with(name + ":[");
}

Error Occupied(const std::string& by) {
  return Error{"another program filters it already (" + by +
                   "), so that the rules would not see "
                   "each packet",
               "use a network whose plugin attaches no filters of its own, or \"capabilities\": "
               "\"withhold\""};
}

}  // namespace

Result<std::vector<TcFilter>> TcFilters(int interface, TcSide side) {
  const Socket socket(nl_socket_alloc());
  if (socket == nullptr) return Error{"make a netlink socket: no memory", ""};
  std::vector<TcFilter> filters;
  nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_CUSTOM, Take, &filters);
  int code = nl_connect(socket.get(), NETLINK_ROUTE);
  tcmsg which{};
  which.tcm_family = AF_UNSPEC;
  which.tcm_ifindex = interface;
  which.tcm_parent =
      TC_H_MAKE(TC_H_CLSACT, side == TcSide::kGets ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
  if (code == 0) {
    code = nl_send_simple(socket.get(), RTM_GETTFILTER, NLM_F_DUMP, &which, sizeof which);
  }
  if (code >= 0) code = nl_recvmsgs_default(socket.get());
  if (code < 0) return Error{std::string("list the interface's filters: ") + nl_geterror(code), ""};
  std::ranges::stable_sort(filters, {}, &TcFilter::priority);
  return filters;
}

Result<bool> IsFirstTcFilter(int interface, TcSide side, int program) {
  const bpf_prog_info info = TRY(InfoOf(program));
  const std::vector<TcFilter> filters = TRY(TcFilters(interface, side));
  return !filters.empty() && filters.front().program == info.id &&
         filters.front().priority == kFirst && !HasEarlierPrograms(interface, side);
}

Result<void> AttachTcFilter(int interface, TcSide side, int program) {
  const bpf_prog_info info = TRY(InfoOf(program));
  if (HasEarlierPrograms(interface, side)) return Occupied("tcx");
  LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = interface,
              .attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS));
  const int made = bpf_tc_hook_create(&hook);
  if (made != 0 && made != -EEXIST) return BpfError("make a place for filters", -made);
  for (const TcFilter& filter : TRY(TcFilters(interface, side))) {
    const bool ours =
        IsOfName(filter, info.name) && filter.priority == kFirst && filter.handle == kFirst;
    if (!ours) return Occupied(filter.name);
  }
  hook.attach_point = PointOf(side);
  LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program, .flags = BPF_TC_F_REPLACE, .handle = kFirst,
              .priority = kFirst);
  const int attached = bpf_tc_attach(&hook, &options);
  if (attached != 0) return BpfError("attach a filter", -attached);
  const std::vector<TcFilter> now = TRY(TcFilters(interface, side));
  if (now.size() == 1 && now.front().program == info.id) return {};
  return Error{"the kernel does not have the filter that was attached", ""};
}

void DetachTcFilter(int interface, TcSide side, int program) {
  const Result<bool> first = IsFirstTcFilter(interface, side, program);
  if (!first.ok() || !first.value()) return;
  LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = interface, .attach_point = PointOf(side));
  LIBBPF_OPTS(bpf_tc_opts, which, .handle = kFirst, .priority = kFirst);
  bpf_tc_detach(&hook, &which);
}

}  // namespace runward
