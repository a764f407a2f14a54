#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "oci/load.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

constexpr char kKey[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEArnTSqRcKczuiPzslZrEppify4bGlW9lNrSvADoMZcFs=\n"
    "-----END PUBLIC KEY-----\n";

// Files whose times lie in the past: what was changed just now is never taken from the cache.
class PolicyCache : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root has a directory whose parents are its own";
    if (mkdtemp(root_.data()) == nullptr) std::abort();
    chmod(root_.c_str(), 0755);
    paths_ = PathsFor(root_);
    fs::create_directory(root_ + "/keys");
    std::ofstream(root_ + "/keys/ci.pub") << kKey;
    WritePolicy("enforce");
  }
  void TearDown() override {
    std::error_code ignored;
    if (geteuid() == 0) fs::remove_all(root_, ignored);
  }

  static std::string PolicyText(const std::string& mode) {
    std::string text = R"({"version": 1,
      "trust": [{"name": "ci", "key": "keys/ci.pub", "images": ["*"]}], "profiles": [)";
    for (int i = 0; i < 300; ++i) {
      text += R"({"name": "p)" + std::to_string(i) + R"(", "match": {"images": ["r/)" +
              std::to_string(i) + R"(/*"]}, "mode": ")" + mode +
              R"(", "verdict": {"maxAge": "7d"}},)";
    }
    return text + R"({"name": "rest", "match": {}}]})";
  }
  void WritePolicy(const std::string& mode) {
    std::ofstream(paths_.policy) << PolicyText(mode);
    chmod(paths_.policy.c_str(), 0644);
    SettleFor(paths_.policy);
  }
  // ctime cannot be set: the test waits until it is old enough, once.
  static void SettleFor(const std::string& path) {
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
    sleep(4);
  }

  Mode Read() {
    const auto policy = LoadPolicyAgain(paths_);
    EXPECT_TRUE(policy.ok()) << policy.error().message;
    if (!policy.ok()) return Mode::kAudit;
    EXPECT_EQ(policy.value().profiles.size(), 301U);
    EXPECT_EQ(policy.value().profiles.at(7).name, "p7");
    EXPECT_EQ(policy.value().profiles.at(7).match.images.at(0), "r/7/*");
    EXPECT_EQ(policy.value().profiles.at(7).verdict.max_age_ns, int64_t{7 * 86400} * 1000000000);
    EXPECT_EQ(policy.value().digest, LoadPolicy(paths_).value().digest);
    return policy.value().profiles.at(7).mode;
  }
  // How a cached policy shows: it does not know where its profiles stand.
  bool Cached() { return LoadPolicyAgain(paths_).value().profiles.at(7).position.column == 1; }

  std::string root_ = "/run/runward-test-XXXXXX";
  Paths paths_;
};

TEST_F(PolicyCache, GivesThePolicyThatTheFileHoldsNow) {
  const std::string cache = paths_.run + "/policy.cache";
  EXPECT_EQ(Read(), Mode::kEnforce);
  struct stat info {};
  ASSERT_EQ(stat(cache.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_TRUE(Cached());
  EXPECT_EQ(Read(), Mode::kEnforce);

  // A key is read anew each time.
  fs::remove(root_ + "/keys/ci.pub");
  EXPECT_FALSE(LoadPolicyAgain(paths_).ok());
  std::ofstream(root_ + "/keys/ci.pub") << kKey;

  // Damage, a cut, nothing, and one that others could write are no cache.
  std::ifstream file(cache, std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(file), {}};
  for (size_t at = 0; at < good.size(); at += 997) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x41);
    std::ofstream(cache, std::ios::binary) << bad;
    (void)LoadPolicyAgain(paths_)
        .ok();  // no crash; root's file is believed where it is well-formed
  }
  for (const std::string& bad : {good.substr(0, good.size() - 28), good.substr(0, 40),
                                 good.substr(0, 4096), std::string()}) {
    std::ofstream(cache, std::ios::binary) << bad;
    EXPECT_EQ(Read(), Mode::kEnforce);
  }
  std::ofstream(cache, std::ios::binary) << good;
  chmod(cache.c_str(), 0666);
  EXPECT_FALSE(Cached());

  // A change counts at once, though the cache is there.
  chmod(cache.c_str(), 0600);
  std::ofstream(paths_.policy) << PolicyText("audit");
  EXPECT_EQ(Read(), Mode::kAudit);
  EXPECT_FALSE(Cached());
  std::ofstream(paths_.policy) << "{";
  EXPECT_FALSE(LoadPolicyAgain(paths_).ok());
}

}  // namespace
}  // namespace runward
