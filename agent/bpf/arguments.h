/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Rules about arguments, judged at the end of the exec on the new program's memory: nobody but a
 * tracer can change them any more. What cannot be read, or goes beyond the bounds, is forbidden.
 */
#pragma once

#include "agent/bpf/names.h"

#define MAX_JUDGED 64 /* arguments; a command with more is forbidden */

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 65536);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct rw_argument_key);
  __type(value, unsigned int);
} arguments SEC(".maps");

/* The stack is too small for a key. A tracepoint's program is not preempted, nor runs within
 * itself. */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, unsigned int);
  __type(value, struct rw_argument_key);
} argument SEC(".maps");

/*
 * Whether the rule forbids the arguments from `at` to `end`. A rule that allows wants each of them
 * listed, one that denies none. Not static, nor inline, for the verifier's sake, as rw_length.
 */
__attribute__((noinline)) unsigned int rw_arguments(unsigned long long set, unsigned int rule,
                                                    unsigned long long at, unsigned long long end) {
  unsigned int zero = 0;
  struct rw_argument_key *key = bpf_map_lookup_elem(&argument, &zero);
  if (!key) return 1;
  key->set = set;
  key->rule = rule & 0xffff;
  for (int i = 0; i < MAX_JUDGED; i++) {
    if (at >= end) return 0;
    long n = read_string(key->text, RW_ARGUMENT, at, true);
    if (n <= 0 || n > RW_ARGUMENT) return 1;
    key->prefix = (RW_ARGUMENT_HEAD + (unsigned int)n) * 8;
    bool listed = bpf_map_lookup_elem(&arguments, key) != 0;
    if (listed != (rule >> 16 != 0)) return 1;
    long length = rw_length(at, true);
    if (length < 0) return 1;
    at += length + 1;
  }
  return at < end;
}

struct arguments {
  unsigned long long set;
  unsigned long long at; /* behind the program's own name */
  unsigned long long end;
};

static __always_inline bool forbidden_by_name(struct rw_name_key *key, const struct arguments *a,
                                              unsigned short *number) {
  struct rw_name_rule *rule = bpf_map_lookup_elem(&names, key);
  if (!rule) return false;
  *number = rule->rule;
  return rw_arguments(a->set, rule->rule | (unsigned int)rule->denied << 16, a->at, a->end) != 0;
}
