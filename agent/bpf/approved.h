/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Whether the agent was asked. fanotify lets everything through once nobody holds what it asks
 * through: where rules are left to the agent, an exec that it has not let go on does not begin.
 */
#pragma once

#include "agent/bpf/judge.h"

/* What an exec that failed leaves is pushed out. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, struct rw_approved_key);
  __type(value, unsigned long long); /* when: nanoseconds, monotonic */
} approved SEC(".maps");

/* Not static, nor inline, for the verifier's sake, as rw_length. */
__attribute__((noinline)) unsigned int rw_unasked(unsigned long long inode) {
  struct rw_state *s = the_state();
  if (!s) return 1;
  struct task_struct *task = (void *)bpf_get_current_task();
  struct pid *pid = BPF_CORE_READ(task, thread_pid);
  int level = BPF_CORE_READ(pid, level);
  const char *numbers = (const char *)pid + bpf_core_field_offset(struct pid, numbers);
  struct rw_approved_key key = {.inode = inode};
  for (int i = 0; i <= MAX_PID_NAMESPACES; i++) {
    if (level < 0) return 1;
    struct upid *number = (void *)(numbers + (unsigned int)level * bpf_core_type_size(struct upid));
    struct pid_namespace *ns = BPF_CORE_READ(number, ns);
    key.process = BPF_CORE_READ(number, nr);
    if (BPF_CORE_READ(ns, ns.inum) == s->agent_space) break;
    level--;
  }
  unsigned long long *when = bpf_map_lookup_elem(&approved, &key);
  if (!when) return 1;
  unsigned long long since = bpf_ktime_get_ns() - *when;
  bpf_map_delete_elem(&approved, &key);
  return since > RW_APPROVED_NS;
}

static __always_inline bool was_not_asked(const struct rw_container *c, const struct subject *s) {
  if (!c->enforce || !(c->flags & RW_NEEDS_AGENT)) return false;
  struct rw_file_rule *rule = file_rule(c->set, s->device, 0);
  return rule && (rule->flags & RW_ASKED_DEVICE) && rw_unasked(s->ino);
}
