/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The kernel's structs, only the fields that are read. CO-RE finds where they lie in the running
 * kernel (5.10 to 6.18), so that neither kernel headers nor a vmlinux.h of one kernel are needed.
 */
#pragma once

#include <linux/bpf.h>

typedef _Bool bool;

#define CO_RE __attribute__((preserve_access_index))

struct ns_common {
  unsigned int inum;
} CO_RE;

struct pid_namespace {
  struct ns_common ns;
} CO_RE;

struct upid {
  int nr;
  struct pid_namespace *ns;
} CO_RE;

struct pid {
  unsigned int level;
  struct upid numbers[1];
} CO_RE;

struct super_block {
  unsigned int s_dev;
  unsigned long s_magic;
} CO_RE;

struct inode {
  struct super_block *i_sb;
  unsigned short i_mode;
  unsigned long i_ino;
  unsigned int i_nlink;
} CO_RE;

struct qstr {
  unsigned int len;
  const unsigned char *name;
} CO_RE;

struct dentry {
  struct dentry *d_parent;
  struct qstr d_name;
  struct inode *d_inode;
} CO_RE;

struct path {
  struct dentry *dentry;
} CO_RE;

struct file {
  struct path f_path;
  struct inode *f_inode;
} CO_RE;

struct vm_area_struct {
  struct file *vm_file;
} CO_RE;

struct mm_struct {
  unsigned long arg_start;
  unsigned long arg_end;
  struct file *exe_file;
} CO_RE;

struct cgroup_subsys_state {
  struct cgroup_subsys_state *parent;
} CO_RE;

struct kernfs_node {
  unsigned long long id;
} CO_RE;

struct cgroup {
  struct cgroup_subsys_state self;
  struct kernfs_node *kn;
} CO_RE;

struct css_set {
  struct cgroup *dfl_cgrp;
} CO_RE;

typedef struct {
  unsigned int val;
} kuid_t;

struct cred {
  kuid_t euid;
} CO_RE;

struct task_struct {
  int tgid;
  unsigned long long start_time;
  struct task_struct *group_leader;
  const struct cred *real_cred;
  struct task_struct *real_parent;
  struct mm_struct *mm;
  unsigned int personality;
  unsigned int in_execve : 1;
  struct pid *thread_pid;
  struct css_set *cgroups;
} CO_RE;

/* Of the caller, at its system call. */
struct pt_regs {
#if defined(__TARGET_ARCH_x86)
  unsigned long si;
  unsigned long dx;
  unsigned long orig_ax;
#elif defined(__TARGET_ARCH_arm64)
  unsigned long long regs[31];
  int syscallno;
#endif
} CO_RE;

struct linux_binprm {
  struct file *file;
  const char *filename;
} CO_RE;

/* Of the module overlay, where that is one. */
struct ovl_inode {
  struct inode vfs_inode;
  struct dentry *__upperdentry;
} CO_RE;

#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define READ_IMPLIES_EXEC 0x0400000
#define PROT_READ 1
#define PROT_EXEC 4
#define S_ISUID 04000
#define SIGKILL 9
#define EPERM 1
#define true 1
#define false 0
