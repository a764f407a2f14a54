#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/event.h"

namespace runward {

// A log directory of the test's own, removed at its end.
class EventDirectory : public ::testing::Test {
 protected:
  EventDirectory()
      : base_(geteuid() == 0 ? "/run/runward-test-XXXXXX" : "/tmp/runward-test-XXXXXX") {
    if (mkdtemp(base_.data()) == nullptr) std::abort();
  }
  ~EventDirectory() override {
    std::error_code ignored;
    std::filesystem::remove_all(base_, ignored);
  }

  [[nodiscard]] std::string Log() const { return base_ + "/log"; }
  [[nodiscard]] std::string File() const { return Log() + "/events.jsonl"; }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void Write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }
  static void Add(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::app) << text;
  }
  static std::vector<std::string> Lines(const std::string& text) {
    std::vector<std::string> lines;
    size_t start = 0;
    for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
      lines.push_back(text.substr(start, end - start));
      start = end + 1;
    }
    return lines;
  }
  static Event Denied(const std::string& container = "web-1") {
    Event event;
    event.id = NewEventId();
    event.time = Now();
    event.action = EventAction::kDenied;
    event.operation = "create";
    event.rule = "verdict.missing";
    event.reason = "the image has no verdict";
    event.hint = "runwardctl verdict add FILE";
    event.profile = "web";
    event.mode = "enforce";
    event.container_id = container;
    event.image_name = "registry.example.com/web/shop:1";
    event.image_chain = "sha256:" + std::string(64, 'a');
    return event;
  }

  std::string base_;
};

}  // namespace runward
