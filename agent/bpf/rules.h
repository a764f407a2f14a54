/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * A container's network rules as its programs have them, wherever they see its packets: the maps by
 * which the agent gives and is told (agent/rule_maps.h), and what becomes of a packet that was
 * read.
 */
#pragma once

#include <bpf/bpf_helpers.h>

#include "agent/bpf/packet.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, unsigned int);
  __type(value, struct rw_host_settings);
} settings SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 1); /* as many as there are: the agent says */
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct rw_peer_key);
  __type(value, struct rw_fitting);
} peers SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 1); /* as many as there are: the agent says */
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct rw_service_key);
  __type(value, struct rw_fitting);
} services SEC(".maps");

/* A container that begins more loses its own oldest. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, RW_HOST_FLOWS);
  __type(key, struct rw_flow_key);
  __type(value, struct rw_flow);
} flows SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 2 * RW_HOST_PLACES);
  __type(key, unsigned int);
  __type(value, unsigned long long); /* packets */
} denied SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, unsigned int);
  __type(value, struct rw_window);
} window SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 18);
} events SEC(".maps");

static __always_inline unsigned short number_of(const struct packet *p) {
  bool icmp = p->flow.protocol == ICMP || p->flow.protocol == ICMP6;
  return icmp ? p->number[0] : p->number[0] << 8 | p->number[1];
}

/* Two processors may both begin a second; a few more are told of then. */
static __always_inline bool may_tell(unsigned long long now) {
  unsigned int zero = 0;
  struct rw_window *w = bpf_map_lookup_elem(&window, &zero);
  if (!w) return false;
  if (now - w->begin > 1000000000ULL) {
    w->begin = now;
    w->count = 0;
  }
  return __sync_fetch_and_add(&w->count, 1) < RW_HOST_EVENTS;
}

static __always_inline void tell(const struct packet *p, int kind, bool ingress, int rule,
                                 unsigned int bytes, unsigned long long now) {
  if (!may_tell(now)) return;
  struct rw_host_event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
  if (!e) return;
  e->kind = kind;
  e->ingress = ingress;
  e->v6 = p->flow.v6;
  e->protocol = p->flow.protocol;
  e->number = number_of(p);
  e->zero = 0;
  e->rule = rule;
  e->bytes = bytes;
  __builtin_memcpy(e->peer, p->flow.peer, sizeof(e->peer));
  bpf_ringbuf_submit(e, 0);
}

static __always_inline int lowest(unsigned long long bits) {
  int at = 0;
  if (!(bits & 0xffffffff)) at += 32, bits >>= 32;
  if (!(bits & 0xffff)) at += 16, bits >>= 16;
  if (!(bits & 0xff)) at += 8, bits >>= 8;
  if (!(bits & 0xf)) at += 4, bits >>= 4;
  if (!(bits & 0x3)) at += 2, bits >>= 2;
  return at + !(bits & 1);
}

/* The first rule that fits; -1 when none does. */
static __always_inline int find_rule(const struct packet *p, bool ingress) {
  struct rw_peer_key peer = {.prefix = 160, .ingress = ingress, .v6 = p->flow.v6};
  struct rw_service_key service = {.prefix = 32, .ingress = ingress, .protocol = p->flow.protocol};
  __builtin_memcpy(peer.address, p->flow.peer, sizeof(peer.address));
  __builtin_memcpy(service.number, p->number, sizeof(service.number));
  struct rw_fitting *by_peer = bpf_map_lookup_elem(&peers, &peer);
  struct rw_fitting *by_service = bpf_map_lookup_elem(&services, &service);
  if (!by_peer || !by_service) return -1;
#pragma unroll
  for (int i = 0; i < RW_HOST_WORDS; i++) {
    unsigned long long both = by_peer->rules[i] & by_service->rules[i];
    if (both) return i * 64 + lowest(both);
  }
  return -1;
}

static __always_inline bool allows(const struct rw_host_settings *s, bool ingress, int rule) {
  if (rule < 0) return s->default_allow[ingress];
  return s->allow[ingress][(rule >> 6) & (RW_HOST_WORDS - 1)] >> (rule & 63) & 1;
}

static __always_inline void count(bool ingress, int rule) {
  unsigned int place = (ingress ? RW_HOST_PLACES : 0) + (unsigned int)(rule + 1);
  unsigned long long *packets = bpf_map_lookup_elem(&denied, &place);
  if (packets) __sync_fetch_and_add(packets, 1);
}

static __always_inline bool goes_on(struct rw_flow *flow, const struct packet *p,
                                    unsigned long long now) {
  if (!flow) return false;
  /* Signed: another processor may have seen a later one meanwhile. */
  long long idle = now - flow->seen;
  if (p->flow.protocol != TCP && idle > (long long)RW_HOST_IDLE_NS) return false;
  flow->seen = now;
  return true;
}

/* So that a packet can be proved to pass while nobody else's does. */
static __always_inline bool is_proof(const struct rw_host_settings *s, const struct packet *p) {
  return p->flow.protocol == UDP && !p->flow.v6 && p->flow.own[0] == 127 &&
         p->flow.peer[0] == 127 && p->flow.own_port[0] == s->proof_own[0] &&
         p->flow.own_port[1] == s->proof_own[1] && p->flow.peer_port[0] == s->proof_peer[0] &&
         p->flow.peer_port[1] == s->proof_peer[1];
}

/* Whether a packet passes that has been read, as far as it could be. */
static __always_inline bool passes(const struct rw_host_settings *s, const struct packet *p,
                                   bool readable, bool ingress, unsigned int bytes) {
  if (s->state == RW_HOST_PROOF) return readable && is_proof(s, p);
  unsigned long long now = bpf_ktime_get_ns();
  bool audit = s->audit;
  bool first = p->flow.protocol == TCP && p->begins;
  struct rw_flow *flow = 0;
  if (readable && p->tracked) flow = bpf_map_lookup_elem(&flows, &p->flow);
  /* TCP's first packet is judged whatever was there before: ports are used again. */
  bool known = goes_on(flow, p, now);
  if (known && !first) {
    /* Said by whoever sends it, so it is no more than what counts of open ones go by. */
    if (p->ends) flow->ended |= p->ends;
    return true;
  }
  int rule = -1;
  bool allowed = false;
  if (readable && p->flow.protocol == TCP && !first) {
    /* In the middle of a connection that never began here. */
    if (audit) return true;
  } else if (readable) {
    rule = find_rule(p, ingress);
    allowed = allows(s, ingress, rule);
  }
  if (!allowed) {
    count(ingress, rule);
    tell(p, audit ? RW_HOST_WOULD_DENY : RW_HOST_DENIED, ingress, rule, bytes, now);
    if (!audit) return false;
  }
  if (!readable || !p->tracked || !p->begins) return true;
  struct rw_flow begun = {.seen = now, .ingress = ingress, .number = number_of(p), .rule = rule};
  bpf_map_update_elem(&flows, &p->flow, &begun, BPF_ANY);
  if (allowed && !known) tell(p, RW_HOST_BEGAN, ingress, rule, 0, now);
  return true;
}

/* The settings; null while nothing passes. */
static __always_inline struct rw_host_settings *ruling(bool ingress) {
  unsigned int zero = 0;
  struct rw_host_settings *s = bpf_map_lookup_elem(&settings, &zero);
  if (s && s->state != RW_HOST_CLOSED) return s;
  count(ingress, -1);
  return 0;
}
