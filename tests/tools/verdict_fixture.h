#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/paths.h"
#include "oci/verdict_store.h"
#include "tools/dispatch.h"
#include "tools/verdict.h"

namespace runward::fixtures {

// An installation of the test's own, with a policy that trusts the key "ci" for
// registry.example.com/*, and runwardctl's commands run in it.
class VerdictCommandTest : public ::testing::Test {
 protected:
  VerdictCommandTest() {
    // /run: what lies in a directory that others may write is refused.
    if (mkdtemp(root_.data()) == nullptr) std::abort();
    paths_ = PathsFor(root_);
    Write("policy.json", R"({"version": 1,
      "trust": [{"name": "ci", "key": "ci.pub", "images": ["registry.example.com/*"]}],
      "profiles": [{"name": "default", "match": {}, "mode": "enforce",
                    "verdict": {"required": true}}]})");
    Run({"keygen", "--out", Path("ci")});
  }
  ~VerdictCommandTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  // Runs "verdict ARGS" here; what it printed is in out_ and err_.
  int Run(const std::vector<std::string>& args) {
    std::vector<std::string> all = {"--runward-root=" + root_, "verdict"};
    all.insert(all.end(), args.begin(), args.end());
    const auto table = VerdictCommands();
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = Dispatch(all, {table.begin(), table.end()});
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  // Signs a verdict about the config digest `fill`; more arguments may follow or replace these.
  int Sign(char fill, const std::vector<std::string>& more) {
    std::vector<std::string> args = {
        "sign",     "--key",  Path("ci.key"), "--name", "registry.example.com/app:1",
        "--config", Hex(fill)};
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  }

  static std::string Hex(char fill) { return std::string(64, fill); }
  static Digest DigestOf(char fill) { return Digest::FromHex(Hex(fill)).value(); }
  [[nodiscard]] std::string Path(const std::string& name) const { return root_ + "/" + name; }
  void Write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(Path(name)).parent_path());
    std::ofstream(Path(name), std::ios::binary) << text;
    chmod(Path(name).c_str(), 0644);
  }
  static std::string Read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  [[nodiscard]] std::string Stored(char fill) const {
    return Read(VerdictFile(paths_, DigestOf(fill)));
  }
  // Every file below the store, temporary ones and locks included.
  [[nodiscard]] std::vector<std::string> StoreFiles() const {
    std::vector<std::string> files;
    std::error_code missing;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(paths_.verdicts, missing)) {
      if (!entry.is_directory()) files.push_back(entry.path().filename());
    }
    return files;
  }

  std::string root_ = geteuid() == 0 ? "/run/runward-test-XXXXXX" : "/tmp/runward-test-XXXXXX";
  Paths paths_;
  std::string out_;
  std::string err_;
};

}  // namespace runward::fixtures
