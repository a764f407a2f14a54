#include "base/event_token.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/event_redact.h"

namespace runward {
namespace {

constexpr size_t kHexRun = 32;      // 128 bits
constexpr size_t kMixedRun = 24;    // upper, lower case and digits
constexpr size_t kSlashedRun = 40;  // the same with '/' and '+', as AWS secret keys
constexpr double kRandomBits = 3.5;
constexpr double kSlashedBits = 4.2;

// Prefixes that makers of tokens chose so that scanners find them; sorted.
constexpr std::array<std::string_view, 20> kPrefixes = {
    "AIza",  "AKIA", "ASIA",     "dckr_pat_",   "eyJ",    "ghp_", "gho_",
    "ghr_",  "ghs_", "ghu_",     "github_pat_", "glpat-", "hvs.", "npm_",
    "pypi-", "sk-",  "sk_live_", "xoxa-",       "xoxb-",  "xoxp-"};
constexpr size_t kPrefixedLength = 20;  // shorter ones are words

bool Digit(char c) { return c >= '0' && c <= '9'; }
bool Lower(char c) { return c >= 'a' && c <= 'z'; }
bool Upper(char c) { return c >= 'A' && c <= 'Z'; }
bool RunChar(char c) { return Digit(c) || Lower(c) || Upper(c) || c == '_' || c == '-'; }
bool SlashedChar(char c) { return RunChar(c) || c == '/' || c == '+' || c == '.' || c == '='; }

double BitsPerChar(std::string_view text) {
  std::array<int, 256> counts{};
  for (unsigned char c : text) ++counts[c];
  double bits = 0;
  for (int count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

bool Mixed(std::string_view text) {
  const bool upper = std::any_of(text.begin(), text.end(), Upper);
  const bool lower = std::any_of(text.begin(), text.end(), Lower);
  return upper && lower && std::count_if(text.begin(), text.end(), Digit) >= 2;
}

bool Hex(std::string_view text) {
  const bool hex = std::all_of(text.begin(), text.end(), [](char c) {
    return Digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
  return hex && std::any_of(text.begin(), text.end(), Digit);
}

bool KnownToken(std::string_view text) {
  if (text.size() < kPrefixedLength) return false;
  return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); });
}

bool RandomRun(std::string_view text) {
  if (KnownToken(text)) return true;
  if (text.size() >= kHexRun && Hex(text)) return true;
  return text.size() >= kMixedRun && Mixed(text) && BitsPerChar(text) > kRandomBits;
}

bool RandomSlashed(std::string_view text) {
  if (text.starts_with("eyJ") && text.size() >= kPrefixedLength) return true;  // a JWT's dots
  const bool path = text.starts_with('/') || text.starts_with('.');
  return !path && text.size() >= kSlashedRun && Mixed(text) && BitsPerChar(text) > kSlashedBits &&
         text.find('.') == std::string_view::npos;
}

// Replaces the runs of `in_run` characters that `random` picks.
template <typename InRun, typename Random>
std::string ReplaceRuns(std::string_view word, InRun in_run, Random random) {
  std::string out;
  for (size_t i = 0; i < word.size();) {
    size_t end = i;
    while (end < word.size() && in_run(word[end])) ++end;
    if (end == i) {
      out += word[i++];
      continue;
    }
    const std::string_view run = word.substr(i, end - i);
    const std::string_view before = word.substr(0, i);
    const bool digest = before.ends_with("sha256:") || before.ends_with("sha512:");
    out += !digest && random(run) ? kRedacted : run;
    i = end;
  }
  return out;
}

// "scheme://user:password@host" without the password; a long name alone is a token.
std::string RedactUserInfo(std::string_view word) {
  std::string out;
  while (true) {
    const size_t scheme = word.find("://");
    if (scheme == std::string_view::npos) return out + std::string(word);
    const size_t start = scheme + 3;
    const std::string_view authority = word.substr(start, word.find_first_of("/?#", start) - start);
    const size_t at = authority.rfind('@');
    out += word.substr(0, start);
    word.remove_prefix(start);
    if (at == std::string_view::npos) continue;
    const size_t colon = authority.find(':');
    if (colon < at) {
      out += std::string(authority.substr(0, colon + 1)) + std::string(kRedacted);
    } else {
      out += at > 16 ? kRedacted : authority.substr(0, at);
    }
    word.remove_prefix(at);
  }
}

}  // namespace

bool EqualFold(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return Upper(c) ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::string RedactTokens(std::string_view word) {
  const std::string url = RedactUserInfo(word);
  const std::string slashed = ReplaceRuns(url, SlashedChar, RandomSlashed);
  return ReplaceRuns(slashed, RunChar, RandomRun);
}

}  // namespace runward
