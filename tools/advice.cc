#include "tools/advice.h"

#include <algorithm>

namespace runward {
namespace {

constexpr std::string_view kPlain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-";

// A cut text would name something else.
bool Cut(const std::string& text) { return text.ends_with("[cut]"); }

}  // namespace

std::string ShellWord(const std::string& text) {
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string word = "'";
  for (char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::vector<std::string> Advice(const Event& event, const std::string& root_flag) {
  const std::string ctl = "runwardctl " + (root_flag.empty() ? "" : ShellWord(root_flag) + " ");
  std::vector<std::string> advice;
  if (!event.hint.empty()) advice.push_back(event.hint);
  const auto add = [&](const std::string& what) {
    if (std::find(advice.begin(), advice.end(), what) == advice.end()) advice.push_back(what);
  };
  if (!event.image_chain.empty()) {
    add("what is known of this image:  " + ctl + "verdict show " + ShellWord(event.image_chain));
  }
  if (!event.image_name.empty() && !Cut(event.image_name)) {
    add("which profile governs it:  " + ctl + "policy explain --image " +
        ShellWord(event.image_name));
  }
  if (!event.container_id.empty() && !Cut(event.container_id)) {
    add("what else happened to it:  " + ctl + "report events --container " +
        ShellWord(event.container_id));
  }
  if (event.action == EventAction::kWouldDeny) {
    add("what else enforce would break:  " + ctl + "report summary --decision would-deny");
  }
  return advice;
}

}  // namespace runward
