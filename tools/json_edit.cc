#include "tools/json_edit.h"

#include <algorithm>

#include "base/event_text.h"

namespace runward {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 20;
constexpr std::string_view kBlank = " \t\r\n";

size_t OffsetOf(const JsonDocument& document, std::string_view part) {
  return static_cast<size_t>(part.data() - document.text().data());
}

size_t BeginOf(const JsonDocument& document, JsonValue value) {
  return OffsetOf(document, value.raw());
}

size_t EndOf(const JsonDocument& document, JsonValue value) {
  return BeginOf(document, value) + value.raw().size();
}

// Where a comment that begins at `at` ends.
size_t AfterComment(std::string_view text, size_t at) {
  const bool line = text[at + 1] == '/';
  const size_t end = line ? text.find('\n', at) : text.find("*/", at + 2) + 2;
  return std::min(end, text.size());
}

// The first byte from `at` that is neither blank nor in a comment.
size_t SkipBlank(std::string_view text, size_t at) {
  while (at < text.size()) {
    if (kBlank.find(text[at]) != std::string_view::npos) {
      ++at;
    } else if (text[at] == '/') {
      at = AfterComment(text, at);
    } else {
      break;
    }
  }
  return at;
}

// The blanks at the beginning of the line that holds `at`; none when others stand before it there.
std::string IndentAt(std::string_view text, size_t at) {
  const size_t newline = text.rfind('\n', at == 0 ? 0 : at - 1);
  const size_t line = newline == std::string_view::npos || at == 0 ? 0 : newline + 1;
  const std::string_view before = text.substr(line, at - line);
  return std::string(before.substr(0, std::min(before.find_first_not_of(" \t"), before.size())));
}

JsonValue LastMember(JsonValue object) {
  JsonValue last;
  for (const JsonValue member : object) last = member;
  return last;
}

// The opening quote of the member's key: the last string that ends before its value.
size_t KeyOf(const JsonDocument& document, JsonValue parent, JsonValue member) {
  size_t at = BeginOf(document, parent) + 1;
  for (const JsonValue before : parent) {
    at = SkipBlank(document.text(), at);
    if (document.text()[at] == ',') at = SkipBlank(document.text(), at + 1);
    if (BeginOf(document, before) == BeginOf(document, member)) break;
    at = EndOf(document, before);
  }
  return at;
}

// The comma between the object's last member and the one before it.
size_t CommaBefore(const JsonDocument& document, JsonValue parent, JsonValue last) {
  size_t end = 0;
  for (const JsonValue member : parent) {
    if (BeginOf(document, member) != BeginOf(document, last)) end = EndOf(document, member);
  }
  return SkipBlank(document.text(), end);
}

// `value`'s lines after the first, moved in to where the member stands.
std::string Indented(const std::string& value, const std::string& indent) {
  std::string out;
  for (const char c : value) {
    out += c;
    if (c == '\n') out += indent;
  }
  return out;
}

std::string Quoted(std::string_view name) {
  return "\"" + EscapeJson(name, name.size() * 6) + "\"";
}

std::string OneLine(const std::string& value) {
  std::string out;
  for (size_t at = 0; at < value.size(); ++at) {
    if (value[at] != '\n') {
      out += value[at];
      continue;
    }
    at = std::min(value.find_first_not_of(kBlank, at), value.size()) - 1;
    if (out.ends_with(',')) out += ' ';
  }
  return out;
}

// Adds `name`: `value` as the object's last member, written as its other members are.
std::string Append(const JsonDocument& document, JsonValue object, std::string_view name,
                   const std::string& value) {
  std::string text(document.text());
  const size_t begin = BeginOf(document, object);
  const size_t close = EndOf(document, object) - 1;
  const JsonValue last = LastMember(object);
  const size_t after = last ? EndOf(document, last) : begin + 1;
  const std::string outer = IndentAt(text, begin);
  const bool spread = !last || text.find('\n', begin) < close;
  const std::string inner = last ? IndentAt(text, KeyOf(document, object, last)) : outer + "  ";
  const std::string member =
      Quoted(name) + ": " + (spread ? Indented(value, inner) : OneLine(value));
  // Behind the last comment, and what is blank before the bracket stays behind the new member.
  size_t end = close;
  while (end > after && kBlank.find(text[end - 1]) != std::string_view::npos) --end;
  const bool comma = last && SkipBlank(text, after) == close;
  const bool bracket_follows = text.find('\n', end) >= close;
  if (spread) {
    text.insert(end, "\n" + inner + member + (bracket_follows ? "\n" + outer : ""));
  } else {
    text.insert(end, " " + member);
  }
  if (comma) text.insert(after, ",");
  return text;
}

// What stands for `path` below an object that lacks its first name.
std::string Nested(JsonPath path, const std::string& value) {
  if (path.empty()) return value;
  return "{\n  " + Quoted(path.front()) + ": " + Indented(Nested(path.subspan(1), value), "  ") +
         "\n}";
}

}  // namespace

Result<JsonDocument> ReadJsonFile(const std::string& text) {
  const bool empty = text.find_first_not_of(kBlank) == std::string::npos;
  JsonDocument document = TRY(JsonDocument::Parse(
      empty ? "{}\n" : text, {.max_bytes = kMaxBytes, .max_depth = 32, .comments = true}));
  if (!document.root().IsObject()) return Error{"it is not a JSON object", ""};
  return document;
}

Result<JsonValue> FindJsonMember(const JsonDocument& document, JsonPath path) {
  JsonValue at = document.root();
  for (const std::string_view name : path) {
    if (!at.IsObject()) {
      return Error{at.Where() + ": \"" + std::string(at.key()) + "\" is not an object", ""};
    }
    at = TRY(at.Field(name));
    if (!at) break;
  }
  return at;
}

Result<std::string> SetJsonMember(const std::string& text, JsonPath path,
                                  const std::string& value) {
  const JsonDocument document = TRY(ReadJsonFile(text));
  JsonValue at = document.root();
  for (size_t depth = 0; depth < path.size(); ++depth) {
    const JsonValue next = TRY(FindJsonMember(document, path.first(depth + 1)));
    if (!next) {
      return Append(document, at, path[depth], Nested(path.subspan(depth + 1), value));
    }
    at = next;
  }
  std::string changed(document.text());
  const size_t begin = BeginOf(document, at);
  const std::string indent = IndentAt(changed, begin);
  return changed.replace(begin, at.raw().size(), Indented(value, indent));
}

Result<std::string> RemoveJsonMember(const std::string& text, JsonPath path) {
  const JsonDocument document = TRY(ReadJsonFile(text));
  const JsonValue member = TRY(FindJsonMember(document, path));
  if (!member) return text;
  const JsonValue parent = TRY(FindJsonMember(document, path.first(path.size() - 1)));
  std::string changed(document.text());
  size_t begin = KeyOf(document, parent, member);
  size_t end = EndOf(document, member);
  const size_t next = SkipBlank(changed, end);
  if (changed[next] == ',') {
    // The one that follows takes its place.
    end = std::min(changed.find_first_not_of(kBlank, next + 1), changed.size());
    if (changed[end] == '}') end = next + 1;
  } else if (parent.size() > 1) {
    // The last one: the comma before it goes too; a comment between the two stays.
    while (kBlank.find(changed[begin - 1]) != std::string_view::npos) --begin;
    const size_t comma = CommaBefore(document, parent, member);
    changed.erase(begin, end - begin);
    return changed.erase(comma, 1);
  } else {
    begin = BeginOf(document, parent) + 1;
    end = changed.find_first_not_of(kBlank, end);
  }
  return changed.erase(begin, end - begin);
}

}  // namespace runward
