#pragma once

#include <cstddef>
#include <string_view>

namespace runward {

// Reads along a JSON text without the C library (hooks/early_calls.h), for the few words that a
// start needs. It is no check of what it skips: the texts are the runtime's and the agent's own.
// What it does not understand, such as an escape in a word that is wanted, makes it not ok, and
// base/json.h reads the text then.
class EarlyJson {
 public:
  explicit EarlyJson(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  [[nodiscard]] bool ok() const { return ok_; }
  // Whether `c` comes next, which is taken then.
  bool Take(char c);
  std::string_view String();
  bool True();  // whether the next value, which is taken, is true
  unsigned long Number();
  // Passes over a value of any kind.
  void Skip();
  // Nothing but blanks is left.
  bool AtEnd();

  // Calls `visit` with the key of each member of the object that comes next; it takes the value.
  template <typename Visit>
  bool Members(const Visit& visit) {
    return Take('{') && Listed('}', [&] {
             const std::string_view key = String();
             if (!Take(':')) return Fail();
             visit(key);
           });
  }
  // The same with an array.
  template <typename Visit>
  bool Items(const Visit& visit) {
    return Take('[') && Listed(']', visit);
  }

 private:
  template <typename Visit>
  bool Listed(char end, const Visit& visit) {
    if (Take(end)) return ok_;
    do {
      visit();
    } while (ok_ && Take(','));
    return ok_ && Take(end);
  }
  void Fail() { ok_ = false; }
  void Blanks();
  void SkipString();
  void SkipWord();

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

// The number of the process in the state that a runtime gives a hook (OCI runtime-spec
// runtime.md, "State"); 0 where it is not plain.
int EarlyProcessOf(std::string_view state);

// Digits alone.
bool EarlyNumber(std::string_view text, unsigned long& number);

// What the agent answers who asks for a container's filesystems (oci/agent_client.h).
struct EarlyAnswer {
  static constexpr size_t kMost = 16;
  std::string_view rootfs;
  std::string_view directories[kMost];
  size_t count = 0;
};
// False for an answer that is anything else: a refusal, or more than there is room for.
bool EarlyAnswerIn(std::string_view text, EarlyAnswer& answer);

}  // namespace runward
