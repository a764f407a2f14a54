/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The decision, one for all programs. Denying rules come before allowing ones. What cannot be read
 * or is deeper than the bounds here is denied where a rule depends on it.
 */
#pragma once

#include "agent/bpf/arguments.h"
#include "agent/bpf/container.h"
#include "agent/bpf/names.h"

#define MAX_PARENTS 48 /* directories walked for an exception; deeper is drift */

enum stage {
  CHECKED,  /* before the exec: arguments are not to be read yet */
  EXECUTED, /* after it, before the first instruction */
  MAPPED,   /* made executable in memory: a library, or a loader of its own at work */
};

struct verdict {
  unsigned char cause; /* RW_NONE: allowed */
  unsigned char warn;  /* drift that only warns */
  unsigned char multi_call;
  unsigned short rule;
};

struct subject {
  struct dentry *dentry;
  struct inode *inode;
  unsigned long long ino;
  unsigned long magic;
  unsigned int device;
  unsigned int links;
};

static __always_inline void look_at(struct file *file, struct subject *s) {
  /* CO-RE would take our own struct for one of the kernel's: it reads through locals only. */
  struct inode *inode = BPF_CORE_READ(file, f_inode);
  struct super_block *sb = BPF_CORE_READ(inode, i_sb);
  s->dentry = BPF_CORE_READ(file, f_path.dentry);
  s->inode = inode;
  s->magic = BPF_CORE_READ(sb, s_magic);
  s->ino = BPF_CORE_READ(inode, i_ino);
  s->device = BPF_CORE_READ(sb, s_dev);
  s->links = BPF_CORE_READ(inode, i_nlink);
}

static __always_inline struct rw_file_rule *file_rule(unsigned long long set, unsigned int device,
                                                      unsigned long long inode) {
  struct rw_file_key key = {.set = set, .inode = inode, .device = device};
  return bpf_map_lookup_elem(&files, &key);
}

/* On an overlay: the file was written, or made, after the container started. */
static __always_inline bool in_upper_layer(const struct subject *s) {
  if (!bpf_core_type_exists(struct ovl_inode)) return true;
  if (s->magic != OVERLAYFS_SUPER_MAGIC) return true;
  struct ovl_inode *ovl =
      (void *)((const char *)s->inode - bpf_core_field_offset(struct ovl_inode, vfs_inode));
  return BPF_CORE_READ(ovl, __upperdentry) != 0;
}

/* The file itself, or a directory above it within its filesystem, is marked as an exception. */
static __always_inline bool excepted(const struct rw_container *c, const struct subject *s) {
  struct dentry *at = s->dentry;
  if (!(c->flags & RW_HAS_EXCEPTIONS)) return false;
  for (int i = 0; i < MAX_PARENTS; i++) {
    struct rw_file_rule *rule = file_rule(c->set, s->device, BPF_CORE_READ(at, d_inode, i_ino));
    if (rule && (rule->flags & RW_EXCEPT_DIRECTORY)) return true;
    struct dentry *parent = BPF_CORE_READ(at, d_parent);
    if (parent == at) return false;
    at = parent;
  }
  return false;
}

static __always_inline bool is_drift(const struct rw_container *c, const struct subject *s) {
  if (s->device == c->image_device) {
    if (s->links != 0 && !in_upper_layer(s)) return false;
  } else {
    struct rw_file_rule *rule = file_rule(c->set, s->device, 0);
    if (rule && (rule->flags & RW_TRUSTED_DEVICE)) return false;
  }
  return !excepted(c, s);
}

/* Rules about names. *listed is set when one allows the file. */
static __always_inline int judge_names(const struct rw_container *c, const struct subject *s,
                                       const char *filename, bool multi_call, bool *listed,
                                       unsigned short *number) {
  struct rw_name_key key = {.set = c->set};
  read_dentry_name(&key, s->dentry);
  struct rw_name_rule *rule = bpf_map_lookup_elem(&names, &key);
  if (rule) {
    *number = rule->rule;
    if (rule->denied) return RW_BY_NAME;
    /* Of a program of many applets, the applet is what is listed. */
    if (!multi_call) *listed = true;
  }
  if (!filename) return RW_NONE;
  /* A link may be called anything: it can be denied by its name, never allowed by it. */
  if (read_base_name(&key, filename, false) < 0) return RW_NONE;
  rule = bpf_map_lookup_elem(&names, &key);
  if (!rule || !rule->denied) return RW_NONE;
  *number = rule->rule;
  return RW_BY_NAME;
}

static __always_inline int judge_applet(const struct rw_container *c, const struct subject *s,
                                        struct mm_struct *mm, bool *listed,
                                        unsigned short *number) {
  struct rw_name_key key = {.set = c->set};
  struct rw_name_key own = {};
  read_dentry_name(&own, s->dentry);
  unsigned long long behind = 0;
  if (!read_applet(&key, &own, mm, &behind)) return RW_APPLET;
  struct rw_name_rule *rule = bpf_map_lookup_elem(&names, &key);
  if (!rule) return RW_NONE;
  *number = rule->rule;
  if (rule->denied) return RW_APPLET;
  *listed = true;
  return RW_NONE;
}

static __always_inline int judge_file(const struct rw_container *c, const struct subject *s,
                                      unsigned short flags, int stage, struct verdict *v) {
  if (flags & RW_FILE_DENIED) return RW_FILE;
  /* As another program's interpreter it is only mapped. */
  if ((flags & RW_FILE_LOADER) && stage != MAPPED) return RW_LOADER;
  if (c->drift && is_drift(c, s)) {
    if (c->drift > 1) return RW_DRIFT;
    v->warn = 1;
  }
  return RW_NONE;
}

/* Within execve(2) itself. A kernel that does not say so is taken to be. */
static __always_inline bool in_exec(void) {
  struct task_struct *task = (void *)bpf_get_current_task();
  if (!bpf_core_field_exists(task->in_execve)) return true;
  return BPF_CORE_READ_BITFIELD_PROBED(task, in_execve) != 0;
}

/* A program that is to be judged by more than its file, and that another program maps: a loader
 * which nobody knows for one. A list that allows names the loaders that may. */
static __always_inline bool mapped_round(const struct rw_container *c, const struct subject *s,
                                         bool multi_call) {
  if (c->allow_list || !(c->flags & (RW_HAS_NAMES | RW_HAS_ARGUMENTS)) || in_exec()) return false;
  if (multi_call) return true;
  if (!(c->flags & RW_HAS_ARGUMENTS)) return false;
  if (file_rule(c->set | RW_OF_ARGUMENTS, s->device, s->ino)) return true;
  struct rw_name_key key = {.set = c->set | RW_OF_ARGUMENTS};
  read_dentry_name(&key, s->dentry);
  return bpf_map_lookup_elem(&names, &key) != 0;
}

/* Gives back what it gets: the verifier need not follow what each way to it makes of it. */
__attribute__((noinline)) unsigned int rw_any(unsigned int value) {
  __asm__ volatile("" : "+r"(value));
  return value;
}

static __always_inline void forget_ways(struct verdict *v) {
  unsigned int all = rw_any(v->rule << 16 | v->multi_call << 9 | v->warn << 8 | v->cause);
  v->cause = all & 0xff;
  v->warn = all >> 8 & 1;
  v->multi_call = all >> 9 & 1;
  v->rule = all >> 16;
}

static __always_inline void weigh(const struct rw_container *c, const struct subject *s, int stage,
                                  const char *filename, struct mm_struct *mm, struct verdict *v) {
  unsigned short flags = 0;
  struct rw_file_rule *rule = file_rule(c->set, s->device, s->ino);
  if (rule) {
    flags = rule->flags;
    v->rule = rule->rule;
  }
  v->multi_call = (flags & RW_FILE_MULTI_CALL) != 0;
  v->cause = judge_file(c, s, flags, stage, v);
  if (v->cause) return;
  bool listed = (flags & RW_FILE_ALLOWED) != 0;
  if (c->flags & RW_HAS_NAMES) {
    v->cause = judge_names(c, s, stage == MAPPED ? 0 : filename, v->multi_call, &listed, &v->rule);
    if (v->cause) return;
    if (v->multi_call && stage == EXECUTED) {
      v->cause = judge_applet(c, s, mm, &listed, &v->rule);
      if (v->cause) return;
    }
  }
  if (stage == MAPPED && mapped_round(c, s, v->multi_call)) v->cause = RW_LOADER;
  if (!c->allow_list || stage == MAPPED || listed) return;
  if (v->multi_call && stage == CHECKED) return; /* by its applet, when that can be read */
  v->cause = RW_NOT_LISTED;
}

/* By the file, its name, the link by which it was called, and its applet: each may have a rule. */
static __always_inline bool arguments_forbidden(const struct rw_container *c,
                                                const struct subject *s, const char *filename,
                                                struct mm_struct *mm, struct verdict *v) {
  struct arguments a = {.set = c->set};
  struct rw_name_key key = {.set = c->set | RW_OF_ARGUMENTS};
  struct rw_name_key own = {};
  unsigned long long start = BPF_CORE_READ(mm, arg_start);
  a.end = BPF_CORE_READ(mm, arg_end);
  long length = start < a.end ? rw_length(start, true) : 0;
  if (length < 0) return true;
  a.at = start + length + 1;
  struct rw_file_rule *rule = file_rule(c->set | RW_OF_ARGUMENTS, s->device, s->ino);
  if (rule) {
    v->rule = rule->rule;
    if (rw_arguments(a.set, rule->rule | (unsigned int)rule->flags << 16, a.at, a.end)) return true;
  }
  read_dentry_name(&own, s->dentry);
  __builtin_memcpy(key.name, own.name, RW_NAME);
  if (forbidden_by_name(&key, &a, &v->rule)) return true;
  if (read_base_name(&key, filename, false) < 0) return true;
  if (forbidden_by_name(&key, &a, &v->rule)) return true;
  if (!v->multi_call) return false;
  if (!read_applet(&key, &own, mm, &a.at)) return true;
  return forbidden_by_name(&key, &a, &v->rule);
}

static __always_inline void judge(const struct rw_container *c, const struct subject *s, int stage,
                                  const char *filename, struct mm_struct *mm, struct verdict *v) {
  weigh(c, s, stage, filename, mm, v);
  forget_ways(v);
  if (stage != EXECUTED || !(c->flags & RW_HAS_ARGUMENTS) || v->cause) return;
  unsigned short number = v->rule;
  if (arguments_forbidden(c, s, filename, mm, v))
    v->cause = RW_BY_ARGUMENTS;
  else
    v->rule = number;
}
