#include "scan/fields.h"

#include <charconv>

namespace runward {
namespace {

std::string Named(const JsonValue& value) {
  return value.key().empty() ? "the value" : "\"" + std::string(value.key()) + "\"";
}

std::string Excerpt(const JsonValue& value) {
  constexpr size_t kMost = 60;
  return std::string(value.text().substr(0, kMost));
}

// The member, absent when null.
Result<JsonValue> Member(JsonValue object, std::string_view name) {
  const JsonValue value = TRY(object.Field(name));
  if (value && value.kind() == JsonKind::kNull) return JsonValue();
  return value;
}

Result<Digest> ToDigest(const JsonValue& value) {
  const std::optional<Digest> digest = Digest::Parse(value.text());
  if (!value.IsString() || !digest) return BadField(value, "must be sha256: and 64 hex digits");
  return *digest;
}

}  // namespace

Result<void> CheckNoByteOrderMark(std::string_view text) {
  const bool utf8 = text.starts_with("\xef\xbb\xbf");
  const bool utf16 = text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
  if (!utf8 && !utf16) return {};
  return Error{std::string("it begins with a byte order mark (") + (utf8 ? "UTF-8)" : "UTF-16)"),
               "save it as UTF-8 without one; in PowerShell: Out-File -Encoding utf8NoBOM"};
}

Error BadField(const JsonValue& value, std::string_view what) {
  const std::string excerpt = Excerpt(value);
  return {value.Where() + ": " + Named(value) + " " + std::string(what) +
              (excerpt.empty() ? "" : ", not \"" + excerpt + "\""),
          ""};
}

Result<JsonValue> ObjectIn(JsonValue value) {
  if (!value.IsObject()) return BadField(value, "must be an object");
  return value;
}

Result<JsonValue> ObjectOf(JsonValue object, std::string_view name) {
  const JsonValue value = TRY(Member(object, name));
  return value ? ObjectIn(value) : value;
}

Result<JsonValue> ListOf(JsonValue object, std::string_view name) {
  const JsonValue value = TRY(Member(object, name));
  if (value && !value.IsArray()) return BadField(value, "must be a list");
  return value;
}

Result<std::string> TextOf(JsonValue object, std::string_view name) {
  const JsonValue value = TRY(Member(object, name));
  if (value && !value.IsString()) return BadField(value, "must be a text");
  return std::string(value.text());
}

Result<std::string> NeededText(JsonValue object, std::string_view name) {
  std::string text = TRY(TextOf(object, name));
  if (text.empty()) {
    return Error{object.Where() + ": the object has no \"" + std::string(name) + "\"", ""};
  }
  return text;
}

Result<std::vector<std::string>> TextsOf(JsonValue object, std::string_view name) {
  std::vector<std::string> texts;
  for (const JsonValue item : TRY(ListOf(object, name))) {
    if (!item.IsString()) return BadField(item, "must be a text");
    texts.emplace_back(item.text());
  }
  return texts;
}

Result<bool> FlagOf(JsonValue object, std::string_view name) {
  const JsonValue value = TRY(Member(object, name));
  if (value && value.kind() != JsonKind::kBool) return BadField(value, "must be true or false");
  return value.text() == "true";
}

Result<std::optional<double>> NumberOf(JsonValue object, std::string_view name, double min,
                                       double max) {
  const JsonValue value = TRY(Member(object, name));
  if (!value) return std::optional<double>();
  const std::string_view text = value.text();
  double number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = status == std::errc{} && end == text.data() + text.size();
  if (value.kind() != JsonKind::kNumber || !whole || !(number >= min && number <= max)) {
    return BadField(value, "must be a number from " + std::to_string(static_cast<int>(min)) +
                               " to " + std::to_string(static_cast<int>(max)));
  }
  return std::optional<double>(number);
}

Result<std::optional<Time>> TimeOf(JsonValue object, std::string_view name) {
  const JsonValue value = TRY(Member(object, name));
  if (!value || (value.IsString() && (value.text().empty() || value.text().starts_with("0001-")))) {
    return std::optional<Time>();
  }
  const std::optional<Time> time = ParseTime(value.text());
  if (!value.IsString() || !time) {
    return BadField(value, "must be a time with its zone (RFC 3339)");
  }
  return time;
}

Result<Severity> SeverityOf(JsonValue object, std::string_view name) {
  const JsonValue value = TRY(Member(object, name));
  if (!value) return Severity::kUnknown;
  const std::optional<Severity> severity = ParseSeverity(value.text());
  if (!value.IsString() || (!severity && !value.text().empty())) {
    return BadField(value, "must be a severity");
  }
  return severity.value_or(Severity::kUnknown);
}

Result<std::optional<Digest>> DigestOf(JsonValue object, std::string_view name) {
  const JsonValue value = TRY(Member(object, name));
  if (!value || (value.IsString() && value.text().empty())) return std::optional<Digest>();
  return std::optional<Digest>(TRY(ToDigest(value)));
}

Result<std::vector<Digest>> DigestsOf(JsonValue object, std::string_view name) {
  std::vector<Digest> digests;
  for (const JsonValue item : TRY(ListOf(object, name))) digests.push_back(TRY(ToDigest(item)));
  return digests;
}

Result<std::vector<Digest>> RepoDigestsOf(JsonValue object, std::string_view name) {
  std::vector<Digest> digests;
  for (const JsonValue item : TRY(ListOf(object, name))) {
    const std::string_view text = item.text();
    const size_t at = text.rfind('@');
    const std::optional<Digest> digest =
        at == std::string_view::npos ? std::nullopt : Digest::Parse(text.substr(at + 1));
    if (!item.IsString() || !digest)
      return BadField(item, "must be NAME@sha256: and 64 hex digits");
    digests.push_back(*digest);
  }
  return digests;
}

}  // namespace runward
