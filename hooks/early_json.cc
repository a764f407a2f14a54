#include "hooks/early_json.h"

#include <climits>

#include "hooks/early_calls.h"

namespace runward {
namespace {

bool Blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool Digit(char c) { return c >= '0' && c <= '9'; }

// What ends a number, or true, false and null.
bool EndsWord(char c) {
  return Blank(c) || c == ',' || c == ':' || c == '{' || c == '}' || c == '[' || c == ']' ||
         c == '"';
}

// Of a number that is to fit, with one digit more.
bool Append(unsigned long& number, char digit) {
  const auto value = static_cast<unsigned long>(digit - '0');
  if (!Digit(digit) || number > (ULONG_MAX - value) / 10) return false;
  number = number * 10 + value;
  return true;
}

}  // namespace

void EarlyJson::Blanks() {
  while (at_ < end_ && Blank(*at_)) ++at_;
}

bool EarlyJson::Take(char c) {
  Blanks();
  if (!ok_ || at_ == end_ || *at_ != c) return false;
  ++at_;
  return true;
}

bool EarlyJson::AtEnd() {
  Blanks();
  return ok_ && at_ == end_;
}

std::string_view EarlyJson::String() {
  if (!Take('"')) Fail();
  const char* const begin = at_;
  while (ok_ && at_ < end_ && *at_ != '"') {
    if (*at_ == '\\' || (*at_ >= '\0' && *at_ < ' ')) Fail();
    ++at_;
  }
  if (at_ == end_) Fail();
  if (!ok_) return {};
  return {begin, static_cast<size_t>(at_++ - begin)};
}

bool EarlyJson::True() {
  Blanks();
  const char* const begin = at_;
  SkipWord();
  return ok_ && EarlySame({begin, static_cast<size_t>(at_ - begin)}, "true");
}

unsigned long EarlyJson::Number() {
  Blanks();
  const char* const begin = at_;
  SkipWord();
  unsigned long number = 0;
  if (!EarlyNumber({begin, static_cast<size_t>(at_ - begin)}, number)) Fail();
  return number;
}

void EarlyJson::SkipString() {
  ++at_;
  while (at_ < end_ && *at_ != '"') at_ += *at_ == '\\' ? 2 : 1;
  if (at_ >= end_) {
    at_ = end_;
    return Fail();
  }
  ++at_;
}

void EarlyJson::SkipWord() {
  const char* const begin = at_;
  while (at_ < end_ && !EndsWord(*at_)) ++at_;
  if (at_ == begin) Fail();
}

void EarlyJson::Skip() {
  size_t depth = 0;
  do {
    Blanks();
    if (at_ == end_) return Fail();
    if (*at_ == '{' || *at_ == '[') {
      ++depth;
      ++at_;
    } else if (depth > 0 && (*at_ == '}' || *at_ == ']')) {
      --depth;
      ++at_;
    } else if (depth > 0 && (*at_ == ',' || *at_ == ':')) {
      ++at_;
    } else if (*at_ == '"') {
      SkipString();
    } else {
      SkipWord();
    }
  } while (ok_ && depth > 0);
}

bool EarlyNumber(std::string_view text, unsigned long& number) {
  number = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!Append(number, text[i])) return false;
  }
  return text.size() > 0;
}

int EarlyProcessOf(std::string_view state) {
  EarlyJson json(state);
  unsigned long pid = 0;
  size_t found = 0;
  const bool read = json.Members([&](std::string_view key) {
    if (!EarlySame(key, "pid")) return json.Skip();
    pid = json.Number();
    ++found;
  });
  const bool one = read && json.AtEnd() && found == 1 && pid <= INT_MAX;
  return one ? static_cast<int>(pid) : 0;
}

bool EarlyAnswerIn(std::string_view text, EarlyAnswer& answer) {
  EarlyJson json(text);
  bool granted = false;
  bool fits = true;
  const auto directory = [&] {
    fits = fits && answer.count < EarlyAnswer::kMost;
    if (!fits) return json.Skip();
    answer.directories[answer.count++] = json.String();
  };
  const bool read = json.Members([&](std::string_view key) {
    if (EarlySame(key, "ok")) {
      granted = json.True();
    } else if (EarlySame(key, "rootfs")) {
      answer.rootfs = json.String();
    } else if (EarlySame(key, "directories")) {
      fits = json.Items(directory) && fits;
    } else {
      json.Skip();
    }
  });
  return read && json.AtEnd() && granted && fits && answer.count > 0;
}

}  // namespace runward
