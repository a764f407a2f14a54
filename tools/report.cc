#include "tools/report.h"

#include <algorithm>

namespace runward {
namespace {

bool Continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3 && digits[at - 4] != '-'; at -= 3) {
    digits.insert(at - 3, ",");
  }
  return digits;
}

std::string Count(int64_t count, std::string_view noun) {
  return Grouped(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

// Wide East Asian characters count as one: a table that is a column off, no more.
size_t Columns(std::string_view text) {
  size_t columns = 0;
  for (char c : text) columns += Continues(c) ? 0 : 1;
  return columns;
}

std::string Fit(std::string_view text, size_t columns) {
  const size_t width = Columns(text);
  if (width <= columns) return std::string(text) + std::string(columns - width, ' ');
  size_t end = 0;
  for (size_t seen = 0; end < text.size(); ++end) {
    if (Continues(text[end])) continue;
    if (++seen == columns) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::vector<std::string> Aligned(const std::vector<std::vector<std::string>>& rows,
                                 const std::vector<size_t>& right) {
  std::vector<size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Columns(row[i]));
  }
  const auto cell = [&](const std::vector<std::string>& row, size_t i) {
    const bool last = i + 1 == row.size();
    const bool ends = std::ranges::find(right, i) != right.end();
    if (ends) return std::string(widths[i] - Columns(row[i]), ' ') + row[i] + (last ? "" : "  ");
    return last ? row[i] : Fit(row[i], widths[i]) + "  ";
  };
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) line += cell(row, i);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string ShortTime(Time time) {
  std::string text = FormatTime(time).substr(0, 19);
  if (text.size() == 19) text[10] = ' ';
  return text;
}

}  // namespace runward
