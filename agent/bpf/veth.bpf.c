/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Network rules of a container, held at the host's end of each of its cables (veth pairs): each
 * frame that it sends or is sent, whoever made it and however. What comes in at the host's end is
 * what the container sends. Rules stand in nobody's way but the container's.
 *
 * ARP and IPv6's neighbour discovery pass, and stay on the link: who is there can be told
 * something by them.
 */
#include <linux/bpf.h>

typedef _Bool bool;
#define true 1
#define false 0

#include <bpf/bpf_core_read.h>

#include "agent/bpf/rules.h"

#define PASS -1 /* TC_ACT_UNSPEC: whoever else has a say */
#define DROP 2  /* TC_ACT_SHOT */
#define ETHERNET 14
#define ETHERTYPE_ARP 0x0806
#define FRAGMENT_NS 60000000000ULL /* as long as a kernel waits for all of a packet */
#define CHECKSUM_PARTIAL 3         /* linux/skbuff.h */

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct first_fragment {
  unsigned long long seen;
  unsigned short headers; /* as fragment's */
};

/* Packets whose first part passed; by their addresses, protocol and number, which is where a flow
 * has its ports. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 2048);
  __type(key, struct rw_flow_key);
  __type(value, struct first_fragment);
} fragments SEC(".maps");

/* Addresses of IPv6 that are on the link: they sent what no router passes on. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 1024);
  __type(key, unsigned char[16]);
  __type(value, unsigned char);
} near SEC(".maps");

static __always_inline struct rw_flow_key fragment_key(const struct packet *p, bool ingress) {
  struct rw_flow_key key = p->flow;
  key.zero[0] = ingress;
  __builtin_memcpy(key.own_port, p->part.id, 2);
  __builtin_memcpy(key.peer_port, p->part.id + 2, 2);
  if (key.v6) key.protocol = 0; /* a later part need not say the same */
  return key;
}

static __always_inline bool first_passed(const struct packet *p, bool ingress) {
  struct rw_flow_key key = fragment_key(p, ingress);
  struct first_fragment *first = bpf_map_lookup_elem(&fragments, &key);
  if (!first || bpf_ktime_get_ns() - first->seen > FRAGMENT_NS) return false;
  return p->part.offset >= first->headers; /* it writes over nothing that was judged */
}

static __always_inline void remember(const struct packet *p, bool ingress) {
  struct rw_flow_key key = fragment_key(p, ingress);
  struct first_fragment first = {.seen = bpf_ktime_get_ns(), .headers = p->part.headers};
  bpf_map_update_elem(&fragments, &key, &first, BPF_ANY);
}

/* Source routes are in options, as routing headers are in extensions. What listeners to multicast
 * say has a router alert. */
static __always_inline bool plain_v4(struct __sk_buff *skb) {
  unsigned char first, option = 0;
  if (bpf_skb_load_bytes(skb, ETHERNET, &first, 1) < 0) return false;
  if (first == 0x45) return true;
  return first == 0x46 && bpf_skb_load_bytes(skb, ETHERNET + 20, &option, 1) == 0 && option == 0x94;
}

static __always_inline bool link_local(const unsigned char *address) {
  bool multicast = address[0] == 0xff && (address[1] & 0xf) == 2;
  return multicast || (address[0] == 0xfe && (address[1] & 0xc0) == 0x80);
}

static __always_inline bool same_address(const unsigned char *one, const unsigned char *other) {
  unsigned long long a[2], b[2];
  __builtin_memcpy(a, one, sizeof(a));
  __builtin_memcpy(b, other, sizeof(b));
  return a[0] == b[0] && a[1] == b[1];
}

/* Whether a neighbour is there, or that oneself is, with room for an interface's address and no
 * more: an accomplice who says that he is near need not be. */
static __always_inline bool is_bare(struct __sk_buff *skb, const struct packet *p) {
  unsigned char length[2], target[16], type = p->number[0];
  if (type < 135 || bpf_skb_load_bytes(skb, ETHERNET + 4, length, 2) < 0) return false;
  if (length[0] || length[1] > 32 || skb->len > ETHERNET + 40 + 32) return false;
  if (bpf_skb_load_bytes(skb, p->at + 8, target, sizeof(target)) < 0) return false;
  return same_address(target, type == 135 ? p->flow.peer : p->flow.own);
}

/* What the table inside lets through for the same reason (netfilter/plan.cc), as far as it is what
 * it says: with the hop limit that keeps it on the link, or that no router has made less. A router
 * of others the container is by a rule alone. */
static __always_inline bool is_neighbours(struct __sk_buff *skb, const struct packet *p,
                                          bool ingress) {
  unsigned char hops, type = p->number[0], there = 1;
  if (p->flow.protocol != ICMP6 || !p->flow.v6 || p->part.is) return false;
  if (bpf_skb_load_bytes(skb, ETHERNET + 7, &hops, 1) < 0) return false;
  const unsigned char *destination = ingress ? p->flow.own : p->flow.peer;
  if ((type >= 130 && type <= 132) || type == 143) return hops == 1 && destination[0] == 0xff;
  if (type < 133 || type > 136 || hops != 255) return false;
  if (!ingress && type == 134) return false;
  if (!ingress && link_local(destination)) return true;
  if (!ingress) return is_bare(skb, p) && bpf_map_lookup_elem(&near, p->flow.peer);
  bpf_map_update_elem(&near, p->flow.peer, &there, BPF_ANY);
  return true;
}

static __always_inline bool is_error(const struct packet *p) {
  unsigned char type = p->number[0];
  if (p->part.is) return false;
  if (p->flow.protocol == ICMP) return !p->flow.v6 && (type == 3 || type == 11 || type == 12);
  return p->flow.protocol == ICMP6 && p->flow.v6 && type >= 1 && type <= 4;
}

/* Whether it is about a packet of a known conversation, and goes to who sent that. */
static __always_inline bool is_about_known(struct __sk_buff *skb, const struct packet *p,
                                           unsigned int at, bool ingress) {
  struct packet quoted = {};
  bool readable = p->flow.v6 ? read_v6(skb, at + 8, !ingress, true, &quoted)
                             : read_v4(skb, at + 8, !ingress, true, &quoted);
  if (!readable || !quoted.tracked || !bpf_map_lookup_elem(&flows, &quoted.flow)) return false;
  const unsigned char *to = ingress ? p->flow.own : p->flow.peer;
  const unsigned char *from = ingress ? quoted.flow.own : quoted.flow.peer;
  return same_address(to, from);
}

static __always_inline bool read_frame(struct __sk_buff *skb, bool ingress, struct packet *p,
                                       bool *arp) {
  unsigned char type[2];
  if (skb->vlan_present || bpf_skb_load_bytes(skb, 12, type, sizeof(type)) < 0) return false;
  unsigned short ethertype = type[0] << 8 | type[1];
  if (skb->protocol != bpf_htons(ethertype)) return false;
  *arp = ethertype == ETHERTYPE_ARP;
  if (ethertype == ETHERTYPE_IPV4) {
    return plain_v4(skb) && read_v4(skb, ETHERNET, ingress, false, p);
  }
  return ethertype == ETHERTYPE_IPV6 && read_v6(skb, ETHERNET, ingress, false, p);
}

/* The kernel's own, only what is read of it: offsets are from where its memory begins. */
struct sk_buff {
  unsigned short csum_start;
  unsigned short csum_offset;
  unsigned short mac_header;
  unsigned char ip_summed : 2;
} __attribute__((preserve_access_index));

extern void *bpf_cast_to_kern_ctx(void *) __ksym; /* Linux 6.2 */

static __always_inline unsigned int checksum_offset(unsigned char protocol) {
  switch (protocol) {
    case TCP:
      return 16;
    case UDP:
    case UDPLITE:
      return 6;
    case SCTP:
      return 8;
    default:
      return 0; /* written by who sends it */
  }
}

/* Who sends by a packet socket may say where a checksum is written when the frame goes on, which
 * may be over what is judged here (PACKET_VNET_HDR): it has to be where the protocol has its own.
 */
static __always_inline bool is_final(struct __sk_buff *skb, const struct packet *p, bool readable) {
  const struct sk_buff *whole = bpf_cast_to_kern_ctx(skb);
  if (BPF_CORE_READ_BITFIELD(whole, ip_summed) != CHECKSUM_PARTIAL) return true;
  if (!readable || p->part.is) return false;
  unsigned int start = whole->csum_start - whole->mac_header;
  unsigned int offset = checksum_offset(p->flow.protocol);
  return offset && start == p->at && whole->csum_offset == offset;
}

static __always_inline int judge(struct __sk_buff *skb, bool ingress) {
  bool arp = false;
  struct rw_host_settings *s = ruling(ingress);
  if (!s) return DROP;
  struct packet p = {};
  bool readable = read_frame(skb, ingress, &p, &arp);
  if (!is_final(skb, &p, readable)) readable = arp = p.part.later = false;
  if (arp) return PASS;
  if (p.part.later && first_passed(&p, ingress)) return PASS;
  if (readable && is_neighbours(skb, &p, ingress)) return PASS;
  if (readable && is_error(&p) && is_about_known(skb, &p, p.at, ingress)) return PASS;
  if (!passes(s, &p, readable, ingress, skb->len - ETHERNET)) return DROP;
  if (p.part.is && !p.part.later) remember(&p, ingress);
  return PASS;
}

SEC("tc")
int runward_out(struct __sk_buff *skb) { return judge(skb, false); }

SEC("tc")
int runward_in(struct __sk_buff *skb) { return judge(skb, true); }
