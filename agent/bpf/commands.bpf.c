/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What may be executed in a container, decided in the kernel on the file that is really run: there
 * is no path to flip and no file to swap between the decision and the deed. Three ways to the same
 * decision, of which the agent loads what proves itself: LSM hooks, the same as fmod_ret where the
 * kernel's lsm= list lacks bpf, and behind both, or alone, a kill before the first instruction.
 *
 * Not stopped: code that a permitted program writes into anonymous memory, and what an interpreter
 * reads as data. With the kill alone also what a permitted program maps executable, and the script
 * of a permitted interpreter unless its name is denied. On a kernel that preempts itself, fmod_ret
 * (not LSM) may leave out a mapping while another process on that CPU is being decided about.
 */
#include "agent/bpf/kernel.h"
/* bpf_tracing.h needs the types above. */
#include <bpf/bpf_tracing.h>

#include "agent/bpf/approved.h"
#include "agent/bpf/report.h"

char kLicense[] SEC("license") = "GPL"; /* the helpers are for such programs only */

static __always_inline int decide_check(struct linux_binprm *bprm) {
  struct rw_container c;
  if (!find_container((void *)bpf_get_current_task(), &c)) return 0;
  struct subject s = {};
  struct verdict v = {};
  const char *filename = BPF_CORE_READ(bprm, filename);
  look_at(BPF_CORE_READ(bprm, file), &s);
  judge(&c, &s, CHECKED, filename, 0, &v);
  if (!v.cause && was_not_asked(&c, &s, CHECKED)) v.cause = RW_UNASKED;
  if (!v.cause && !v.warn) return 0;
  int decision = !v.cause ? RW_WARNED : c.enforce ? RW_DENIED : RW_WOULD_DENY;
  report(&c, &s, &v, decision, CHECKED, filename, 0);
  return decision == RW_DENIED ? -EPERM : 0;
}

static __always_inline int decide_mapping(struct file *file) {
  struct task_struct *task = (void *)bpf_get_current_task();
  struct rw_container c;
  if (!find_container(task, &c)) return 0;
  /* The program's own text was reported when it was executed. Anyone may choose this pointer, so
   * it only ever spares an event. */
  if (!c.enforce && BPF_CORE_READ(task, mm, exe_file) == file) return 0;
  struct subject s = {};
  struct verdict v = {};
  look_at(file, &s);
  judge(&c, &s, MAPPED, 0, 0, &v);
  if (!v.cause) return 0;
  report(&c, &s, &v, c.enforce ? RW_DENIED : RW_WOULD_DENY, MAPPED, 0, 0);
  return c.enforce ? -EPERM : 0;
}

/* Some old programs' personality makes all that is readable executable, after this is asked. */
static __always_inline bool executable(unsigned long prot) {
  if (prot & PROT_EXEC) return true;
  if (!(prot & PROT_READ)) return false;
  struct task_struct *task = (void *)bpf_get_current_task();
  return BPF_CORE_READ(task, personality) & READ_IMPLIES_EXEC;
}

static __always_inline int decide_map(struct file *file, unsigned long prot) {
  return file && executable(prot) ? decide_mapping(file) : 0;
}

static __always_inline int decide_protect(struct vm_area_struct *vma, unsigned long prot) {
  if (!executable(prot)) return 0;
  struct file *file = BPF_CORE_READ(vma, vm_file);
  return file ? decide_mapping(file) : 0;
}

/* `behind`: a tier that answers with an error was asked before, and has reported. */
static __always_inline void decide_executed(struct task_struct *task, struct linux_binprm *bprm,
                                            bool behind) {
  struct rw_container c;
  if (!find_container(task, &c)) return;
  struct subject s = {};
  struct verdict v = {};
  const char *filename = BPF_CORE_READ(bprm, filename);
  struct mm_struct *mm = BPF_CORE_READ(task, mm);
  look_at(BPF_CORE_READ(bprm, file), &s);
  judge(&c, &s, EXECUTED, filename, mm, &v);
  if (!v.cause && was_not_asked(&c, &s, EXECUTED)) v.cause = RW_UNASKED;
  int decision = RW_ALLOWED;
  if (v.cause)
    decision = c.enforce ? RW_KILLED : RW_WOULD_DENY;
  else if (v.warn)
    decision = RW_WARNED;
  if (decision == RW_KILLED) bpf_send_signal(SIGKILL);
  bool told = behind && !v.multi_call && decision != RW_KILLED && v.cause != RW_BY_ARGUMENTS;
  /* What was reported before is told again only to be learned. */
  if (told) decision = RW_ALLOWED;
  if (decision != RW_ALLOWED || (c.flags & RW_RECORD))
    report(&c, &s, &v, decision, EXECUTED, filename, mm);
}

SEC("lsm/bprm_check_security")
int BPF_PROG(check_lsm, struct linux_binprm *bprm, int ret) {
  return ret ? ret : decide_check(bprm);
}

SEC("lsm/mmap_file")
int BPF_PROG(map_lsm, struct file *file, unsigned long reqprot, unsigned long prot,
             unsigned long flags, int ret) {
  return ret ? ret : decide_map(file, prot);
}

SEC("lsm/file_mprotect")
int BPF_PROG(protect_lsm, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot,
             int ret) {
  return ret ? ret : decide_protect(vma, prot);
}

SEC("fmod_ret/security_bprm_check")
int BPF_PROG(check_fmod_ret, struct linux_binprm *bprm, int ret) {
  return ret ? ret : decide_check(bprm);
}

SEC("fmod_ret/security_mmap_file")
int BPF_PROG(map_fmod_ret, struct file *file, unsigned long prot, unsigned long flags, int ret) {
  return ret ? ret : decide_map(file, prot);
}

SEC("fmod_ret/security_file_mprotect")
int BPF_PROG(protect_fmod_ret, struct vm_area_struct *vma, unsigned long reqprot,
             unsigned long prot, int ret) {
  return ret ? ret : decide_protect(vma, prot);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(executed, struct task_struct *task, int old_pid, struct linux_binprm *bprm) {
  decide_executed(task, bprm, false);
  return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(executed_behind, struct task_struct *task, int old_pid, struct linux_binprm *bprm) {
  decide_executed(task, bprm, true);
  return 0;
}
