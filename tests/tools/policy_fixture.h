#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/paths.h"
#include "tools/command.h"

namespace runward {

// An installation of the test's own, and commands run in it with their output. Below /run: others
// may write /tmp, where no policy is taken from.
class PolicyFixture : public ::testing::Test {
 protected:
  struct Output {
    int code = 0;
    std::string out;
    std::string err;
  };

  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root has a directory whose parents are its own";
    if (mkdtemp(root_.data()) == nullptr) std::abort();
    chmod(root_.c_str(), 0755);
    paths_ = PathsFor(root_);
  }
  void TearDown() override {
    if (geteuid() != 0) return;
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  [[nodiscard]] Output Run(CommandFunction command,
                           const std::vector<std::string>& args = {}) const {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    Output output;
    output.code = command(CommandLine{paths_, args});
    output.out = ::testing::internal::GetCapturedStdout();
    output.err = ::testing::internal::GetCapturedStderr();
    return output;
  }
  [[nodiscard]] std::string Write(const std::string& name, const std::string& text) const {
    const std::string path = root_ + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
    chmod(path.c_str(), 0644);
    return path;
  }
  [[nodiscard]] static std::string Read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string root_ = "/run/runward-test-XXXXXX";
  Paths paths_;
};

}  // namespace runward
