#include "agent/denied_account.h"

#include <algorithm>

namespace runward {
namespace {

uint64_t At(const DeniedTotals& totals, const DeniedPlace& place) {
  const auto found = totals.find(place);
  return found == totals.end() ? 0 : found->second;
}

}  // namespace

DeniedTotals DeniedAccount::Begin(const DeniedTotals& counted) {
  DeniedTotals missing;
  for (const auto& [place, packets] : counted) {
    // Less than was told of: rules that another agent's events were not about.
    if (At(told_, place) > packets) told_[place] = packets;
    if (packets > At(told_, place)) missing[place] = packets - At(told_, place);
  }
  seen_ = counted;
  before_ = counted;
  return missing;
}

void DeniedAccount::Saw(const DeniedPlace& place, uint64_t packets) {
  seen_[place] += packets;
  settled_ = false;
}

DeniedTotals DeniedAccount::Missing(const DeniedTotals& counted, bool last) {
  DeniedTotals missing;
  for (const auto& [place, packets] : counted) {
    // Counted anew, by rules that were put in these ones' place: seen, rather than told of twice.
    if (packets < At(before_, place)) seen_[place] = told_[place] = packets;
    const uint64_t sure = last ? packets : std::min(packets, At(before_, place));
    const uint64_t seen = At(seen_, place);
    if (sure <= seen) continue;
    missing[place] = sure - seen;
    seen_[place] = sure;
  }
  settled_ = counted == before_ && missing.empty();
  before_ = counted;
  return missing;
}

void DeniedAccount::Restart() {
  told_.clear();
  seen_.clear();
  before_.clear();
}

}  // namespace runward
