/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What the programs in the kernel and the agent tell each other through maps: plain C, the same
 * bytes on both sides. Change a struct's meaning or size, and RW_LAYOUT changes with it: a new
 * agent then leaves the old programs enforcing until it has registered its containers with the new
 * ones.
 */
#pragma once

#define RW_LAYOUT 4
#define RW_NAME 64          /* bytes of a base name with its NUL; longer names match no rule */
#define RW_FILENAME 256     /* of the name as called, cut */
#define RW_ARGV 512         /* of all arguments, each ended by NUL, cut */
#define RW_ARGUMENT 112     /* bytes of an argument that are compared, with NUL */
#define RW_ARGUMENT_HEAD 12 /* of an argument's key, between its prefix and its text */
#define RW_BY_CGROUP (1ULL << 63) /* in an id: a v2 control group, not a pid namespace */
#define RW_WAKE_NS 200000000ULL   /* the reader is woken at most this often */

#define RW_APPROVED_NS 60000000000ULL /* how long the agent's word about an exec holds */

/* Flags of files, as kernel_rules.h has them. */
#define RW_FILE_DENIED 1
#define RW_FILE_ALLOWED 2
#define RW_FILE_MULTI_CALL 4
#define RW_FILE_LOADER 8
#define RW_EXCEPT_DIRECTORY 16
/* Of the entry with inode 0, about the whole superblock: nothing there is drift. */
#define RW_TRUSTED_DEVICE 0x8000

/* Flags of a container: tables that need not be asked when they hold nothing of it. */
#define RW_HAS_NAMES 1
#define RW_HAS_EXCEPTIONS 2
#define RW_RECORD 4 /* report every exec, allowed ones too */
#define RW_HAS_ARGUMENTS 8
#define RW_NEEDS_AGENT 16 /* it has rules that only the agent can judge */

/* In a set's number: its rules about arguments. Of such an entry, what says whether a file or name
 * is denied says whether the rule allows, and the rule's number leads to its arguments. */
#define RW_OF_ARGUMENTS 1ULL

enum rw_decision { RW_ALLOWED = 0, RW_WARNED = 1, RW_WOULD_DENY = 2, RW_DENIED = 3, RW_KILLED = 4 };

enum rw_cause {
  RW_NONE = 0,
  RW_FILE = 1,
  RW_BY_NAME = 2,
  RW_APPLET = 3,
  RW_DRIFT = 4,
  RW_LOADER = 5,
  RW_NOT_LISTED = 6,
  RW_BY_ARGUMENTS = 7,
  RW_UNASKED = 8,
};

/* How code was to be run. */
enum rw_way { RW_EXEC = 0, RW_MAPPING = 1 };

struct rw_container {
  unsigned long long number; /* the agent's */
  unsigned long long set;    /* of rules: entries of the other maps carry it */
  unsigned int image_device; /* as the kernel writes it: major << 20 | minor */
  unsigned char enforce;
  unsigned char drift;
  unsigned char allow_list;
  unsigned char flags;
};

struct rw_file_key {
  unsigned long long set;
  unsigned long long inode;
  unsigned int device;
  unsigned int zero;
};

struct rw_file_rule {
  unsigned short flags;
  unsigned short rule;
};

struct rw_name_key {
  unsigned long long set;
  char name[RW_NAME]; /* filled up with NUL */
};

struct rw_name_rule {
  unsigned short denied;
  unsigned short rule;
};

/* As a trie of longest prefixes has it. An exact argument counts to its NUL, a beginning to its
 * end. */
struct rw_argument_key {
  unsigned int prefix; /* bits that follow */
  unsigned int rule;
  unsigned long long set;
  char text[RW_ARGUMENT];
};

/* What the agent has let go on: an exec of that file by that process. */
struct rw_approved_key {
  unsigned long long inode;
  unsigned int process; /* its number in the agent's pid namespace */
  unsigned int device;  /* as the kernel writes it */
};

struct rw_approved {
  unsigned long long when; /* nanoseconds, monotonic */
  unsigned int user;       /* effective, as the host sees it: the agent's word is about no other */
  unsigned int zero;
};

struct rw_state {
  unsigned long long woken; /* nanoseconds, monotonic; written by the kernel's side */
  unsigned int by_cgroup;   /* containers whose id is a control group */
  unsigned int overlay;     /* 1 when the programs can tell an overlay's upper files */
  unsigned int agent_space; /* the agent's pid namespace */
  unsigned int zero;
};

struct rw_event {
  unsigned long long container;
  unsigned long long time; /* nanoseconds, monotonic */
  unsigned long long inode;
  unsigned int device;
  unsigned int pid; /* in the host's namespace, as all ids here */
  unsigned int parent;
  unsigned int uid;
  unsigned int gid;
  unsigned short rule;
  unsigned char decision;
  unsigned char cause;
  unsigned char way;
  unsigned char zero;
  unsigned short argv_size;
  char comm[16];
  char filename[RW_FILENAME];
  char argv[RW_ARGV];
};
