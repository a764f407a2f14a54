#include "tools/report_table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/event_format.h"
#include "base/event_text.h"
#include "tools/report.h"

namespace runward {
namespace {

constexpr size_t kDecision = 10;
constexpr size_t kOperation = 10;
constexpr size_t kContainer = 12;
constexpr size_t kRule = 20;
constexpr size_t kId = 13;
constexpr size_t kTime = 19;
constexpr size_t kGaps = 6;
constexpr size_t kFixed = kTime + kDecision + kOperation + kContainer + kRule + kId + kGaps;
constexpr size_t kLeastImage = 12;

// What an image is called, or else what it is.
std::string ImageOf(const Event& event) {
  if (!event.image_name.empty()) return event.image_name;
  if (!event.image_chain.empty()) return event.image_chain;
  return "-";
}

// Docker's ids are 64 digits, of which people see twelve.
std::string ContainerOf(const Event& event) {
  return event.container_id.size() == 64 ? event.container_id.substr(0, kContainer)
                                         : event.container_id;
}

}  // namespace

EventTable::EventTable(size_t width)
    : image_width_(width == 0 ? 0 : std::max(kLeastImage, width - std::min(width, kFixed))) {}

// Where nothing is cut, a longer field pushes the rest of its line to the right.
std::string EventTable::Line(const std::string& time, const std::string& decision,
                             const std::string& operation, const std::string& container,
                             const std::string& rule, const std::string& id,
                             const std::string& image) const {
  const auto fit = [&](const std::string& text, size_t columns) {
    const std::string safe = Printable(text);
    return Fit(safe, image_width_ == 0 ? std::max(columns, Columns(safe)) : columns) + " ";
  };
  const std::string safe_image = Printable(image);
  const bool cut = image_width_ > 0 && Columns(safe_image) > image_width_;
  return fit(time, kTime) + fit(decision, kDecision) + fit(operation, kOperation) +
         fit(container, kContainer) + fit(rule, kRule) + fit(id, kId) +
         (cut ? Fit(safe_image, image_width_) : safe_image);
}

std::string EventTable::Header() const {
  return Line("TIME (UTC)", "DECISION", "OPERATION", "CONTAINER", "RULE", "EVENT", "IMAGE");
}

std::string EventTable::Row(const LoggedEvent& logged) const {
  const Event& event = logged.event;
  return Line(ShortTime(event.time), std::string(EventActionName(event.action)), event.operation,
              ContainerOf(event), event.rule, event.id, ImageOf(event));
}

size_t TerminalWidth() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 0) return 0;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 120;
  return size.ws_col;
}

}  // namespace runward
