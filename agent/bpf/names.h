/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Base names, read without a scratch buffer: a program in a trampoline may be preempted by itself.
 */
#pragma once

#include "agent/bpf/container.h"

#define CHUNK 64
#define MAX_CHUNKS 66 /* of 63 bytes: more than PATH_MAX */
#define MAX_APPLETS 6 /* "busybox busybox busybox nc" */

/* Leaves the name empty when it is longer than a rule's can be: no rule has the empty name. */
static __always_inline void read_dentry_name(struct rw_name_key *key, struct dentry *dentry) {
  const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
  __builtin_memset(key->name, 0, RW_NAME);
  if (BPF_CORE_READ(dentry, d_name.len) >= RW_NAME) return;
  bpf_probe_read_kernel_str(key->name, RW_NAME, name);
}

static __always_inline long read_string(char *to, unsigned int size, unsigned long long from,
                                        unsigned int user) {
  const char *at = (const char *)from;
  if (!user) return bpf_probe_read_kernel_str(to, size, at);
  long n = bpf_probe_read_user_str(to, size, at);
  return n == 0 ? 1 : n; /* before 6.11 the user's empty string has no NUL to count */
}

/*
 * The string's length, or -1 when it cannot be read or is longer than a path. Not inline, nor
 * static, as the next one: the verifier then looks at each once, and not again for every length.
 */
__attribute__((noinline)) long rw_length(unsigned long long from, unsigned int user) {
  char chunk[CHUNK];
  long length = 0;
  for (int i = 0; i < MAX_CHUNKS; i++) {
    long n = read_string(chunk, CHUNK, from + length, user);
    if (n <= 0) return -1;
    length += n - 1;
    if (n < CHUNK) return length;
  }
  return -1;
}

/*
 * Where the base name begins, counted from `from`, a string of 64 bytes or fewer; 64 when no slash
 * is among 64 bytes, since such a name is longer than a rule's can be.
 */
__attribute__((noinline)) unsigned int rw_base(unsigned long long from, unsigned int user) {
  char tail[CHUNK + 1];
  __builtin_memset(tail, 0, sizeof(tail));
  long n = read_string(tail, sizeof(tail), from, user);
  /* 64 for a string of 64 bytes, else 0: computed without a branch, and so is the loop's result, as
   * the verifier would follow each value of its own. */
  unsigned long long base = ((unsigned long long)n >> 6 & 1) << 6;
  for (int i = 0; i < CHUNK; i++)
    if (tail[i] == '/') base = i + 1;
  return base;
}

/*
 * Puts what follows the last slash into key->name, or nothing when that is longer than a rule's
 * name can be. Returns the whole string's length, or -1 when it cannot be read or is longer than a
 * path.
 */
static __always_inline long read_base_name(struct rw_name_key *key, const char *string,
                                           unsigned int user) {
  unsigned long long from = (unsigned long long)string;
  long length = rw_length(from, user);
  __builtin_memset(key->name, 0, RW_NAME);
  if (length < 0) return -1;
  /* A base name of at most 63 bytes and the slash before it lie within the last 64. */
  if (length > CHUNK) from += length - CHUNK;
  from += rw_base(from, user);
  if (read_string(key->name, RW_NAME, from, user) < 0) return -1;
  return length;
}

static __always_inline bool starts_with(const char *name, const char *prefix, int size) {
  for (int i = 0; i < size; i++)
    if (name[i] != prefix[i]) return false;
  return true;
}

static __always_inline bool same(const char *a, const char *b) {
  for (int i = 0; i < RW_NAME; i++) {
    if (a[i] != b[i]) return false;
    if (!a[i]) return true;
  }
  return true;
}

/* The program's own name: the applet is the argument after it. */
static __always_inline bool own_name(const struct rw_name_key *key, const struct rw_name_key *own) {
  return starts_with(key->name, "busybox", 7) || starts_with(key->name, "toybox", 6) ||
         same(key->name, own->name);
}

/*
 * The applet that a program of many will be, from the arguments as the new program has them: nobody
 * but a tracer can change them any more. `behind` becomes where its own arguments begin. False when
 * it cannot be told.
 */
static __always_inline bool read_applet(struct rw_name_key *key, const struct rw_name_key *own,
                                        struct mm_struct *mm, unsigned long long *behind) {
  const char *at = (const char *)BPF_CORE_READ(mm, arg_start);
  const char *end = (const char *)BPF_CORE_READ(mm, arg_end);
  for (int i = 0; i < MAX_APPLETS; i++) {
    if (at >= end) return i > 0; /* called by its own name, and nothing follows */
    char first[2] = {};
    if (read_string(first, sizeof(first), (unsigned long long)at, true) < 0) return false;
    /* A login shell's name begins with a dash. */
    long skip = i == 0 && first[0] == '-' ? 1 : 0;
    long length = read_base_name(key, at + skip, true);
    if (length < 0) return false;
    at += skip + length + 1;
    *behind = (unsigned long long)at;
    if (!own_name(key, own)) return true;
  }
  return false;
}
