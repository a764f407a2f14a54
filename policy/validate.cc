#include "policy/validate.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "base/clock.h"
#include "policy/names.h"
#include "policy/nearest.h"
#include "policy/wording.h"
#include "policy/words.h"

namespace runward {
namespace {

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, IsNameCharacter);
}

bool IsText(std::string_view text) {
  constexpr size_t kLongest = 1024;
  bool control = false;
  for (char c : text) control |= static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  return !text.empty() && text.size() <= kLongest && !control;
}

bool IsPath(std::string_view text) {
  if (!IsText(text) || text.front() != '/' || text.size() < 2) return false;
  while (!text.empty()) {
    text.remove_prefix(1);  // the slash
    const std::string_view part = text.substr(0, text.find('/'));
    if (part.empty() || part == "." || part == "..") return false;
    text.remove_prefix(part.size());
  }
  return true;
}

bool IsInteger(const JsonValue& value, const KeySpec& spec) {
  const auto number = value.Int();
  return number.ok() && number.value() >= spec.min && number.value() <= spec.max;
}

bool IsShare(const JsonValue& value) {
  const std::string_view text = value.text();
  double share = -1;
  if (value.kind() != JsonKind::kNumber) return false;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), share);
  return status == std::errc{} && end == text.data() + text.size() && share >= 0 && share <= 1;
}

bool Fits(const JsonValue& value, const KeySpec& spec) {
  if (spec.shape == Shape::kBool) return value.kind() == JsonKind::kBool;
  if (spec.shape == Shape::kInteger) return IsInteger(value, spec);
  if (spec.shape == Shape::kShare) return IsShare(value);
  if (!value.IsString()) return false;
  const std::string_view text = value.text();
  if (IsWordShape(spec.shape)) return IsWord(spec.shape, text);
  switch (spec.shape) {
    case Shape::kChoice:
      return std::ranges::find(spec.choices, text) != spec.choices.end();
    case Shape::kDigest:
      return Digest::Parse(text).has_value();
    case Shape::kDuration:
      return ParseDuration(text).value_or(0) > 0;
    case Shape::kMoment:
      return ParseTime(text, /*date_only=*/true).has_value();
    case Shape::kName:
      return IsName(text);
    case Shape::kPath:
      return IsPath(text);
    default:
      return IsText(text);
  }
}

std::string Choices(const KeySpec& spec) {
  std::string text;
  for (std::string_view choice : spec.choices) {
    if (!text.empty()) text += " or ";
    text += "\"" + std::string(choice) + "\"";
  }
  return text;
}

std::string Wanted(const KeySpec& spec) {
  if (IsWordShape(spec.shape)) return std::string(WantedWord(spec.shape));
  switch (spec.shape) {
    case Shape::kBool:
      return "true or false";
    case Shape::kChoice:
      return Choices(spec);
    case Shape::kDigest:
      return "\"sha256:\" and 64 lower-case hex digits in quotes";
    case Shape::kDuration:
      return "a time such as \"90s\", \"15m\", \"36h\" or \"7d\"";
    case Shape::kInteger:
      return spec.min == spec.max ? std::to_string(spec.min)
                                  : "a whole number from " + std::to_string(spec.min) + " to " +
                                        std::to_string(spec.max);
    case Shape::kMoment:
      return "a date such as \"2027-01-31\" or a time such as \"2027-01-31T12:00:00Z\"";
    case Shape::kName:
      return "a name of at most 64 letters, digits, '.', '_' and '-' in quotes";
    case Shape::kObject:
      return "an object in { }";
    case Shape::kShare:
      return "a number from 0 to 1, such as 0.5";
    case Shape::kPath:
      return "an absolute path without \".\", \"..\" or a '/' at its end";
    default:
      return "a text in quotes, not empty, of at most 1024 bytes, without control characters";
  }
}

std::string InQuotes(std::string_view key) { return "\"" + std::string(key) + "\""; }

class Validator {
 public:
  Validator(const ObjectSpec& root, Problems& problems) : root_(root), problems_(problems) {}

  void Object(const JsonValue& object, const ObjectSpec& spec) {
    uint64_t seen = 0;  // bit i: spec.keys[i]
    for (const JsonValue member : object) {
      const KeySpec* key = FindKey(spec, member.key());
      if (key != nullptr) {
        Member(member, *key);
      } else {
        key = Unknown(member, spec);  // the one that was meant is not missing as well
      }
      if (key != nullptr) seen |= uint64_t{1} << (key - spec.keys.data());
    }
    for (size_t i = 0; i < spec.keys.size(); ++i) {
      if (!spec.keys[i].required || (seen >> i & 1) != 0) continue;
      problems_.At(
          object, std::string(spec.name) + " has no key " + InQuotes(spec.keys[i].name),
          "add " + InQuotes(spec.keys[i].name) + ": " +
              (spec.keys[i].count == Count::kOne ? Wanted(spec.keys[i]) : "a list in [ ]"));
    }
  }

 private:
  void Member(const JsonValue& member, const KeySpec& key) {
    if (key.count == Count::kOne) {
      Value(member, key);
      return;
    }
    if (!member.IsArray()) {
      problems_.At(member, InQuotes(key.name) + " must be a list in [ ]");
      return;
    }
    if (key.count == Count::kSome && member.size() == 0) {
      problems_.At(member, InQuotes(key.name) + " must not be an empty list",
                   "leave the key out, or list at least one");
    }
    for (const JsonValue element : member) {
      Value(element, key);
    }
  }

  void Value(const JsonValue& value, const KeySpec& key) {
    if (key.shape == Shape::kObject && value.IsObject()) {
      Object(value, *key.object);
    } else if (key.shape == Shape::kObject || !Fits(value, key)) {
      const std::string_view nearest = value.IsString() ? Nearest(value, key) : std::string_view();
      const std::string_view of = key.count == Count::kOne ? "" : "an element of ";
      problems_.At(value, std::string(of) + InQuotes(key.name) + " must be " + Wanted(key),
                   nearest.empty() ? "" : "did you mean " + InQuotes(nearest) + "?");
    }
  }

  static std::string_view Nearest(const JsonValue& value, const KeySpec& key) {
    if (IsWordShape(key.shape)) return NearestName(value.text(), KnownWords(key.shape));
    return NearestName(value.text(), key.choices);
  }

  // Returns the key that was probably meant, or null.
  const KeySpec* Unknown(const JsonValue& member, const ObjectSpec& spec) {
    const std::string message =
        "unknown key " + Quoted(member.key()) + " in the " + std::string(spec.name);
    std::vector<std::string_view> names;
    for (const KeySpec& key : spec.keys) names.push_back(key.name);
    const std::string_view nearest = NearestName(member.key(), names);
    problems_.AtKey(member, message,
                    nearest.empty() ? Elsewhere(root_, member.key(), names)
                                    : "did you mean " + InQuotes(nearest) + "?");
    return FindKey(spec, nearest);
  }

  // A key that another object knows, or else the list of those that this one does.
  static std::string Elsewhere(const ObjectSpec& object, std::string_view name,
                               const std::vector<std::string_view>& names) {
    const std::string_view home = HomeOf(object, name);
    if (!home.empty()) return InQuotes(name) + " belongs in the " + std::string(home);
    std::string hint = "known keys are";
    for (std::string_view known : names) hint += " " + InQuotes(known);
    return hint;
  }

  static std::string_view HomeOf(const ObjectSpec& object, std::string_view name) {
    if (FindKey(object, name) != nullptr) return object.name;
    for (const KeySpec& key : object.keys) {
      if (key.object == nullptr) continue;
      const std::string_view home = HomeOf(*key.object, name);
      if (!home.empty()) return home;
    }
    return "";
  }

  const ObjectSpec& root_;
  Problems& problems_;
};

}  // namespace

PolicyProblem SyntaxProblem(const Error& error) {
  PolicyProblem problem{{}, error.message, error.hint};
  std::string_view rest = error.message;
  const auto take = [&rest](std::string_view word, size_t& number) {
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    const auto [end, status] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    return status == std::errc{};
  };
  JsonPosition at;
  if (take("line ", at.line) && take(", column ", at.column) && rest.starts_with(": ")) {
    problem.position = at;
    problem.message = rest.substr(2);
  }
  return problem;
}

void Problems::At(const JsonValue& value, std::string message, std::string hint) {
  if (problems_.size() >= kMaxProblems) return;
  AtPosition(value.position(), std::move(message), std::move(hint));
}

void Problems::AtKey(const JsonValue& member, std::string message, std::string hint) {
  if (problems_.size() >= kMaxProblems) return;
  const std::string_view key = member.key();
  // A key with escapes was decoded elsewhere and has no place in the text.
  const bool inside = std::less_equal<>()(text_.data(), key.data()) &&
                      std::less<>()(key.data(), text_.data() + text_.size());
  const JsonPosition position =
      inside ? JsonPositionOf(text_, static_cast<size_t>(key.data() - text_.data()) - 1)
             : member.position();
  AtPosition(position, std::move(message), std::move(hint));
}

void Problems::AtPosition(JsonPosition position, std::string message, std::string hint) {
  if (problems_.size() >= kMaxProblems) return;
  problems_.push_back({position, std::move(message), std::move(hint)});
}

std::vector<PolicyProblem> Problems::Take() {
  std::ranges::stable_sort(problems_, [](const PolicyProblem& a, const PolicyProblem& b) {
    return std::pair(a.position.line, a.position.column) <
           std::pair(b.position.line, b.position.column);
  });
  return std::move(problems_);
}

std::optional<Time> LastMomentOf(std::string_view text) {
  constexpr int64_t kDay = int64_t{86400} * 1'000'000'000;
  constexpr size_t kDateSize = 10;  // 2026-11-22
  auto time = ParseTime(text, true);
  if (time && text.size() == kDateSize) time->ns += kDay - 1;
  return time;
}

void Validate(const JsonDocument& document, const ObjectSpec& schema, Problems& problems) {
  if (!document.root().IsObject()) {
    problems.At(document.root(), "a policy must be an object in { }");
    return;
  }
  Validator(schema, problems).Object(document.root(), schema);
}

}  // namespace runward
