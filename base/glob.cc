#include "base/glob.h"

namespace runward {

bool GlobMatch(std::string_view pattern, std::string_view name) {
  size_t p = 0;
  size_t n = 0;
  size_t star = std::string_view::npos;  // the last '*' seen, to come back to
  size_t star_name = 0;                  // where its run ends so far
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_name = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool GlobCovers(std::string_view outer, std::string_view inner) {
  // A '*' of `inner` taken as an ordinary character: it can only be met by itself or by a '*' of
  // `outer`, which both cover whatever it stands for.
  return GlobMatch(outer, inner);
}

bool PathGlobMatch(std::string_view pattern, std::string_view path) {
  while (true) {
    const size_t pattern_end = pattern.find('/');
    const size_t path_end = path.find('/');
    const std::string_view expected = pattern.substr(0, pattern_end);
    const std::string_view component = path.substr(0, path_end);
    if (component.empty() != expected.empty() || !GlobMatch(expected, component)) return false;
    const bool last = path_end == std::string_view::npos;
    if (last != (pattern_end == std::string_view::npos)) return false;
    if (last) return true;
    pattern.remove_prefix(pattern_end + 1);
    path.remove_prefix(path_end + 1);
  }
}

bool PathGlobCovers(std::string_view outer, std::string_view inner) {
  return PathGlobMatch(outer, inner);
}

}  // namespace runward
