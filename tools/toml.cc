#include "tools/toml.h"

#include <algorithm>
#include <set>

#include "tools/toml_scanner.h"

namespace runward {
namespace {

bool Bare(std::string_view key) { return !key.empty() && std::ranges::all_of(key, IsTomlBareKey); }

class Reader {
 public:
  explicit Reader(const std::string& text) : scan_(text) {
    document_.text = text;
    document_.tables.emplace_back();
  }

  Result<TomlDocument> Run() {
    while (!scan_.AtEnd()) TRY(Line());
    document_.tables.back().end = document_.text.size();
    return std::move(document_);
  }

 private:
  Result<void> Line() {
    const size_t begin = scan_.at();
    scan_.SkipSpaces();
    if (scan_.peek() == '[') {
      TRY(Header(begin));
    } else if (!scan_.AtLineEnd() && scan_.peek() != '#') {
      TRY(KeyValue(begin));
    }
    return scan_.FinishLine();
  }

  Result<void> Header(size_t begin) {
    TomlTable table{.begin = begin};
    scan_.Take('[');
    table.array = scan_.Take('[');
    table.path = TRY(scan_.Key());
    if (!scan_.Take(']') || (table.array && !scan_.Take(']'))) return scan_.Fail("expected ']'");
    if (!table.array && !tables_.insert(table.path).second) {
      return scan_.Fail("table [" + TomlPathText(table.path) + "] for the second time");
    }
    // A key of the file's beginning may be a list of tables' name by mistake; both cannot be.
    if (keys_.contains(table.path)) {
      return scan_.Fail("\"" + TomlPathText(table.path) + "\" is a key and a table");
    }
    const size_t newline = document_.text.find('\n', scan_.at());
    table.body = newline == std::string::npos ? document_.text.size() : newline + 1;
    document_.tables.back().end = begin;
    // Each [[a]] begins a new element with keys of its own.
    if (table.array) keys_.clear();
    document_.tables.push_back(std::move(table));
    return {};
  }

  Result<void> KeyValue(size_t begin) {
    const TomlTable& table = document_.tables.back();
    TomlEntry entry{.path = table.path, .table = document_.tables.size() - 1, .line = begin};
    const TomlPath key = TRY(scan_.Key());
    entry.path.insert(entry.path.end(), key.begin(), key.end());
    if (!keys_.insert(entry.path).second || tables_.contains(entry.path)) {
      return scan_.Fail("\"" + TomlPathText(entry.path) + "\" for the second time");
    }
    if (!scan_.Take('=')) return scan_.Fail("expected '=' after a key");
    scan_.SkipSpaces();
    entry.value = scan_.at();
    TRY(scan_.SkipValue());
    entry.end = scan_.at();
    document_.entries.push_back(std::move(entry));
    return {};
  }

  TomlScanner scan_;
  TomlDocument document_;
  std::set<TomlPath> tables_;
  std::set<TomlPath> keys_;
};

}  // namespace

const TomlTable* TomlDocument::Table(const TomlPath& path) const {
  const auto found = std::ranges::find_if(
      tables, [&](const TomlTable& table) { return table.path == path && !table.array; });
  return found == tables.end() ? nullptr : &*found;
}

const TomlEntry* TomlDocument::Entry(const TomlPath& path) const {
  const auto found = std::ranges::find(entries, path, &TomlEntry::path);
  return found == entries.end() ? nullptr : &*found;
}

std::string_view TomlDocument::Value(const TomlPath& path) const {
  const TomlEntry* entry = Entry(path);
  if (entry == nullptr) return {};
  return std::string_view(text).substr(entry->value, entry->end - entry->value);
}

Result<TomlDocument> ReadToml(const std::string& text) {
  if (text.size() > kMaxTomlBytes) return Error{"it is larger than 1 MiB", ""};
  if (text.find('\0') != std::string::npos) return Error{"it holds a zero byte", ""};
  return Reader(text).Run();
}

std::string TomlPathText(const TomlPath& path) {
  std::string text;
  for (const std::string& key : path) {
    if (!text.empty()) text += '.';
    text += Bare(key) ? key : TomlString(key);
  }
  return text;
}

std::string TomlString(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace runward
