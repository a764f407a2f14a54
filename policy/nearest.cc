#include "policy/nearest.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace runward {
namespace {

constexpr size_t kLongest = 64;  // no known name is longer; bounds the work on a hostile key

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// Optimal string alignment distance, row by row.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before;  // the row above the last
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({change, last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::string_view NearestName(std::string_view name, std::span<const std::string_view> known) {
  if (name.size() > kLongest) return "";
  const std::string wanted = Lower(name);
  std::string_view nearest;
  size_t best = std::max<size_t>(1, wanted.size() / 3) + 1;
  for (std::string_view candidate : known) {
    const size_t distance = Distance(wanted, Lower(candidate));
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace runward
