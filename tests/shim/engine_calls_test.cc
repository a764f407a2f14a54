#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "shim/argv.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

const fs::path kRecorded = fs::path(RUNWARD_SOURCE_DIR).parent_path() / "shared/data/engines";

std::vector<std::string> Lines(const fs::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> Words(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

std::string Joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

// One call as both runtimes would be given it.
void ExpectUnderstood(const std::vector<std::string>& words, std::string_view subcommand,
                      std::string_view id) {
  for (const Grammar grammar : {Grammar::kRunc, Grammar::kCrun}) {
    Invocation call;
    const Result<void> parsed = ParseArgv(words, grammar, call);
    ASSERT_TRUE(parsed.ok()) << Joined(words) << ": " << parsed.error().message;
    if (subcommand.empty()) continue;
    ASSERT_NE(call.subcommand, nullptr) << Joined(words);
    EXPECT_EQ(call.subcommand->name, subcommand) << Joined(words);
    EXPECT_EQ(call.id(), id) << Joined(words);
    // Its canonical form says the same.
    Invocation again;
    ASSERT_TRUE(ParseArgv(call.Canonical(), grammar, again).ok()) << Joined(call.Canonical());
    EXPECT_EQ(again.Canonical(), call.Canonical());
  }
}

struct EngineCall {
  const char* line;
  const char* subcommand;
  const char* id;
};

// Of CRI-O and nerdctl nothing was recorded: these are how their sources build the calls
// (cri-o internal/oci/runtime_oci.go and conmon's src/runtime_args.c; nerdctl goes by containerd's
// runc shim, go-runc runc.go).
TEST(EngineCalls, CrioAndNerdctlAreUnderstood) {
  const EngineCall calls[] = {
      {"--root=/run/runc --systemd-cgroup create --bundle /b --pid-file /b/pidfile c1", "create",
       "c1"},
      {"--root=/run/crun create --bundle /b --pid-file /b/pidfile --no-pivot c1", "create", "c1"},
      {"--root=/run/runc --systemd-cgroup start c1", "start", "c1"},
      {"--root=/run/runc --systemd-cgroup exec --pid-file /p --process /b/exec-process c1", "exec",
       "c1"},
      {"--root=/run/runc exec --pid-file /p --process /b/exec-process --detach --tty c1", "exec",
       "c1"},
      {"--root=/run/runc --systemd-cgroup state c1", "state", "c1"},
      {"--root=/run/runc --systemd-cgroup kill c1 TERM", "kill", "c1"},
      {"--root=/run/runc --systemd-cgroup delete --force c1", "delete", "c1"},
      {"--root=/run/runc --systemd-cgroup pause c1", "pause", "c1"},
      {"--root=/run/runc --systemd-cgroup resume c1", "resume", "c1"},
      {"--root=/run/runc --systemd-cgroup update --resources - c1", "update", "c1"},
      {"--root=/run/runc features", "features", ""},
      {"--root /run/containerd/runc/default --log /l/log.json --log-format json create --bundle /b "
       "--pid-file /b/init.pid --console-socket /tmp/pty.sock c1",
       "create", "c1"},
      {"--root /run/containerd/runc/default --log /l/log.json --log-format json --systemd-cgroup "
       "--rootless=true create --bundle /b --pid-file /b/init.pid --no-new-keyring "
       "--preserve-fds 1 c1",
       "create", "c1"},
      {"--root /r --log /l --log-format json exec --process /tmp/process.json --detach "
       "--pid-file /b/e.pid c1",
       "exec", "c1"},
      {"--root /r --log /l --log-format json kill --all c1 9", "kill", "c1"},
      {"--root /r --log /l --log-format json ps --format json c1", "ps", "c1"},
  };
  for (const EngineCall& call : calls) ExpectUnderstood(Words(call.line), call.subcommand, call.id);
}

// The subcommand is the first word of that kind, and engines put the id after its options.
TEST(EngineCalls, EveryRecordedCallIsUnderstood) {
  if (!fs::is_directory(kRecorded)) GTEST_SKIP() << "no recordings at " << kRecorded;
  size_t seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kRecorded)) {
    if (entry.path().filename() != "argv") continue;
    std::vector<std::string> words = Lines(entry.path());
    ASSERT_FALSE(words.empty()) << entry.path();
    words.erase(words.begin());
    Invocation call;
    const Result<void> parsed = ParseArgv(words, Grammar::kRunc, call);
    ASSERT_TRUE(parsed.ok()) << entry.path() << ": " << parsed.error().message;
    ++seen;
    if (call.ask != Ask::kCommand) continue;
    // "003-delete" is a delete, of the container that the words name.
    const std::string name = entry.path().parent_path().filename();
    EXPECT_EQ(call.subcommand->name, name.substr(name.find('-') + 1)) << entry.path();
    EXPECT_THAT(words, ::testing::Contains(std::string(call.id()))) << entry.path();
    ExpectUnderstood(words, call.subcommand->name, call.id());
  }
  EXPECT_GT(seen, 500U);
}

}  // namespace
}  // namespace runward
