#include "netfilter/fill_sets.h"

#include <cerrno>

#include "netfilter/encode.h"

namespace runward {

Result<bool> FillSets(const NetNamespace& space, const std::string& table,
                      std::span<const PlanSet> sets, std::vector<NetfilterSocket>& used) {
  if (sets.empty()) return true;
  NetfilterSocket socket;
  {
    const InNetNamespace inside = TRY(InNetNamespace::Enter(space));
    socket = TRY(OpenNetfilter());
  }
  Batch batch;
  for (const PlanSet& set : sets) {
    EncodeEmptying(table, set.name, batch);
    EncodeElements(table, set, batch);
  }
  const Result<void> done = batch.Commit(socket.get());
  used.push_back(std::move(socket));
  if (done.ok()) return true;
  if (batch.refused() == ENOENT) return false;
  return done.error();
}

}  // namespace runward
