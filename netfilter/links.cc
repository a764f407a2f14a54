#include "netfilter/links.h"

#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include <array>
#include <cerrno>

#include "base/fd.h"

namespace runward {
namespace {

constexpr int kTries = 8;  // interfaces may come and go while they are listed

using Socket = CHandle<nl_sock, nl_socket_free>;
using Attributes = std::array<nlattr*, IFLA_MAX + 1>;

Error NetlinkError(const char* what, int code) {
  return Error{std::string(what) + ": " + nl_geterror(code), ""};
}

Result<Socket> OpenSocket() {
  Socket socket(nl_socket_alloc());
  if (socket == nullptr) return Error{"make a netlink socket: no memory", ""};
  nl_socket_disable_auto_ack(socket.get());
  const int code = nl_connect(socket.get(), NETLINK_ROUTE);
  if (code != 0) return NetlinkError("open a netlink socket", code);
  return socket;
}

int32_t NumberIn(nlattr* attribute) {
  return attribute == nullptr || nla_len(attribute) < 4 ? 0 : nla_get_s32(attribute);
}

std::string TextIn(nlattr* attribute) {
  if (attribute == nullptr || nla_len(attribute) < 1) return "";
  const std::string text(static_cast<const char*>(nla_data(attribute)),
                         static_cast<size_t>(nla_len(attribute)));
  return text.substr(0, text.find('\0'));
}

Attributes Nested(nlattr* attribute, int most) {
  Attributes attributes{};
  if (attribute == nullptr) return attributes;
  if (nla_parse_nested(attributes.data(), most, attribute, nullptr) < 0) return Attributes{};
  return attributes;
}

// Null when it is not about an interface.
nlmsghdr* ParseLink(std::span<const uint8_t> message, Attributes& top) {
  // libnl reads without writing, yet takes no constant.
  auto* header = reinterpret_cast<nlmsghdr*>(const_cast<uint8_t*>(message.data()));
  const bool whole =
      message.size() >= NLMSG_LENGTH(sizeof(ifinfomsg)) && header->nlmsg_len <= message.size();
  if (!whole || (header->nlmsg_type != RTM_NEWLINK && header->nlmsg_type != RTM_DELLINK) ||
      nlmsg_parse(header, sizeof(ifinfomsg), top.data(), IFLA_MAX, nullptr) < 0) {
    return nullptr;
  }
  return header;
}

std::span<const uint8_t> BytesOf(nl_msg* message) {
  const nlmsghdr* header = nlmsg_hdr(message);
  return {reinterpret_cast<const uint8_t*>(header), header->nlmsg_len};
}

int TakeLink(nl_msg* message, void* links) {
  if (auto link = ReadLink(BytesOf(message))) {
    static_cast<std::vector<Link>*>(links)->push_back(*std::move(link));
  }
  return NL_OK;
}

int TakeNumber(nl_msg* message, void* number) {
  std::array<nlattr*, NETNSA_MAX + 1> attributes{};
  if (nlmsg_parse(nlmsg_hdr(message), sizeof(rtgenmsg), attributes.data(), NETNSA_MAX, nullptr) <
      0) {
    return NL_STOP;
  }
  if (attributes[NETNSA_NSID] != nullptr) {
    *static_cast<int32_t*>(number) = NumberIn(attributes[NETNSA_NSID]);
  }
  return NL_STOP;
}

}  // namespace

std::optional<Link> ReadLink(std::span<const uint8_t> message) {
  Attributes top{};
  nlmsghdr* header = ParseLink(message, top);
  if (header == nullptr || header->nlmsg_type != RTM_NEWLINK) return std::nullopt;
  const auto* info = static_cast<const ifinfomsg*>(nlmsg_data(header));
  Link link{.index = info->ifi_index,
            .name = TextIn(top[IFLA_IFNAME]),
            .kind = TextIn(Nested(top[IFLA_LINKINFO], IFLA_INFO_MAX)[IFLA_INFO_KIND]),
            .loopback = (info->ifi_flags & IFF_LOOPBACK) != 0,
            .peer = NumberIn(top[IFLA_LINK])};
  if (top[IFLA_LINK_NETNSID] != nullptr) link.peer_space = NumberIn(top[IFLA_LINK_NETNSID]);
  nlattr* xdp = Nested(top[IFLA_XDP], IFLA_XDP_MAX)[IFLA_XDP_ATTACHED];
  link.has_xdp = xdp != nullptr && nla_len(xdp) > 0 && nla_get_u8(xdp) != 0;
  return link;
}

bool IsAboutSpace(std::span<const uint8_t> message, int32_t number) {
  Attributes top{};
  if (ParseLink(message, top) == nullptr) return false;
  const auto is = [&](int attribute) {
    return top.at(attribute) != nullptr && NumberIn(top.at(attribute)) == number;
  };
  return is(IFLA_LINK_NETNSID) || is(IFLA_NEW_NETNSID);
}

Result<std::vector<Link>> ReadLinks() {
  int code = 0;
  for (int tries = 0; tries < kTries; ++tries) {
    const Socket socket = TRY(OpenSocket());
    std::vector<Link> links;
    nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_CUSTOM, TakeLink, &links);
    ifinfomsg any{};
    code = nl_send_simple(socket.get(), RTM_GETLINK, NLM_F_DUMP, &any, sizeof any);
    if (code >= 0) code = nl_recvmsgs_default(socket.get());
    if (code >= 0) return links;
    if (code != -NLE_DUMP_INTR) break;
  }
  return NetlinkError("list network interfaces", code);
}

Result<std::optional<int32_t>> NumberOf(const NetNamespace& space) {
  const Socket socket = TRY(OpenSocket());
  const CHandle<nl_msg, nlmsg_free> request(nlmsg_alloc_simple(RTM_GETNSID, NLM_F_REQUEST));
  rtgenmsg any{};
  if (request == nullptr || nlmsg_append(request.get(), &any, sizeof any, NLMSG_ALIGNTO) < 0 ||
      nla_put_u32(request.get(), NETNSA_FD, static_cast<uint32_t>(space.fd.get())) < 0) {
    return Error{"ask for a network namespace's number: no memory", ""};
  }
  int32_t number = NETNSA_NSID_NOT_ASSIGNED;
  nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_CUSTOM, TakeNumber, &number);
  int code = nl_send_auto(socket.get(), request.get());
  if (code >= 0) code = nl_recvmsgs_default(socket.get());
  if (code < 0) return NetlinkError("ask for a network namespace's number", code);
  if (number < 0) return std::optional<int32_t>();
  return std::optional<int32_t>(number);
}

}  // namespace runward
