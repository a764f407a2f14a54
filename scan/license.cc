#include "scan/license.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>

#include "scan/purl.h"

namespace runward {
namespace {

constexpr size_t kMaxDepth = 32;

using Accepts = std::function<bool(std::string_view)>;

std::vector<std::string_view> Tokens(std::string_view text) {
  std::vector<std::string_view> tokens;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const bool bracket = text[at] == '(' || text[at] == ')';
    const size_t end = bracket ? at + 1 : std::min(text.find_first_of(" ()", at), text.size());
    tokens.push_back(text.substr(at, end - at));
    at = end;
  }
  return tokens;
}

bool IsOperator(std::string_view token) {
  return token == "AND" || token == "OR" || token == "WITH" || token == "(" || token == ")";
}

// An SPDX id: letters, digits, '-' and '.', perhaps "DocumentRef-x:" before and '+' behind it.
bool IsId(std::string_view token) {
  return !IsOperator(token) && std::ranges::all_of(token, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '+' ||
           c == ':';
  });
}

// Recursive descent; WITH binds closest, then AND, then OR. nullopt: no expression.
class Expression {
 public:
  Expression(std::string_view text, const Accepts& accepts)
      : tokens_(Tokens(text)), accepts_(accepts) {}

  std::optional<bool> Evaluate() {
    const std::optional<bool> met = Either(kMaxDepth);
    return at_ == tokens_.size() ? met : std::nullopt;
  }

 private:
  bool Take(std::string_view token) {
    if (at_ == tokens_.size() || tokens_[at_] != token) return false;
    ++at_;
    return true;
  }

  std::optional<bool> Either(size_t depth) {
    std::optional<bool> met = All(depth);
    while (met && Take("OR")) {
      const std::optional<bool> other = All(depth);
      met = other ? std::optional(*met || *other) : std::nullopt;
    }
    return met;
  }

  std::optional<bool> All(size_t depth) {
    std::optional<bool> met = One(depth);
    while (met && Take("AND")) {
      const std::optional<bool> other = One(depth);
      met = other ? std::optional(*met && *other) : std::nullopt;
    }
    return met;
  }

  std::optional<bool> One(size_t depth) {
    if (Take("(")) {
      const std::optional<bool> met = depth == 0 ? std::nullopt : Either(depth - 1);
      return met && Take(")") ? met : std::nullopt;
    }
    if (at_ == tokens_.size() || !IsId(tokens_[at_])) return std::nullopt;
    std::string license(tokens_[at_++]);
    if (Take("WITH")) {
      if (at_ == tokens_.size() || !IsId(tokens_[at_])) return std::nullopt;
      license += " WITH " + std::string(tokens_[at_++]);
    }
    return accepts_(license);
  }

  const std::vector<std::string_view> tokens_;
  const Accepts& accepts_;
  size_t at_ = 0;
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

// Where free text may go on to another licence: a separator's start and length. "or later" and the
// like are of the name before.
std::optional<std::pair<size_t, size_t>> NextSeparator(const std::string& lower, size_t from) {
  constexpr std::array<std::string_view, 3> kWords = {" or ", " and ", " with "};
  constexpr std::array<std::string_view, 3> kOfName = {"later", "newer", "any later"};
  for (size_t at = from; at < lower.size(); ++at) {
    const std::string_view rest = std::string_view(lower).substr(at);
    if (std::string_view(",;/|()&").find(rest[0]) != std::string_view::npos) {
      return std::pair(at, size_t{1});
    }
    for (const std::string_view word : kWords) {
      if (!rest.starts_with(word)) continue;
      const std::string_view next = rest.substr(word.size());
      const bool name =
          std::ranges::any_of(kOfName, [&](std::string_view one) { return next.starts_with(one); });
      if (!name) return std::pair(at, word.size() - 1);
    }
  }
  return std::nullopt;
}

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// Each licence that free text may name; nullopt: it names none.
std::optional<bool> EachPermitted(std::string_view text, const Accepts& accepts) {
  const std::string padded = " " + std::string(text) + " ";
  const std::string lower = Lower(padded);
  std::optional<bool> permitted;
  for (size_t at = 0; at < padded.size();) {
    const auto separator = NextSeparator(lower, at).value_or(std::pair(padded.size(), size_t{1}));
    const std::string_view part =
        Trimmed(std::string_view(padded).substr(at, separator.first - at));
    if (!part.empty()) permitted = accepts(part);
    if (permitted == false) break;
    at = separator.first + separator.second;
  }
  return permitted;
}

// Of letters, digits and what an SPDX id has besides, without a point at the end of a sentence.
std::vector<std::string_view> Words(std::string_view text) {
  const auto within = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '+';
  };
  std::vector<std::string_view> words;
  for (const char* at = text.begin(); at != text.end();) {
    const char* const start = std::find_if(at, text.end(), within);
    at = std::find_if_not(start, text.end(), within);
    std::string_view word(start, static_cast<size_t>(at - start));
    while (word.ends_with('.')) word.remove_suffix(1);
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

// The names under which a licence without its WITH is known.
std::vector<std::string> NamesOf(std::string_view license) {
  constexpr std::string_view kOnly = "-only";
  constexpr std::string_view kLater = "-or-later";
  std::vector<std::string> names = {std::string(license)};
  const std::string lower = Lower(license);
  std::string base(license);
  bool later = true;
  if (lower.ends_with('+')) {
    base.pop_back();
  } else if (lower.ends_with(kLater)) {
    base.resize(base.size() - kLater.size());
  } else {
    later = false;
    if (lower.ends_with(kOnly)) base.resize(base.size() - kOnly.size());
  }
  names.push_back(base);
  // What is offered under a version or later is offered under that version too.
  const bool gnu = lower.starts_with("gpl-") || lower.starts_with("lgpl-") ||
                   lower.starts_with("agpl-") || lower.starts_with("gfdl-");
  if (gnu) names.push_back(base + std::string(kOnly));
  if (later) names.push_back(base + "+");
  if (later && gnu) names.push_back(base + std::string(kLater));
  return names;
}

bool FitsAny(const std::vector<std::string>& patterns, std::string_view license) {
  return std::ranges::any_of(patterns,
                             [&](const std::string& one) { return LicenseFits(one, license); });
}

// Whether one of the patterns is the whole text, as it is written.
bool Names(const std::vector<std::string>& patterns, std::string_view text) {
  return std::ranges::any_of(patterns, [&](const std::string& one) {
    return one.find('*') == std::string::npos && FitsFolded(one, text);
  });
}

}  // namespace

bool LicenseFits(std::string_view pattern, std::string_view license) {
  if (FitsFolded(pattern, license)) return true;
  const std::vector<std::string> names = NamesOf(license.substr(0, license.find(" WITH ")));
  return std::ranges::any_of(names,
                             [&](const std::string& name) { return FitsFolded(pattern, name); });
}

LicenseAnswer JudgeLicense(std::string_view given, const std::vector<std::string>& deny,
                           const std::optional<std::vector<std::string>>& allow) {
  std::string text(given);
  std::ranges::replace_if(
      text, [](unsigned char c) { return std::isspace(c) != 0; }, ' ');
  // Whatever else stands around it, a denied licence that is named as a word is denied.
  const Accepts undenied = [&](std::string_view license) {
    return !FitsAny(deny, license) &&
           std::ranges::none_of(Words(license),
                                [&](std::string_view word) { return FitsAny(deny, word); });
  };
  const std::optional<bool> expression = Expression(text, undenied).Evaluate();
  const bool clean =
      expression ? *expression : undenied(text) && EachPermitted(text, undenied).value_or(true);
  if (!clean || Names(deny, text)) return LicenseAnswer::kDenied;
  if (!allow || Names(*allow, text)) return LicenseAnswer::kPermitted;
  // Of a choice that nothing denies.
  const Accepts allowed = [&](std::string_view license) {
    return undenied(license) && FitsAny(*allow, license);
  };
  const bool met = Expression(text, allowed)
                       .Evaluate()
                       .value_or(!expression && EachPermitted(text, allowed).value_or(false));
  return met ? LicenseAnswer::kPermitted : LicenseAnswer::kNotAllowed;
}

}  // namespace runward
