/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Events. Waking the reader costs five times what writing one does, so it is woken rarely. */
#pragma once

#include "agent/bpf/judge.h"

#define MAX_ARGUMENTS 16
#define MAX_ARGUMENT 128 /* bytes of each, where they are read one by one */

static __always_inline void count_lost(unsigned long long container) {
  unsigned long long *count = bpf_map_lookup_elem(&lost, &container);
  if (count) __sync_fetch_and_add(count, 1);
}

/* The reader looks again a little after it was woken: kernel_events.h. */
static __always_inline unsigned long long wake(unsigned long long now) {
  struct rw_state *s = the_state();
  if (!s || now - s->woken < RW_WAKE_NS) return BPF_RB_NO_WAKEUP;
  s->woken = now;
  return BPF_RB_FORCE_WAKEUP;
}

static __always_inline void read_arguments(struct rw_event *e, struct mm_struct *mm) {
  unsigned long start = BPF_CORE_READ(mm, arg_start);
  unsigned long size = BPF_CORE_READ(mm, arg_end) - start;
  if (size > RW_ARGV - 1) size = RW_ARGV - 1;
  size &= RW_ARGV - 1;
  if (bpf_probe_read_user(e->argv, size, (void *)start) == 0) e->argv_size = size;
}

/* Where the caller's execve or execveat finds its arguments; 0 for the 32-bit calls. */
static __always_inline unsigned long caller_argv(void) {
  if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs)) return 0; /* < 5.15 */
  struct pt_regs *regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
#if defined(__TARGET_ARCH_x86)
  unsigned long call = BPF_CORE_READ(regs, orig_ax);
  if (call == 59) return BPF_CORE_READ(regs, si);
  if (call == 322) return BPF_CORE_READ(regs, dx);
#elif defined(__TARGET_ARCH_arm64)
  int call = BPF_CORE_READ(regs, syscallno);
  if (call == 221) return BPF_CORE_READ(regs, regs[1]);
  if (call == 281) return BPF_CORE_READ(regs, regs[2]);
#endif
  return 0;
}

/*
 * The arguments of an exec that is about to be refused, as the caller has them: another thread of
 * his may be changing them. Nothing is decided by it.
 */
static __always_inline void read_caller_arguments(struct rw_event *e) {
  unsigned long argv = caller_argv();
  unsigned long at = 0;
  if (!argv) return;
  for (int i = 0; i < MAX_ARGUMENTS; i++) {
    unsigned long argument = 0;
    if (bpf_probe_read_user(&argument, sizeof(argument), (void *)(argv + i * sizeof(argv)))) break;
    if (!argument || at >= RW_ARGV - MAX_ARGUMENT) break;
    long n = read_string(e->argv + at, MAX_ARGUMENT, argument, true);
    if (n <= 0 || n > MAX_ARGUMENT) break;
    at += n;
  }
  e->argv_size = at;
}

static __always_inline void report(const struct rw_container *c, const struct subject *s,
                                   const struct verdict *v, int decision, int stage,
                                   const char *filename, struct mm_struct *mm) {
  struct rw_event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
  if (!e) {
    count_lost(c->number);
    return;
  }
  struct task_struct *task = (void *)bpf_get_current_task();
  struct dentry *dentry = s->dentry;
  unsigned long long id = bpf_get_current_uid_gid();
  e->container = c->number;
  e->time = bpf_ktime_get_ns();
  e->inode = s->ino;
  e->device = s->device;
  e->pid = bpf_get_current_pid_tgid() >> 32;
  e->parent = BPF_CORE_READ(task, real_parent, tgid);
  e->uid = (unsigned int)id;
  e->gid = id >> 32;
  e->rule = v->rule;
  e->decision = decision;
  e->cause = v->warn && !v->cause ? RW_DRIFT : v->cause;
  e->way = stage == MAPPED ? RW_MAPPING : RW_EXEC;
  e->zero = 0;
  e->argv_size = 0;
  bpf_get_current_comm(e->comm, sizeof(e->comm));
  e->filename[0] = 0;
  if (!filename) filename = (const char *)BPF_CORE_READ(dentry, d_name.name);
  bpf_probe_read_kernel_str(e->filename, RW_FILENAME, filename);
  if (stage == EXECUTED) read_arguments(e, mm);
  if (stage == CHECKED) read_caller_arguments(e);
  bpf_ringbuf_submit(e, wake(e->time));
}
