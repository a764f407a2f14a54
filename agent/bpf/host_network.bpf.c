/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Network rules of a container that shares the host's network, held by its control group: each
 * packet that a socket made in the group, or below it, sends or gets. The group is the one in which
 * a socket was made, so a process that moves elsewhere keeps its sockets' rules.
 *
 * Not seen: what has no socket of the group (the kernel's own answers), packet sockets, and sockets
 * that somebody outside made and handed in.
 */
#include <linux/bpf.h>

typedef _Bool bool;
#define true 1
#define false 0

#include "agent/bpf/rules.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline int judge(struct __sk_buff *skb, bool ingress) {
  struct rw_host_settings *s = ruling(ingress);
  if (!s) return 0;
  struct packet p = {};
  bool readable = read_packet(skb, ingress, &p);
  return passes(s, &p, readable, ingress, skb->len);
}

SEC("cgroup_skb/egress")
int egress(struct __sk_buff *skb) { return judge(skb, false); }

SEC("cgroup_skb/ingress")
int ingress(struct __sk_buff *skb) { return judge(skb, true); }
