/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What host_network.bpf.c and the agent tell each other through maps: plain C, the same bytes on
 * both sides. Each container has programs and maps of its own, so a change of these structs needs
 * no care for older ones: change RW_HOST_LAYOUT, and a new agent leaves old ones as they are.
 */
#pragma once

#define RW_HOST_LAYOUT 2
#define RW_HOST_WORDS 4
#define RW_HOST_RULES (RW_HOST_WORDS * 64) /* of one direction */
#define RW_HOST_PLACES (RW_HOST_RULES + 1) /* and the direction's default, before them */
#define RW_HOST_FLOWS 65536
#define RW_HOST_EVENTS 10000            /* a second; the counters have all */
#define RW_HOST_IDLE_NS 180000000000ULL /* then it is over, where there is no handshake */

enum rw_host_state {
  RW_HOST_CLOSED = 0, /* as the kernel makes it: nothing passes, nothing is told */
  RW_HOST_RULED = 1,
  RW_HOST_PROOF = 2, /* the proof's packets pass, before the container's first process runs */
};

struct rw_host_settings {
  unsigned int state;
  unsigned int audit;
  unsigned int default_allow[2]; /* by direction: 1 is ingress */
  unsigned char proof_own[2];    /* the ports of the proof's packets, which are UDP */
  unsigned char proof_peer[2];   /* of 127.0.0.0/8, in the network's order */
  unsigned int zero;
  unsigned long long allow[2][RW_HOST_WORDS]; /* the rules that allow */
};

/* Which rules fit: a bit for each. */
struct rw_fitting {
  unsigned long long rules[RW_HOST_WORDS];
};

/* Keys of tries of longest prefixes; the prefix counts the bits that follow it. */
struct rw_peer_key {
  unsigned int prefix;
  unsigned char ingress;
  unsigned char v6;
  unsigned char zero[2];
  unsigned char address[16];
};

struct rw_service_key {
  unsigned int prefix;
  unsigned char ingress;
  unsigned char protocol;
  unsigned char number[2]; /* the listening side's port in the network's order; a type, and 0 */
};

/* A conversation, as the container's socket has it. Ports in the network's order. */
struct rw_flow_key {
  unsigned char v6;
  unsigned char protocol;
  unsigned char zero[2];
  unsigned char own_port[2]; /* of ICMP: the identifier */
  unsigned char peer_port[2];
  unsigned char own[16];
  unsigned char peer[16];
};

struct rw_flow {
  unsigned long long seen; /* nanoseconds, monotonic */
  unsigned char ingress;   /* who began it */
  unsigned char ended;     /* TCP: a bit for each direction that said so */
  unsigned short number;   /* of the service, in the host's order: a port, or a type */
  int rule;
};

/* How many packets are told of within a second. */
struct rw_window {
  unsigned long long begin;
  unsigned long long count;
};

enum rw_host_kind { RW_HOST_DENIED = 0, RW_HOST_WOULD_DENY = 1, RW_HOST_BEGAN = 2 };

struct rw_host_event {
  unsigned char kind;
  unsigned char ingress;
  unsigned char v6;
  unsigned char protocol;
  unsigned short number; /* as rw_flow's */
  unsigned short zero;
  int rule; /* -1: the direction's default */
  unsigned int bytes;
  unsigned char peer[16];
};
