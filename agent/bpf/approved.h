/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Whether the agent was asked. fanotify asks about the filesystems and mounts that a container had
 * when it started, and lets everything through once nobody holds what it asks through: where rules
 * are left to the agent, an exec that it has not let go on does not begin, wherever the file lies.
 *
 * Of a script that lies where nobody is asked the kill alone sees the interpreter, and no more.
 */
#pragma once

#include "agent/bpf/judge.h"

/* What an exec that failed leaves is pushed out. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, struct rw_approved_key);
  __type(value, struct rw_approved);
} approved SEC(".maps");

#define RW_TAKE_WORD 1    /* it holds once */
#define RW_CHANGES_USER 2 /* the file has the set-user-id bit, and may have been obeyed by now */

static __always_inline bool holds(const struct rw_approved *word, struct task_struct *leader,
                                  unsigned int flags) {
  if (bpf_ktime_get_ns() - word->when > RW_APPROVED_NS) return false;
  /* Given to one that had this number before. */
  if (word->when < BPF_CORE_READ(leader, start_time)) return false;
  struct task_struct *task = (void *)bpf_get_current_task();
  return (flags & RW_CHANGES_USER) || word->user == BPF_CORE_READ(task, real_cred, euid.val);
}

/* Not static, nor inline, for the verifier's sake, as rw_length. */
__attribute__((noinline)) unsigned int rw_unasked(unsigned long long inode, unsigned int device,
                                                  unsigned int flags) {
  struct rw_state *s = the_state();
  if (!s) return 1;
  struct task_struct *task = (void *)bpf_get_current_task();
  struct task_struct *leader = BPF_CORE_READ(task, group_leader);
  struct pid *pid = BPF_CORE_READ(leader, thread_pid);
  int level = BPF_CORE_READ(pid, level);
  const char *numbers = (const char *)pid + bpf_core_field_offset(struct pid, numbers);
  struct rw_approved_key key = {.inode = inode, .device = device};
  for (int i = 0; i <= MAX_PID_NAMESPACES; i++) {
    if (level < 0) return 1;
    struct upid *number = (void *)(numbers + (unsigned int)level * bpf_core_type_size(struct upid));
    struct pid_namespace *ns = BPF_CORE_READ(number, ns);
    key.process = BPF_CORE_READ(number, nr);
    if (BPF_CORE_READ(ns, ns.inum) == s->agent_space) break;
    level--;
  }
  struct rw_approved *found = bpf_map_lookup_elem(&approved, &key);
  if (!found) return 1;
  struct rw_approved word = *found;
  if (flags & RW_TAKE_WORD) bpf_map_delete_elem(&approved, &key);
  return !holds(&word, leader, flags);
}

static __always_inline bool was_not_asked(const struct rw_container *c, const struct subject *s,
                                          int stage) {
  if (!(c->flags & RW_NEEDS_AGENT)) return false;
  unsigned int flags = stage == EXECUTED ? RW_TAKE_WORD : 0;
  struct inode *inode = s->inode;
  if (BPF_CORE_READ(inode, i_mode) & S_ISUID) flags |= RW_CHANGES_USER;
  return rw_unasked(s->ino, s->device, flags);
}
