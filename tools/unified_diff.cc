#include "tools/unified_diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace runward {
namespace {

using Lines = std::vector<std::string_view>;
constexpr size_t kContext = 3;
constexpr size_t kMaxCells = size_t{4} << 20;  // of the table that finds the longest common part

struct Line {
  char mark;  // ' ', '-' or '+'
  std::string_view text;
};

Lines Split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

// length[i * (b.size() + 1) + j]: the longest common subsequence of a from i and b from j.
std::vector<uint32_t> CommonLengths(const Lines& a, const Lines& b) {
  const size_t width = b.size() + 1;
  std::vector<uint32_t> length((a.size() + 1) * width);
  for (size_t i = a.size(); i-- > 0;) {
    for (size_t j = b.size(); j-- > 0;) {
      length[i * width + j] =
          a[i] == b[j] ? length[(i + 1) * width + j + 1] + 1
                       : std::max(length[(i + 1) * width + j], length[i * width + j + 1]);
    }
  }
  return length;
}

void Compare(const Lines& a, const Lines& b, std::vector<Line>& out) {
  size_t i = 0;
  size_t j = 0;
  if ((a.size() + 1) * (b.size() + 1) <= kMaxCells) {
    const size_t width = b.size() + 1;
    const std::vector<uint32_t> length = CommonLengths(a, b);
    while (i < a.size() && j < b.size()) {
      if (a[i] == b[j]) {
        out.push_back({' ', a[i++]});
        ++j;
      } else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) {
        out.push_back({'-', a[i++]});
      } else {
        out.push_back({'+', b[j++]});
      }
    }
  }
  while (i < a.size()) out.push_back({'-', a[i++]});
  while (j < b.size()) out.push_back({'+', b[j++]});
}

std::vector<Line> Edits(Lines a, Lines b) {
  std::vector<Line> edits;
  const auto [left, right] = std::ranges::mismatch(a, b);
  for (auto line = a.begin(); line != left; ++line) edits.push_back({' ', *line});
  a.erase(a.begin(), left);
  b.erase(b.begin(), right);
  Lines tail;
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    tail.push_back(a.back());
    a.pop_back();
    b.pop_back();
  }
  Compare(a, b, edits);
  for (auto line = tail.rbegin(); line != tail.rend(); ++line) edits.push_back({' ', *line});
  return edits;
}

std::string Range(size_t begin, size_t count) {
  std::string text = std::to_string(count == 0 ? begin : begin + 1);
  return count == 1 ? text : text + "," + std::to_string(count);
}

bool Changed(const Line& line) { return line.mark != ' '; }

// A position in the edits, and in both texts.
struct Cursor {
  size_t edit = 0;
  size_t old_line = 0;
  size_t new_line = 0;
};

Cursor Advance(Cursor at, size_t until, const std::vector<Line>& edits) {
  for (; at.edit < until; ++at.edit) {
    at.old_line += edits[at.edit].mark != '+' ? 1 : 0;
    at.new_line += edits[at.edit].mark != '-' ? 1 : 0;
  }
  return at;
}

std::string Hunk(const Cursor& begin, const Cursor& end, const std::vector<Line>& edits) {
  std::string text = "@@ -" + Range(begin.old_line, end.old_line - begin.old_line) + " +" +
                     Range(begin.new_line, end.new_line - begin.new_line) + " @@\n";
  for (size_t at = begin.edit; at < end.edit; ++at) {
    text += edits[at].mark + std::string(edits[at].text);
    if (!text.ends_with('\n')) text += "\n\\ No newline at end of file\n";
  }
  return text;
}

// The next changed line from `at` on.
size_t NextChange(size_t at, const std::vector<Line>& edits) {
  const auto from = edits.begin() + static_cast<std::ptrdiff_t>(at);
  return static_cast<size_t>(std::find_if(from, edits.end(), Changed) - edits.begin());
}

}  // namespace

std::string UnifiedDiff(std::string_view before, std::string_view after, const std::string& from,
                        const std::string& to) {
  if (before == after) return "";
  const std::vector<Line> edits = Edits(Split(before), Split(after));
  std::string text = "--- " + from + "\n+++ " + to + "\n";
  Cursor done;
  size_t change = NextChange(0, edits);
  while (change < edits.size()) {
    const size_t context = change < kContext ? 0 : change - kContext;
    const Cursor begin = Advance(done, std::max(done.edit, context), edits);
    size_t end = change;
    // Changes with up to twice the context between them share a hunk.
    while (change < edits.size() && change <= end + 2 * kContext) {
      end = change + 1;
      change = NextChange(end, edits);
    }
    done = Advance(begin, std::min(end + kContext, edits.size()), edits);
    text += Hunk(begin, done, edits);
  }
  return text;
}

}  // namespace runward
