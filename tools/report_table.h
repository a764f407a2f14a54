#pragma once

#include <string>

#include "base/event_parse.h"

namespace runward {

// One line an event, in columns. `width` is the terminal's; 0 cuts nothing (a file or a pipe).
class EventTable {
 public:
  explicit EventTable(size_t width);
  [[nodiscard]] std::string Header() const;
  [[nodiscard]] std::string Row(const LoggedEvent& logged) const;

 private:
  [[nodiscard]] std::string Line(const std::string& time, const std::string& decision,
                                 const std::string& operation, const std::string& container,
                                 const std::string& rule, const std::string& id,
                                 const std::string& image) const;
  size_t image_width_ = 0;
};

// The terminal's width behind stdout, or 0 when there is none.
size_t TerminalWidth();

}  // namespace runward
