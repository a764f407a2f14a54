#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/event_log.h"
#include "tests/base/event_directory.h"
#include "tools/command.h"
#include "tools/report.h"

namespace runward {

// An installation of the test's own, and commands run in it with their output.
class ReportFixture : public EventDirectory {
 protected:
  struct Output {
    int code = 0;
    std::string out;
    std::string err;
  };

  [[nodiscard]] Output Run(CommandFunction command,
                           const std::vector<std::string>& args = {}) const {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    Output output;
    output.code = command(CommandLine{PathsFor(base_), args});
    output.out = ::testing::internal::GetCapturedStdout();
    output.err = ::testing::internal::GetCapturedStderr();
    return output;
  }
  // Returns the event's id.
  std::string Append(const Event& event) const {
    const Result<void> done = AppendEvent(Log(), event, options_);
    EXPECT_TRUE(done.ok()) << done.error().message;
    return event.id;
  }
  static Event Made(EventAction action, const std::string& image, const std::string& rule) {
    Event event = Denied();
    event.action = action;
    event.image_name = image;
    event.rule = rule;
    return event;
  }
  void Replace(const std::string& path, const std::string& from, const std::string& to) const {
    std::string text = Read(path);
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    Write(path, text.replace(at, from.size(), to));
  }

  EventLogOptions options_;
};

}  // namespace runward
