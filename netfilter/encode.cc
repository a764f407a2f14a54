#include "netfilter/encode.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>

#include "netfilter/encode_rule.h"
#include "netfilter/plan_text.h"

extern "C" {
#include <libnftnl/chain.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
}

namespace runward {
namespace {

using TableHandle = CHandle<nftnl_table, nftnl_table_free>;
using ChainHandle = CHandle<nftnl_chain, nftnl_chain_free>;
using SetHandle = CHandle<nftnl_set, nftnl_set_free>;
using ElementsIterator = CHandle<nftnl_set_elems_iter, nftnl_set_elems_iter_destroy>;

void TableCommand(const std::string& table, uint16_t type, uint16_t flags, Batch& batch) {
  const TableHandle handle(nftnl_table_alloc());
  nftnl_table_set_str(handle.get(), NFTNL_TABLE_NAME, table.c_str());
  nlmsghdr* message = batch.Begin(type, flags, [table] { return "table inet " + table; });
  nftnl_table_nlmsg_build_payload(message, handle.get());
  batch.End();
}

struct KeyType {
  uint32_t number;  // nft's own, for its listings
  uint32_t size;
};
KeyType TypeOf(SetKind kind) {
  switch (kind) {
    case SetKind::kIpv4:
      return {7, 4};
    case SetKind::kIpv6:
      return {8, 16};
    case SetKind::kPort:
      return {13, 2};
    case SetKind::kIcmp:
      return {14, 1};
    default:
      return {29, 1};
  }
}

void EncodeSet(const std::string& table, const PlanSet& set, uint32_t id, Batch& batch) {
  const SetHandle handle(nftnl_set_alloc());
  const KeyType type = TypeOf(set.kind);
  nftnl_set_set_str(handle.get(), NFTNL_SET_TABLE, table.c_str());
  nftnl_set_set_str(handle.get(), NFTNL_SET_NAME, set.name.c_str());
  nftnl_set_set_u32(handle.get(), NFTNL_SET_ID, id);
  nftnl_set_set_u32(handle.get(), NFTNL_SET_FAMILY, NFPROTO_INET);
  nftnl_set_set_u32(handle.get(), NFTNL_SET_KEY_TYPE, type.number);
  nftnl_set_set_u32(handle.get(), NFTNL_SET_KEY_LEN, type.size);
  uint32_t flags = 0;
  if (IsInterval(set)) flags |= NFT_SET_INTERVAL;
  if (set.timed) flags |= NFT_SET_TIMEOUT;
  nftnl_set_set_u32(handle.get(), NFTNL_SET_FLAGS, flags);
  nlmsghdr* message =
      batch.Begin(NFT_MSG_NEWSET, NLM_F_CREATE, [name = set.name] { return "set " + name; });
  nftnl_set_nlmsg_build_payload(message, handle.get());
  batch.End();
}

void AddElement(nftnl_set* set, const uint8_t* key, uint32_t size, bool end) {
  nftnl_set_elem* element = nftnl_set_elem_alloc();
  nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, key, size);
  if (end) nftnl_set_elem_set_u32(element, NFTNL_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
  nftnl_set_elem_add(set, element);
}

// A range is an element where it begins and one behind its end, unless nothing is behind it.
void AddAddresses(const PlanSet& set, nftnl_set* handle) {
  for (const AddressRange& range : set.ranges) {
    const auto size = static_cast<uint32_t>(range.first.size());
    AddElement(handle, range.first.bytes.data(), size, false);
    if (const auto next = NextAddress(range.last)) {
      AddElement(handle, next->bytes.data(), size, true);
    }
  }
}

void AddNames(const PlanSet& set, nftnl_set* handle) {
  for (const TimedAddress& one : set.names) {
    nftnl_set_elem* element = nftnl_set_elem_alloc();
    nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, one.address.bytes.data(),
                       static_cast<uint32_t>(one.address.size()));
    if (set.timed) {
      nftnl_set_elem_set_u64(element, NFTNL_SET_ELEM_TIMEOUT, uint64_t{one.seconds} * 1000);
    }
    nftnl_set_elem_add(handle, element);
  }
}

void AddNumbers(const PlanSet& set, nftnl_set* handle) {
  const uint32_t size = TypeOf(set.kind).size;
  const auto add = [&](uint32_t value, bool end) {
    const std::array<uint8_t, 2> bytes = {static_cast<uint8_t>(value >> 8),
                                          static_cast<uint8_t>(value)};
    AddElement(handle, bytes.data() + (2 - size), size, end);
  };
  for (const PortRange& range : set.numbers) {
    add(range.first, false);
    if (IsInterval(set) && range.last < UINT16_MAX) add(range.last + 1U, true);
  }
}

uint32_t HookOf(const PlanHook& hook) {
  switch (hook.point) {
    case HookPoint::kInput:
      return NF_INET_LOCAL_IN;
    case HookPoint::kForward:
      return NF_INET_FORWARD;
    default:
      return NF_INET_LOCAL_OUT;
  }
}

void EncodeChain(const std::string& table, const PlanChain& chain, Batch& batch) {
  const ChainHandle handle(nftnl_chain_alloc());
  nftnl_chain_set_str(handle.get(), NFTNL_CHAIN_TABLE, table.c_str());
  nftnl_chain_set_str(handle.get(), NFTNL_CHAIN_NAME, chain.name.c_str());
  if (chain.hook) {
    nftnl_chain_set_str(handle.get(), NFTNL_CHAIN_TYPE, chain.hook->nat ? "nat" : "filter");
    nftnl_chain_set_u32(handle.get(), NFTNL_CHAIN_HOOKNUM, HookOf(*chain.hook));
    nftnl_chain_set_s32(handle.get(), NFTNL_CHAIN_PRIO, chain.hook->priority);
    nftnl_chain_set_u32(handle.get(), NFTNL_CHAIN_POLICY, NF_ACCEPT);
  }
  nlmsghdr* message =
      batch.Begin(NFT_MSG_NEWCHAIN, NLM_F_CREATE, [name = chain.name] { return "chain " + name; });
  nftnl_chain_nlmsg_build_payload(message, handle.get());
  batch.End();
}

void EncodeRules(const std::string& table, const PlanChain& chain, Batch& batch) {
  for (const PlanRule& rule : chain.rules) {
    const RuleHandle handle = EncodeRule(rule);
    nftnl_rule_set_u32(handle.get(), NFTNL_RULE_FAMILY, NFPROTO_INET);
    nftnl_rule_set_str(handle.get(), NFTNL_RULE_TABLE, table.c_str());
    nftnl_rule_set_str(handle.get(), NFTNL_RULE_CHAIN, chain.name.c_str());
    nlmsghdr* message = batch.Begin(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, [&rule, &chain] {
      return "rule `" + RuleText(rule) + "` of chain " + chain.name;
    });
    nftnl_rule_nlmsg_build_payload(message, handle.get());
    batch.End();
  }
}

}  // namespace

void EncodeElements(const std::string& table, const PlanSet& set, Batch& batch) {
  if (set.ranges.empty() && set.numbers.empty() && set.names.empty()) return;
  const SetHandle handle(nftnl_set_alloc());
  nftnl_set_set_str(handle.get(), NFTNL_SET_TABLE, table.c_str());
  nftnl_set_set_str(handle.get(), NFTNL_SET_NAME, set.name.c_str());
  AddAddresses(set, handle.get());
  AddNumbers(set, handle.get());
  AddNames(set, handle.get());
  const ElementsIterator iterator(nftnl_set_elems_iter_create(handle.get()));
  int more = 1;
  while (more > 0) {
    nlmsghdr* message = batch.Begin(NFT_MSG_NEWSETELEM, NLM_F_CREATE,
                                    [name = set.name] { return "elements of set " + name; });
    more = nftnl_set_elems_nlmsg_build_payload_iter(message, iterator.get());
    batch.End();
  }
}

void EncodeEmptying(const std::string& table, const std::string& set, Batch& batch) {
  const SetHandle handle(nftnl_set_alloc());
  nftnl_set_set_str(handle.get(), NFTNL_SET_TABLE, table.c_str());
  nftnl_set_set_str(handle.get(), NFTNL_SET_NAME, set.c_str());
  nlmsghdr* message =
      batch.Begin(NFT_MSG_DELSETELEM, 0, [set] { return "all elements of set " + set; });
  nftnl_set_elems_nlmsg_build_payload(message, handle.get());
  batch.End();
}

// To delete what is not there would fail, so it is made first: an old table goes with all in it.
void EncodeRemoval(const std::string& table, Batch& batch) {
  TableCommand(table, NFT_MSG_NEWTABLE, NLM_F_CREATE, batch);
  TableCommand(table, NFT_MSG_DELTABLE, 0, batch);
}

void EncodePlan(const NetfilterPlan& plan, Batch& batch, bool fresh) {
  if (!fresh) EncodeRemoval(plan.table, batch);
  TableCommand(plan.table, NFT_MSG_NEWTABLE, NLM_F_CREATE | (fresh ? NLM_F_EXCL : 0), batch);
  uint32_t id = 1;
  for (const PlanSet& set : plan.sets) {
    EncodeSet(plan.table, set, id++, batch);
    EncodeElements(plan.table, set, batch);
  }
  for (const PlanChain& chain : plan.chains) EncodeChain(plan.table, chain, batch);
  for (const PlanChain& chain : plan.chains) EncodeRules(plan.table, chain, batch);
}

}  // namespace runward
