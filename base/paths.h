#pragma once

#include <string>

namespace runward {

// Where an installation keeps its files. Decided by --runward-root alone, never by the environment.
struct Paths {
  std::string policy;     // policy.json
  std::string runtime;    // runtime.json: the real runtime and its arguments
  std::string verdicts;   // directory; verdicts/sha256/<hex>.intoto.jsonl
  std::string run;        // directory on tmpfs; run/containers/<key>/plan.json
  std::string log;        // directory; events.jsonl, checkpoints.jsonl
  std::string vault;      // the sealed secrets
  std::string vault_key;  // the key file that opens them, where one is used
  std::string root_flag;  // "" or "--runward-root=DIR", to be repeated in hints
};

// With an empty `root`: /etc/runward, /var/lib/runward, /run/runward, /var/log/runward,
// /var/lib/runward/vault, /etc/runward/vault.key. Otherwise DIR/policy.json, DIR/runtime.json,
// DIR/verdicts, DIR/run, DIR/log, DIR/vault, DIR/vault.key.
Paths PathsFor(const std::string& root);

}  // namespace runward
