#pragma once

#include <optional>
#include <string>

#include "agent/denied_account.h"
#include "agent/flow_log.h"
#include "agent/network_note.h"
#include "base/fd.h"
#include "base/paths.h"
#include "base/result.h"
#include "netfilter/open_connections.h"
#include "oci/record.h"
#include "policy/network_rule.h"

namespace runward {

// Whether its control group holds a container: not where it has a network of its own.
enum class Holding { kNo, kNotYet, kYes };

// A container whose network has rules, of which the agent tells. What a way of holding it has of
// its own is below: in its network namespace (agent/network_container.h), or by its control group
// (agent/group_network.h). Its end, or the agent's, changes no rule.
class WatchedNetwork {
 public:
  WatchedNetwork(const WatchedNetwork&) = delete;
  WatchedNetwork& operator=(const WatchedNetwork&) = delete;
  virtual ~WatchedNetwork() = default;

  [[nodiscard]] const NetworkNote& note() const { return note_; }
  [[nodiscard]] int alive() const { return alive_.get(); }  // readable when it has ended
  [[nodiscard]] virtual bool by_group() const { return false; }
  // Whether it is held from outside: by its control group, or at its cables. An Error when that was
  // to be and is not.
  [[nodiscard]] virtual Result<Holding> holding() { return Holding::kNo; }
  // Reads what there is to read for the last time, as the container has ended.
  virtual void End() = 0;
  // Tells of all that there is, for the last time.
  void Close();
  // Reads the record anew.
  virtual Result<void> Refresh() { return Read(); }
  // Puts the rules that lie beside the record in the place of those that hold. The record, which is
  // still the old one, is then to be read anew.
  virtual Result<DeniedConnections> Apply() = 0;
  // To be called about once a second while not idle. Milliseconds of a monotonic clock. True when
  // the note is another.
  virtual bool Tick(int64_t now);
  [[nodiscard]] virtual bool idle() const { return log_.empty() && account_.settled(); }

 protected:
  WatchedNetwork(const Paths& paths, std::string key, const NetworkNote& note)
      : paths_(paths), key_(std::move(key)), note_(note), account_(note.told) {}

  // Reads the record, and opens the process of the note.
  Result<void> Begin();
  Result<void> Read();
  [[nodiscard]] virtual FlowContext Context() const { return {record_, rule_, nullptr}; }
  // What the rules counted.
  [[nodiscard]] virtual DeniedTotals Counted() const = 0;
  // Reads what the rules have logged.
  virtual void ReadLogged() = 0;
  virtual void TellLost(bool last);
  // Other rules count from the beginning.
  void Restart();
  void TellMissing(const DeniedTotals& missing, bool unread);
  void Tell(int64_t now, bool all);
  void Report(std::string rule, std::string reason, EventAction action, uint64_t count);

  const Paths& paths_;
  std::string key_;
  NetworkNote note_;
  Record record_;
  NetworkRule rule_;
  UniqueFd alive_;
  FlowLog log_;
  DeniedAccount account_;

 private:
  bool closed_ = false;
};

}  // namespace runward
