/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What rules need of a packet that a socket of the container's sends or is about to get. What
 * cannot be read is no packet that a rule could allow.
 */
#pragma once

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "agent/bpf/host_shared.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define MAX_EXTENSIONS 8 /* headers between IPv6's own and the protocol's; more are not read */

enum protocol {
  HOP_BY_HOP = 0,
  ICMP = 1,
  TCP = 6,
  UDP = 17,
  FRAGMENT = 44,
  ICMP6 = 58,
  NOTHING = 59,
  DESTINATION = 60,
  SCTP = 132,
  UDPLITE = 136,
};

/* Of a packet that is a part of another. */
struct fragment {
  bool is;
  bool later;             /* not the first, and without the protocol's header */
  unsigned short offset;  /* where it begins, in units of eight bytes */
  unsigned short headers; /* the first's: how many such units hold what was read */
  unsigned char id[4];
};

struct packet {
  struct rw_flow_key flow;
  unsigned char number[2]; /* rw_service_key's */
  bool begins;             /* by itself: TCP's first packet, ICMP's request, any of others */
  bool tracked;            /* an answer to it can be told */
  unsigned char ends;      /* TCP: rw_flow's `ended` */
  unsigned int at;         /* where its protocol's header begins */
  struct fragment part;
};

static __always_inline bool read_ports(struct __sk_buff *skb, unsigned int at, bool ingress,
                                       struct packet *p) {
  unsigned char ports[4];
  if (bpf_skb_load_bytes(skb, at, ports, sizeof(ports)) < 0) return false;
  p->number[0] = ports[2];
  p->number[1] = ports[3];
  __builtin_memcpy(p->flow.own_port, ports + (ingress ? 2 : 0), 2);
  __builtin_memcpy(p->flow.peer_port, ports + (ingress ? 0 : 2), 2);
  return true;
}

static __always_inline bool read_tcp(struct __sk_buff *skb, unsigned int at, bool ingress,
                                     struct packet *p) {
  unsigned char flags;
  if (bpf_skb_load_bytes(skb, at + 13, &flags, 1) < 0) return false;
  p->begins = (flags & 0x12) == 0x02;          /* SYN without ACK */
  if (flags & 0x01) p->ends = ingress ? 2 : 1; /* FIN */
  if (flags & 0x04) p->ends = 3;               /* RST */
  return true;
}

/* An echo and its answer have an identifier; all other messages stand alone. */
static __always_inline bool read_icmp(struct __sk_buff *skb, unsigned int at, struct packet *p) {
  unsigned char head[8];
  if (bpf_skb_load_bytes(skb, at, head, sizeof(head)) < 0) return false;
  unsigned char request = p->flow.v6 ? 128 : 8;
  unsigned char reply = p->flow.v6 ? 129 : 0;
  p->number[0] = head[0];
  p->number[1] = 0;
  p->begins = head[0] != reply;
  p->tracked = head[0] == request || head[0] == reply;
  p->flow.own_port[0] = head[4];
  p->flow.own_port[1] = head[5];
  return true;
}

/* `quoted`: by an error about it, which need not have more of it than eight bytes. */
static __always_inline bool read_protocol(struct __sk_buff *skb, unsigned int at, bool ingress,
                                          bool quoted, struct packet *p) {
  p->at = at;
  p->begins = true;
  p->tracked = true;
  switch (p->flow.protocol) {
    case TCP:
      return read_ports(skb, at, ingress, p) && (quoted || read_tcp(skb, at, ingress, p));
    case UDP:
    case UDPLITE:
    case SCTP:
      return read_ports(skb, at, ingress, p);
    case ICMP:
    case ICMP6:
      return read_icmp(skb, at, p);
    default:
      return true;
  }
}

/* `at` is where the header begins. */
static __always_inline bool read_v4(struct __sk_buff *skb, unsigned int at, bool ingress,
                                    bool quoted, struct packet *p) {
  unsigned char head[20];
  if (bpf_skb_load_bytes(skb, at, head, sizeof(head)) < 0) return false;
  __builtin_memcpy(p->flow.own, head + (ingress ? 16 : 12), 4);
  __builtin_memcpy(p->flow.peer, head + (ingress ? 12 : 16), 4);
  p->flow.protocol = head[9];
  p->part.offset = (head[6] & 0x1f) << 8 | head[7];
  p->part.later = p->part.offset != 0;
  p->part.is = p->part.later || (head[6] & 0x20);
  p->part.headers = p->flow.protocol == TCP ? 2 : 1;
  __builtin_memcpy(p->part.id, head + 4, 2);
  if (p->part.later) return false;
  return read_protocol(skb, at + (head[0] & 0xf) * 4, ingress, quoted, p);
}

/* A routing header is none that is passed over: the packet goes on to where it says. */
static __always_inline bool read_v6(struct __sk_buff *skb, unsigned int at, bool ingress,
                                    bool quoted, struct packet *p) {
  unsigned char next;
  unsigned int fragmented = 0; /* where the part of it begins that fragments have */
  p->flow.v6 = 1;
  if (bpf_skb_load_bytes(skb, at + 6, &next, 1) < 0) return false;
  if (bpf_skb_load_bytes(skb, at + (ingress ? 24 : 8), p->flow.own, 16) < 0) return false;
  if (bpf_skb_load_bytes(skb, at + (ingress ? 8 : 24), p->flow.peer, 16) < 0) return false;
  at += 40;
#pragma unroll
  for (int i = 0; i < MAX_EXTENSIONS; i++) {
    unsigned char head[8];
    p->flow.protocol = next;
    if (next != HOP_BY_HOP && next != DESTINATION && next != FRAGMENT) {
      p->part.headers = (at - fragmented) / 8 + (next == TCP ? 2 : 1);
      return next != 43 && read_protocol(skb, at, ingress, quoted, p);
    }
    if (bpf_skb_load_bytes(skb, at, head, sizeof(head)) < 0) return false;
    if (next == FRAGMENT) {
      p->part.is = true;
      p->part.offset = (head[2] << 8 | head[3]) >> 3;
      p->part.later = p->part.offset != 0;
      __builtin_memcpy(p->part.id, head + 4, 4);
      if (p->part.later) return false;
      fragmented = at + 8;
    }
    at += next == FRAGMENT ? 8 : (head[1] + 1) * 8;
    next = head[0];
  }
  return false;
}

/* What leaves has been through the host's address translation already, what arrives is back from
 * it: a connection is known by the addresses that its socket has. Not so for other protocols, whose
 * sockets may send elsewhere than where they are connected to. */
static __always_inline void read_socket(struct __sk_buff *skb, struct packet *p) {
  struct bpf_sock *sk = skb->sk;
  if (sk) sk = bpf_sk_fullsock(sk);
  if (!sk || sk->state == BPF_TCP_LISTEN || !sk->dst_port) return;
  unsigned short own = bpf_htons(sk->src_port);
  unsigned short peer = sk->dst_port;
  __builtin_memcpy(p->flow.own_port, &own, 2);
  __builtin_memcpy(p->flow.peer_port, &peer, 2);
  __builtin_memcpy(p->number, &peer, 2);
  /* volatile: else the compiler chooses a field's address, which the kernel takes for none. */
  const volatile struct bpf_sock *its = sk;
  unsigned int *own_words = (unsigned int *)p->flow.own;
  unsigned int *peer_words = (unsigned int *)p->flow.peer;
  if (!p->flow.v6) {
    own_words[0] = its->src_ip4;
    peer_words[0] = its->dst_ip4;
    return;
  }
#pragma unroll
  for (int i = 0; i < 4; i++) {
    own_words[i] = its->src_ip6[i];
    peer_words[i] = its->dst_ip6[i];
  }
}

static __always_inline bool read_packet(struct __sk_buff *skb, bool ingress, struct packet *p) {
  bool readable = false;
  if (skb->protocol == bpf_htons(ETHERTYPE_IPV4)) readable = read_v4(skb, 0, ingress, false, p);
  if (skb->protocol == bpf_htons(ETHERTYPE_IPV6)) readable = read_v6(skb, 0, ingress, false, p);
  if (readable && !ingress && p->flow.protocol == TCP) read_socket(skb, p);
  return readable;
}
