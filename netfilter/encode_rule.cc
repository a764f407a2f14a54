#include "netfilter/encode_rule.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

namespace runward {
namespace {

constexpr uint32_t kRegister = NFT_REG_1;

// Where a packet has a field.
struct Place {
  uint32_t base = NFT_PAYLOAD_NETWORK_HEADER;
  uint32_t offset = 0;
  uint32_t size = 0;
};

Place PlaceOf(Field field) {
  switch (field) {
    case Field::kSource4:
      return {NFT_PAYLOAD_NETWORK_HEADER, 12, 4};
    case Field::kDestination4:
      return {NFT_PAYLOAD_NETWORK_HEADER, 16, 4};
    case Field::kSource6:
      return {NFT_PAYLOAD_NETWORK_HEADER, 8, 16};
    case Field::kDestination6:
      return {NFT_PAYLOAD_NETWORK_HEADER, 24, 16};
    case Field::kSourcePort:
      return {NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2};
    case Field::kDestinationPort:
      return {NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2};
    case Field::kIcmpType:
    case Field::kIcmp6Type:
      return {NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1};
    default:  // kTcpFlags
      return {NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1};
  }
}

class RuleEncoder {
 public:
  explicit RuleEncoder(nftnl_rule* rule) : rule_(rule) {}

  void operator()(const PlanMatch& match) {
    Load(match);
    Compare(match);
  }
  void operator()(const PlanLimit& limit) {
    nftnl_expr* expr = New("limit");
    nftnl_expr_set_u64(expr, NFTNL_EXPR_LIMIT_RATE, limit.rate.count);
    nftnl_expr_set_u64(expr, NFTNL_EXPR_LIMIT_UNIT, limit.rate.unit_seconds);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_LIMIT_BURST, limit.rate.burst);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKTS);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_LIMIT_FLAGS, 0);
  }
  void operator()(const PlanLog& log) {
    nftnl_expr* expr = New("log");
    nftnl_expr_set_str(expr, NFTNL_EXPR_LOG_PREFIX, log.prefix.c_str());
    nftnl_expr_set_u16(expr, NFTNL_EXPR_LOG_GROUP, log.group);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_LOG_SNAPLEN, kLogBytes);
    nftnl_expr_set_u16(expr, NFTNL_EXPR_LOG_QTHRESHOLD, kLogQueue);
  }
  void operator()(const PlanCounter&) { New("counter"); }
  void operator()(const PlanMark& mark) {
    Immediate(&mark.mark, sizeof mark.mark);
    nftnl_expr* expr = New("ct");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_KEY, NFT_CT_MARK);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_SREG, kRegister);
  }
  void operator()(const PlanRedirect& redirect) {
    const uint16_t port = htons(redirect.port);
    Immediate(&port, sizeof port);
    nftnl_expr* expr = New("redir");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_REDIR_REG_PROTO_MIN, kRegister);
    constexpr uint32_t kPortGiven = 2;  // NF_NAT_RANGE_PROTO_SPECIFIED
    nftnl_expr_set_u32(expr, NFTNL_EXPR_REDIR_FLAGS, kPortGiven);
  }
  void operator()(const PlanVerdict& verdict) {
    nftnl_expr* expr = New("immediate");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_VERDICT, static_cast<uint32_t>(CodeOf(verdict.what)));
    if (!verdict.chain.empty()) {
      nftnl_expr_set_str(expr, NFTNL_EXPR_IMM_CHAIN, verdict.chain.c_str());
    }
  }

 private:
  static int CodeOf(PlanVerdict::What what) {
    switch (what) {
      case PlanVerdict::What::kAccept:
        return NF_ACCEPT;
      case PlanVerdict::What::kDrop:
        return NF_DROP;
      case PlanVerdict::What::kJump:
        return NFT_JUMP;
      default:
        return NFT_RETURN;
    }
  }

  nftnl_expr* New(const char* name) {
    nftnl_expr* expr = nftnl_expr_alloc(name);
    nftnl_rule_add_expr(rule_, expr);
    return expr;
  }

  void Immediate(const void* data, uint32_t size) {
    nftnl_expr* expr = New("immediate");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, kRegister);
    nftnl_expr_set(expr, NFTNL_EXPR_IMM_DATA, data, size);
  }

  void LoadMeta(uint32_t key) {
    nftnl_expr* expr = New("meta");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, key);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_META_DREG, kRegister);
  }

  void LoadPayload(const Place& place) {
    nftnl_expr* expr = New("payload");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_DREG, kRegister);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, place.base);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, place.offset);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, place.size);
  }

  void Load(const PlanMatch& match) {
    switch (match.field) {
      case Field::kOutInterface:
        return LoadMeta(NFT_META_OIFNAME);
      case Field::kInInterface:
        return LoadMeta(NFT_META_IIFNAME);
      case Field::kFamily:
        return LoadMeta(NFT_META_NFPROTO);
      case Field::kProtocol:
        return LoadMeta(NFT_META_L4PROTO);
      case Field::kConnectionState: {
        nftnl_expr* expr = New("ct");
        nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_KEY, NFT_CT_STATE);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_DREG, kRegister);
        return;
      }
      case Field::kCgroup: {
        nftnl_expr* expr = New("socket");
        nftnl_expr_set_u32(expr, NFTNL_EXPR_SOCKET_KEY, NFT_SOCKET_CGROUPV2);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_SOCKET_DREG, kRegister);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_SOCKET_LEVEL, match.level);
        return;
      }
      default:
        return LoadPayload(PlaceOf(match.field));
    }
  }

  void Cmp(uint32_t op, const std::vector<uint8_t>& value) {
    nftnl_expr* expr = New("cmp");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_SREG, kRegister);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_OP, op);
    nftnl_expr_set(expr, NFTNL_EXPR_CMP_DATA, value.data(), static_cast<uint32_t>(value.size()));
  }

  void Mask(const std::vector<uint8_t>& mask) {
    const std::vector<uint8_t> zeros(mask.size());
    const auto size = static_cast<uint32_t>(mask.size());
    nftnl_expr* expr = New("bitwise");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_SREG, kRegister);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_DREG, kRegister);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_LEN, size);
    nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_MASK, mask.data(), size);
    nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_XOR, zeros.data(), size);
  }

  void Compare(const PlanMatch& match) {
    switch (match.how) {
      case PlanMatch::How::kEqual:
        return Cmp(NFT_CMP_EQ, match.value);
      case PlanMatch::How::kRange:
        Cmp(NFT_CMP_GTE, match.value);
        return Cmp(NFT_CMP_LTE, match.other);
      case PlanMatch::How::kInSet: {
        nftnl_expr* expr = New("lookup");
        nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, kRegister);
        nftnl_expr_set_str(expr, NFTNL_EXPR_LOOKUP_SET, match.set.c_str());
        return;
      }
      default:  // kNotMasked
        Mask(match.other);
        return Cmp(NFT_CMP_NEQ, match.value);
    }
  }

  nftnl_rule* rule_;
};

}  // namespace

RuleHandle EncodeRule(const PlanRule& rule) {
  RuleHandle handle(nftnl_rule_alloc());
  RuleEncoder encoder(handle.get());
  for (const PlanPart& part : rule) std::visit(encoder, part);
  return handle;
}

}  // namespace runward
