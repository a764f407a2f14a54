#include <algorithm>

#include "policy/validate.h"
#include "scan/exception.h"

// .trivyignore: an id a line, with "exp:2026-12-31" behind it, and '#' before comments.
namespace runward {
namespace {

constexpr std::string_view kSpace = " \t\r";

std::string_view TakeWord(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kSpace));
  line.remove_prefix(word.size());
  return word;
}

bool IsId(std::string_view word) {
  return std::ranges::all_of(word, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.' || c == ':';
  });
}

Error AtLine(size_t number, const std::string& what) {
  return {"line " + std::to_string(number) + ": " + what,
          "a line is an id, such as CVE-2021-44228, and exp:2026-12-31 behind it"};
}

Result<Exception> ReadEntry(std::string_view line, size_t number) {
  const std::string_view id = TakeWord(line);
  if (!IsId(id)) return AtLine(number, "\"" + std::string(id.substr(0, 60)) + "\" is no id");
  Exception exception{.source = {}, .ids = {std::string(id)}};
  for (std::string_view word = TakeWord(line); !word.empty(); word = TakeWord(line)) {
    constexpr std::string_view kExpires = "exp:";
    if (!word.starts_with(kExpires)) {
      return AtLine(number, "\"" + std::string(word.substr(0, 60)) + "\" is not understood");
    }
    exception.expires = LastMomentOf(word.substr(kExpires.size()));
    if (!exception.expires) {
      return AtLine(number, "\"" + std::string(word.substr(0, 60)) + "\" is not a date");
    }
  }
  return exception;
}

}  // namespace

Result<std::vector<Exception>> ReadTrivyIgnore(std::string_view text) {
  std::vector<Exception> exceptions;
  std::string comment;
  for (size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const size_t hash = line.find('#');
    if (line.substr(0, hash).find_first_not_of(kSpace) == std::string_view::npos) {
      // The comment above an entry is its reason, as people write them.
      comment = hash == std::string_view::npos ? "" : std::string(line.substr(hash + 1));
      comment.erase(0, comment.find_first_not_of(kSpace));
      continue;
    }
    exceptions.push_back(TRY(ReadEntry(line.substr(0, hash), number)));
    exceptions.back().reason = comment;
  }
  return exceptions;
}

}  // namespace runward
