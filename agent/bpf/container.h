/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The maps, and which container the current process is of. */
#pragma once

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "agent/bpf/kernel.h"
#include "agent/bpf/shared.h"

#define MAX_PID_NAMESPACES 32 /* the kernel's MAX_PID_NS_LEVEL: none is nested deeper */
#define MAX_CGROUP_LEVELS 128 /* what lies deeper below a container's group is in none */

/* Not preallocated: 500 containers need what they hold, not what they might. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8192);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, unsigned long long); /* pid namespace's inode number, or cgroup | RW_BY_CGROUP */
  __type(value, struct rw_container);
} containers SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 262144);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct rw_file_key);
  __type(value, struct rw_file_rule);
} files SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 131072);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct rw_name_key);
  __type(value, struct rw_name_rule);
} names SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8192);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, unsigned long long);   /* container's number */
  __type(value, unsigned long long); /* events that the buffer could not take */
} lost SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, unsigned int);
  __type(value, struct rw_state);
} state SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 20);
} events SEC(".maps");

static __always_inline struct rw_state *the_state(void) {
  unsigned int zero = 0;
  return bpf_map_lookup_elem(&state, &zero);
}

/* The innermost registered group of the unified hierarchy. The helper for it is too young for 5.10.
 */
static __always_inline struct rw_container *by_cgroup(struct task_struct *task) {
  struct rw_state *s = the_state();
  if (!s || !s->by_cgroup) return 0;
  struct cgroup *group = BPF_CORE_READ(task, cgroups, dfl_cgrp);
  for (int i = 0; i < MAX_CGROUP_LEVELS; i++) {
    unsigned long long id = BPF_CORE_READ(group, kn, id) | RW_BY_CGROUP;
    struct rw_container *found = bpf_map_lookup_elem(&containers, &id);
    if (found) return found;
    struct cgroup_subsys_state *parent = BPF_CORE_READ(group, self.parent);
    if (!parent) return 0;
    group = (void *)((const char *)parent - bpf_core_field_offset(struct cgroup, self));
  }
  return 0;
}

/* The innermost registered namespace; namespaces that a container makes lie within its own. */
static __always_inline struct rw_container *by_pid_namespace(struct task_struct *task) {
  struct pid *pid = BPF_CORE_READ(task, thread_pid);
  int level = BPF_CORE_READ(pid, level);
  const char *numbers = (const char *)pid + bpf_core_field_offset(struct pid, numbers);
  for (int i = 0; i < MAX_PID_NAMESPACES; i++) {
    if (level <= 0) return 0;
    struct upid *number = (void *)(numbers + (unsigned int)level * bpf_core_type_size(struct upid));
    struct pid_namespace *ns = BPF_CORE_READ(number, ns);
    unsigned long long id = BPF_CORE_READ(ns, ns.inum);
    struct rw_container *found = bpf_map_lookup_elem(&containers, &id);
    if (found) return found;
    level--;
  }
  return 0;
}

/*
 * Copies, since an entry that the agent replaces may be used again at once. The control group comes
 * first: a container that shares another's processes is registered by it.
 */
static __always_inline bool find_container(struct task_struct *task, struct rw_container *out) {
  struct rw_container *found = by_cgroup(task);
  if (!found) found = by_pid_namespace(task);
  if (!found) return false;
  *out = *found;
  return true;
}
