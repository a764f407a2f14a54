#include "tools/engine_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace runward {
namespace {

using ::testing::HasSubstr;

const EngineSettings kEntryOnly = {.program = "/usr/sbin/runward"};
const EngineSettings kAsDefault = {.program = "/usr/sbin/runward", .make_default = true};

constexpr char kContainerd[] = R"(version = 2  # Kubernetes' own

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "pause:3.9"   # mirrored
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc" # until now
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      pod_annotations = ["a.*"]
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = true
)";

struct Case {
  EngineConfig engine;
  std::string before;
};

// Files as people have them.
std::vector<Case> Cases() {
  return {
      {kDockerConfig, "{\n    \"log-opts\": {\n        \"max-size\": \"1m\"\n    }\n}\n"},
      {kDockerConfig, "{\"default-runtime\":\"crun\",\"runtimes\":{\"crun\":{\"path\":\"crun\"}}}"},
      {kDockerConfig, "{\n\t\"runtimes\": {}\n}"},
      {kContainerdConfig, kContainerd},
      {kContainerdConfig, "version = 2\n[plugins]\n"},
      {kContainerdConfig, "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd]\nx = 1"},
      {kContainerdConfig, ""},
      {kDockerConfig, ""},
      {kPodmanConfig, ""},
      {kCrioConfig, ""},
  };
}

std::string Added(const Case& one, const EngineSettings& settings) {
  const auto text = one.engine.add(one.before, settings);
  EXPECT_TRUE(text.ok()) << text.error().message;
  return text.ok() ? text.value() : "";
}

TEST(EngineConfigTest, AreSortedByName) {
  EXPECT_TRUE(std::ranges::is_sorted(EngineConfigs(), {}, &EngineConfig::name));
}

TEST(EngineConfigTest, WhatIsAddedIsFound) {
  for (const Case& one : Cases()) {
    for (const EngineSettings& settings : {kEntryOnly, kAsDefault}) {
      const auto entry = one.engine.find(Added(one, settings));
      ASSERT_TRUE(entry.ok()) << one.before;
      EXPECT_EQ(entry.value().program, "/usr/sbin/runward") << one.before;
      EXPECT_EQ(entry.value().is_default, settings.make_default) << one.before;
    }
    EXPECT_EQ(one.engine.find(one.before).value().program, "");
  }
}

TEST(EngineConfigTest, TheSecondCallChangesNothing) {
  for (const Case& one : Cases()) {
    const std::string once = Added(one, kAsDefault);
    EXPECT_EQ(one.engine.add(once, kAsDefault).value(), once);
    EXPECT_EQ(one.engine.add(once, kEntryOnly).value(), once) << "the default is not taken back";
    EXPECT_TRUE(OnlyOurs(one.engine, once, one.before));
    EXPECT_FALSE(OnlyOurs(one.engine, once + "#", one.before));
  }
}

TEST(EngineConfigTest, EachLineThatWasThereStays) {
  for (const Case& one : Cases()) {
    const std::string added = Added(one, kEntryOnly);
    std::istringstream lines(one.before);
    for (std::string line; std::getline(lines, line);) {
      if (line.find("\"runtimes\"") != std::string::npos || line == "}") continue;
      EXPECT_THAT(added, HasSubstr(line));
    }
  }
}

TEST(EngineConfigTest, RemovingLeavesWhatOthersWroteMeanwhile) {
  const Case docker{kDockerConfig, "{\n  \"a\": 1,\n  \"default-runtime\": \"crun\"\n}\n"};
  std::string text = Added(docker, kAsDefault);
  text.replace(text.find("\"a\": 1"), 6, "\"a\": 2");
  EXPECT_EQ(kDockerConfig.remove(text, docker.before).value(),
            "{\n  \"a\": 2,\n  \"default-runtime\": \"crun\"\n}\n");
  EXPECT_EQ(kDockerConfig.remove(text, "").value(), "{\n  \"a\": 2\n}\n");

  const Case containerd{kContainerdConfig, kContainerd};
  text = Added(containerd, kAsDefault) + "# mine\n";
  EXPECT_EQ(kContainerdConfig.remove(text, kContainerd).value(),
            kContainerd + std::string("# mine\n"));
  EXPECT_THAT(kContainerdConfig.remove(text, "").value(), testing::Not(HasSubstr("runward")));
}

TEST(EngineConfigTest, AnOtherProgramUnderOurNameIsCorrected) {
  for (const Case& one : Cases()) {
    const std::string old = one.engine.add(one.before, {.program = "/opt/old"}).value();
    const auto text = one.engine.add(old, kEntryOnly);
    EXPECT_EQ(text.value(), Added(one, kEntryOnly));
  }
}

TEST(EngineConfigTest, RuncsOwnSettingsHoldForRunwardToo) {
  const std::string text = Added({kContainerdConfig, kContainerd}, kEntryOnly);
  const std::string ours = text.substr(text.find("# runward begins"));
  EXPECT_THAT(ours, HasSubstr("SystemdCgroup = true\n"));
  EXPECT_THAT(ours, HasSubstr("pod_annotations = [\"a.*\"]\n"));
}

TEST(EngineConfigTest, DockerAlonePassesAnotherRoot) {
  const EngineSettings settings{.program = "/p", .root_flag = "--runward-root=/r"};
  const std::string text = kDockerConfig.add("{}", settings).value();
  EXPECT_THAT(text, HasSubstr("--runward-root=/r"));
  EXPECT_EQ(kDockerConfig.add(text, settings).value(), text);
  for (const EngineConfig& engine : {kContainerdConfig, kCrioConfig, kPodmanConfig}) {
    EXPECT_FALSE(engine.add("", settings).ok()) << engine.name;
  }
}

TEST(EngineConfigTest, WhatIsNotUnderstoodIsRefused) {
  const std::vector<std::pair<EngineConfig, std::string>> table = {
      {kDockerConfig, "{\"runtimes\": []}"},
      {kDockerConfig, "{\"Runtimes\": {}}"},
      {kDockerConfig, "{,}"},
      {kContainerdConfig, "disabled_plugins = [\"cri\"]\n"},
      {kContainerdConfig, "version = 3\n"},
      {kContainerdConfig, "version = 2\nplugins = { }\n"},
      {kContainerdConfig, "version = 2\n[[plugins]]\n"},
      {kContainerdConfig, "version = 2\nx = [\n"},
      {kContainerdConfig,
       "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runward]\n"},
      {kPodmanConfig, "[engine]\n"},
      {kCrioConfig, "[crio]\n"},
  };
  for (const auto& [engine, text] : table) {
    EXPECT_FALSE(engine.add(text, kAsDefault).ok()) << text;
  }
}

}  // namespace
}  // namespace runward
