#include "netfilter/read_rules.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <functional>
#include <string_view>

#include "base/fd.h"

extern "C" {
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
}

namespace runward {
namespace {

using RuleHandle = CHandle<nftnl_rule, nftnl_rule_free>;
using ChainHandle = CHandle<nftnl_chain, nftnl_chain_free>;
using Visitor = std::function<void(const nlmsghdr*)>;

constexpr int kPatience = 5000;  // milliseconds

// True when it was the last one.
Result<bool> TakeMessage(const nlmsghdr* message, const Visitor& visit) {
  if (message->nlmsg_type == NLMSG_DONE) return true;
  if (message->nlmsg_type == NLMSG_ERROR) {
    const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message));
    if (error->error == 0) return true;
    return ErrnoError("read the rules of nftables", -error->error);
  }
  visit(message);
  return false;
}

Result<void> ReadAnswers(int fd, const Visitor& visit) {
  std::vector<char> buffer(size_t{64} << 10);
  while (true) {
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, kPatience) != 1) return Error{"nftables does not answer", ""};
    const ssize_t size = recv(fd, buffer.data(), buffer.size(), 0);
    if (size < 0) return ErrnoError("read the rules of nftables", errno);
    auto left = static_cast<uint32_t>(size);
    for (auto* message = reinterpret_cast<nlmsghdr*>(buffer.data()); NLMSG_OK(message, left);
         message = NLMSG_NEXT(message, left)) {
      if (TRY(TakeMessage(message, visit))) return {};
    }
  }
}

Result<void> Send(nl_sock* socket, nlmsghdr* message) {
  const int sent = nl_sendto(socket, message, message->nlmsg_len);
  if (sent >= 0) return {};
  return Error{std::string("ask nftables for its rules: ") + nl_geterror(sent), ""};
}

Result<void> VisitRules(nl_sock* socket, const std::string& table,
                        const std::function<void(nftnl_rule*)>& visit) {
  std::array<char, 1024> bytes{};
  nlmsghdr* message = nftnl_nlmsg_build_hdr(bytes.data(), NFT_MSG_GETRULE, NFPROTO_INET, NLM_F_DUMP,
                                            /*seq=*/1);
  const RuleHandle wanted(nftnl_rule_alloc());
  nftnl_rule_set_str(wanted.get(), NFTNL_RULE_TABLE, table.c_str());
  nftnl_rule_nlmsg_build_payload(message, wanted.get());
  TRY(Send(socket, message));
  return ReadAnswers(nl_socket_get_fd(socket), [&visit](const nlmsghdr* answer) {
    const RuleHandle rule(nftnl_rule_alloc());
    if (nftnl_rule_nlmsg_parse(answer, rule.get()) >= 0) visit(rule.get());
  });
}

// What a chain denies: "egress_deny_3", "egress_rate_3", "ingress_deny_default".
std::optional<DeniedCount> DenialOf(std::string_view chain) {
  DeniedCount count;
  const size_t end = chain.find('_');
  if (end == std::string_view::npos) return std::nullopt;
  if (chain.substr(0, end) == "ingress") count.direction = Direction::kIngress;
  const std::string_view index = chain.substr(chain.rfind('_') + 1);
  uint32_t number = 0;
  if (std::from_chars(index.data(), index.data() + index.size(), number).ec == std::errc{}) {
    count.rule = number;
  }
  return count;
}

int AddCounter(nftnl_expr* expr, void* data) {
  if (std::string_view(nftnl_expr_get_str(expr, NFTNL_EXPR_NAME)) != "counter") return 0;
  auto* count = static_cast<DeniedCount*>(data);
  count->packets += nftnl_expr_get_u64(expr, NFTNL_EXPR_CTR_PACKETS);
  count->bytes += nftnl_expr_get_u64(expr, NFTNL_EXPR_CTR_BYTES);
  return -1;  // stops
}

}  // namespace

Result<size_t> CountInstalled(nl_sock* socket, const std::string& table) {
  std::array<char, 1024> bytes{};
  TRY(Send(socket, nftnl_nlmsg_build_hdr(bytes.data(), NFT_MSG_GETCHAIN, NFPROTO_INET, NLM_F_DUMP,
                                         /*seq=*/1)));
  size_t count = 0;
  TRY(ReadAnswers(nl_socket_get_fd(socket), [&](const nlmsghdr* answer) {
    const ChainHandle chain(nftnl_chain_alloc());
    if (nftnl_chain_nlmsg_parse(answer, chain.get()) < 0) return;
    if (nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_TABLE) != table) return;
    count += nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_USE);
  }));
  return count;
}

Result<std::vector<DeniedCount>> ReadDenied(nl_sock* socket, const std::string& table) {
  std::vector<DeniedCount> all;
  TRY(VisitRules(socket, table, [&all](nftnl_rule* rule) {
    auto count = DenialOf(nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN));
    if (count && nftnl_expr_foreach(rule, AddCounter, &*count) < 0) all.push_back(*count);
  }));
  return all;
}

}  // namespace runward
