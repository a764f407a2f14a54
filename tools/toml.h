#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace runward {

// Where things stand in a TOML file, for changes that leave every other byte alone. It knows
// tables, dotted and quoted keys, comments, and where a value ends (strings of all four kinds,
// arrays and inline tables over several lines); it does not interpret values. What it does not
// understand, an escape in a key for instance, or what TOML forbids, such as a key or table for the
// second time, is an Error with its line: a guess would change somebody's configuration.

using TomlPath = std::vector<std::string>;

struct TomlTable {
  TomlPath path;       // empty: the file's beginning, before the first header
  bool array = false;  // [[path]]
  size_t begin = 0;    // of the header's line
  size_t body = 0;     // of the line after the header
  size_t end = 0;      // of the next header's line, or the file's end
};

struct TomlEntry {
  TomlPath path;  // the table's and the key's own
  size_t table = 0;
  size_t line = 0;   // where the line with the key begins
  size_t value = 0;  // where the value begins
  size_t end = 0;    // where the value ends; a comment may follow
};

struct TomlDocument {
  std::string text;
  std::vector<TomlTable> tables;  // the first is the file's beginning
  std::vector<TomlEntry> entries;

  [[nodiscard]] const TomlTable* Table(const TomlPath& path) const;
  [[nodiscard]] const TomlEntry* Entry(const TomlPath& path) const;
  // The value's exact text, "" when there is none.
  [[nodiscard]] std::string_view Value(const TomlPath& path) const;
};

inline constexpr size_t kMaxTomlBytes = size_t{1} << 20;

Result<TomlDocument> ReadToml(const std::string& text);

// "[a.\"b.c\".d]" without the brackets.
std::string TomlPathText(const TomlPath& path);

// A basic string; `text` is a path or a name without control characters.
std::string TomlString(std::string_view text);

}  // namespace runward
