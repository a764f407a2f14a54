#include "tools/xml.h"

#include "base/event_text.h"

namespace runward {

std::string Xml(std::string_view text) {
  std::string escaped;
  char last = 0;
  for (const char c : Printable(text)) {
    // A build system's log takes "##" and "::" for commands (tools/log_text.h).
    const bool twice = c == last && (c == '#' || c == ':');
    last = c;
    if (twice) {
      escaped += c == '#' ? "&#35;" : "&#58;";
      continue;
    }
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace runward
