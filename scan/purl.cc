#include "scan/purl.h"

#include <algorithm>
#include <array>

#include "base/glob.h"

namespace runward {
namespace {

char LowerOf(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = LowerOf(c);
  return lower;
}

int HexOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string Decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && HexOf(text[i + 1]) >= 0 && HexOf(text[i + 2]) >= 0;
    if (escape) {
      decoded += static_cast<char>(HexOf(text[i + 1]) * 16 + HexOf(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

// Takes what follows the last `mark` off `text`; "" when there is none.
std::string_view TakeAfter(std::string_view& text, char mark) {
  const size_t at = text.rfind(mark);
  if (at == std::string_view::npos) return "";
  const std::string_view after = text.substr(at + 1);
  text = text.substr(0, at);
  return after;
}

constexpr std::string_view kScheme = "pkg:";

// The types whose namespaces and names are in lower case.
constexpr std::array<std::string_view, 8> kLowerCase = {"alpm", "apk",    "bitbucket", "composer",
                                                        "deb",  "github", "oci",       "pypi"};

// Where a path's version begins, with its '@'. A namespace may hold one (npm's scopes), which then
// comes before the last '/'.
size_t VersionAt(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path.size()
                                         : std::min(path.find('@', slash), path.size());
}

// As purl-spec compares them: the scheme and the type in lower case, no "//" behind the scheme and
// no empty segments in the path; some types' names in lower case, and PyPI takes "_" for "-". Only
// of what IsPurl.
std::string Normal(std::string_view text) {
  const size_t path = std::min(text.find_first_of("?#"), text.size());
  std::string normal(kScheme);
  for (const char c : text.substr(kScheme.size(), path - kScheme.size())) {
    const bool empty = c == '/' && (normal.ends_with('/') || normal.size() == kScheme.size());
    if (!empty) normal += c;
  }
  if (normal.ends_with('/')) normal.pop_back();
  const size_t slash = std::min(normal.find('/'), normal.size());
  const std::string type =
      Lower(std::string_view(normal).substr(kScheme.size(), slash - kScheme.size()));
  std::string last = normal.substr(VersionAt(normal));
  std::string name = normal.substr(slash, normal.size() - slash - last.size());
  if (std::ranges::find(kLowerCase, type) != kLowerCase.end()) name = Lower(name);
  if (type == "pypi") std::ranges::replace(name, '_', '-');
  return std::string(kScheme).append(type).append(name).append(last).append(text.substr(path));
}

std::string_view PathOf(std::string_view normal) {
  return normal.substr(0, normal.find_first_of("?#"));
}

// Of two package URLs, or parts of them. A '*' that is encoded in the pattern stands for itself.
bool FitsEncoded(std::string_view pattern, std::string_view text) {
  if (FitsFolded(pattern, text) || FitsFolded(pattern, Decode(text))) return true;
  const std::string decoded = Decode(pattern);
  return std::ranges::count(decoded, '*') == std::ranges::count(pattern, '*') &&
         FitsFolded(decoded, Decode(text));
}

// Each qualifier that the pattern has, in whatever order.
bool FitsQualifiers(std::string_view pattern, std::string_view text) {
  const std::optional<Purl> wanted = Purl::Parse(pattern);
  const std::optional<Purl> found = Purl::Parse(text);
  return pattern.find('#') == std::string_view::npos && wanted && found &&
         std::ranges::all_of(wanted->qualifiers, [&](const auto& one) {
           return FitsFolded(one.second, found->Qualifier(one.first));
         });
}

}  // namespace

bool IsPurl(std::string_view text) { return FitsFolded(kScheme, text.substr(0, kScheme.size())); }

std::optional<Purl> Purl::Parse(std::string_view given) {
  if (!IsPurl(given)) return std::nullopt;
  const std::string normal = Normal(given);
  std::string_view text = std::string_view(normal).substr(kScheme.size());
  TakeAfter(text, '#');
  std::string_view qualifiers = TakeAfter(text, '?');
  Purl purl;
  const size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::string_view last = text.substr(slash + 1);
  purl.version = Decode(TakeAfter(last, '@'));
  purl.name = Decode(last);
  text = text.substr(0, slash);
  const size_t first = text.find('/');
  purl.type = text.substr(0, first);
  if (first != std::string_view::npos) purl.name_space = Decode(text.substr(first + 1));
  while (!qualifiers.empty()) {
    const std::string_view one = qualifiers.substr(0, qualifiers.find('&'));
    qualifiers.remove_prefix(std::min(one.size() + 1, qualifiers.size()));
    const size_t equals = one.find('=');
    if (equals == std::string_view::npos) continue;
    purl.qualifiers.emplace_back(Lower(one.substr(0, equals)), Decode(one.substr(equals + 1)));
  }
  if (purl.type.empty() || purl.name.empty()) return std::nullopt;
  return purl;
}

std::string_view Purl::Qualifier(std::string_view key) const {
  const auto found =
      std::ranges::find(qualifiers, key, &std::pair<std::string, std::string>::first);
  return found == qualifiers.end() ? std::string_view() : found->second;
}

bool Covers(const Purl& stated, const Purl& found) {
  if (stated.type != found.type || stated.name_space != found.name_space ||
      stated.name != found.name) {
    return false;
  }
  if (!stated.version.empty() && stated.version != found.version) return false;
  return std::ranges::all_of(stated.qualifiers, [&](const auto& qualifier) {
    return found.Qualifier(qualifier.first) == qualifier.second;
  });
}

bool FitsFolded(std::string_view pattern, std::string_view name) {
  // Most patterns are ids: two of one length at most, and seldom alike.
  if (pattern.find('*') == std::string_view::npos) {
    return pattern.size() == name.size() && std::ranges::equal(pattern, name, {}, LowerOf, LowerOf);
  }
  return GlobMatch(Lower(pattern), Lower(name));
}

bool FitsAnyFolded(const std::vector<std::string>& patterns, std::string_view name) {
  return std::ranges::any_of(patterns,
                             [&](const std::string& one) { return FitsFolded(one, name); });
}

bool FitsPackage(std::string_view pattern, std::string_view name, std::string_view purl) {
  if (!IsPurl(pattern)) return FitsFolded(pattern, name);
  if (!IsPurl(purl)) return false;
  const std::string wanted = Normal(pattern);
  const std::string found = Normal(purl);
  if (FitsEncoded(wanted, found)) return true;
  const std::string_view plain = PathOf(found);
  const std::string_view path = PathOf(wanted);
  const bool fits =
      FitsEncoded(path, plain) || FitsEncoded(path, plain.substr(0, VersionAt(plain)));
  return fits && (path.size() == wanted.size() || FitsQualifiers(wanted, found));
}

}  // namespace runward
