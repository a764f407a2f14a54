#include "shim/refusal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class TellTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "runward-tell-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    log_ = name + "/log.json";
    directory_ = name;
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::string Tell(const std::string& format, const std::string& log) {
    Invocation call;
    std::vector<std::string> words{"--log=" + log, "--log-format=" + format, "state", "c1"};
    EXPECT_TRUE(ParseArgv(words, Grammar::kRunc, call).ok());
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(::runward::Tell(call, {.message = "a \"b\"\nc", .exit_code = 7}), 7);
    return ::testing::internal::GetCapturedStderr();
  }
  std::string Log() const {
    std::ifstream in(log_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string directory_;
  std::string log_;
};

TEST_F(TellTest, AppendsOneJsonObjectAndSaysOneLine) {
  std::ofstream(log_) << "{}\n";
  EXPECT_EQ(Tell("json", log_), "a \"b\" c\n");
  std::istringstream lines(Log());
  std::string first;
  std::string second;
  std::string third;
  ASSERT_TRUE(std::getline(lines, first) && std::getline(lines, second));
  EXPECT_FALSE(std::getline(lines, third));
  const auto record = nlohmann::json::parse(second);
  EXPECT_EQ(record["level"], "error");
  EXPECT_EQ(record["msg"], "a \"b\" c");
  EXPECT_EQ(record["time"].get<std::string>().size(), 24U);
}

TEST_F(TellTest, WritesTextWhenTheLogIsText) {
  Tell("text", log_);
  EXPECT_THAT(Log(), HasSubstr("level=error msg=\"a \\\"b\\\" c\"\n"));
}

TEST_F(TellTest, FollowsNoSymlinkAndWaitsForNobody) {
  fs::create_symlink(directory_ + "/elsewhere", log_);
  EXPECT_EQ(Tell("json", log_), "a \"b\" c\n");
  EXPECT_FALSE(fs::exists(directory_ + "/elsewhere"));
  const std::string fifo = directory_ + "/fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(Tell("json", fifo), "a \"b\" c\n");
  EXPECT_EQ(Tell("json", directory_), "a \"b\" c\n");
  EXPECT_EQ(Tell("json", directory_ + "/none/log"), "a \"b\" c\n");
}

}  // namespace
}  // namespace runward
