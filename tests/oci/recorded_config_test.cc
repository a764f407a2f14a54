#include "oci/recorded_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "oci/container.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kConfig[] = R"({
  "ociVersion": "1.0.2", "hostname": "hidden-host", "unknown": {"secret": "hidden"},
  "root": {"path": "/r", "readonly": true, "unknown": "hidden"},
  "process": {
    "user": {"uid": 7, "gid": 8, "additionalGids": [9], "username": "hidden"}, "args": ["serve", "--key=hidden"],
    "env": ["TOKEN=hidden"], "cwd": "/w", "noNewPrivileges": true,
    "capabilities": {"bounding": ["CAP_KILL"], "ambient": ["CAP_CHOWN"]}
  },
  "hooks": {"prestart": [{"path": "/hidden", "env": ["A=hidden"]}]},
  "annotations": {"run.oci.keep_original_groups": "hidden", "org.systemd.property.TasksMax": "hidden",
                  "mine.example": "hidden"},
  "mounts": [
    {"destination": "/a", "type": "bind", "source": "/host dir/\"a\"", "options": ["rbind", "ro"]},
    {"destination": "/b", "type": "none", "source": "/host/b", "options": ["bind"]},
    {"destination": "/c", "type": "cifs", "source": "//hidden:hidden@server/share",
     "options": ["username=hidden", "password=hidden", "ro", "uid=5", "size=1m,password=hidden,gid=6"]},
    {"destination": "/d", "type": "overlay", "source": "overlay", "options": ["lowerdir=/x:/y"]}
  ],
  "linux": {
    "namespaces": [{"type": "pid"}, {"type": "network", "path": "/n"}],
    "resources": {"memory": {"limit": 5}, "CPU": {"Quota": 1}, "devices": [{"allow": true, "type": "b"}],
                  "unified": {"pids.max": "max"}, "unknown": {"secret": ["hidden"]}},
    "sysctl": {"net.x": "hidden"}, "maskedPaths": ["/proc/kcore"],
    "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "listenerMetadata": "hidden",
                "syscalls": [{"names": ["read", "write"], "action": "SCMP_ACT_ALLOW", "comment": "hidden"},
                             {"names": ["mount"], "action": "SCMP_ACT_ERRNO"}]}
  }
})";

JsonDocument Parsed(const std::string& text) { return JsonDocument::Parse(text).value(); }

TEST(RecordableConfig, ReadsAsTheConfigurationDoes) {
  const std::string kept = RecordableConfig(Parsed(kConfig));
  const JsonDocument document = Parsed(kept);
  const auto read = ContainerOf(document.root(), "/b");
  ASSERT_TRUE(read.ok()) << read.error().message << kept;
  const ContainerConfig& config = read.value();
  EXPECT_EQ(config.rootfs, "/r");
  EXPECT_TRUE(config.read_only_root);
  EXPECT_EQ(config.process.uid, 7U);
  EXPECT_EQ(config.process.additional_gids.size(), 1U);
  EXPECT_TRUE(config.process.no_new_privileges);
  EXPECT_EQ(config.process.capabilities->ambient.front(), "CAP_CHOWN");
  ASSERT_EQ(config.mounts.size(), 4U);
  EXPECT_EQ(config.mounts[0].source, "/host dir/\"a\"");
  EXPECT_TRUE(config.mounts[0].read_only);
  EXPECT_EQ(config.mounts[1].source, "/host/b");
  EXPECT_EQ(config.mounts[3].options.front(), "lowerdir=/x:/y");
  EXPECT_EQ(config.namespaces[1].path, "/n");
  EXPECT_EQ(config.resources.memory_limit, 5);
  EXPECT_TRUE(config.resources.cpu_respelled);
  EXPECT_EQ(config.resources.devices.front().type, "b");
  EXPECT_EQ(config.resources.unified.front().second, "max");
  EXPECT_EQ(config.seccomp->rules, 1U);
  EXPECT_EQ(config.annotations.size(), 2U);
  EXPECT_EQ(config.masked_paths.size(), 1U);
  EXPECT_EQ(config.sysctls.size(), 1U);
}

TEST(RecordableConfig, KeepsNoSecretAndIsOneLine) {
  const std::string kept = RecordableConfig(Parsed(kConfig));
  EXPECT_THAT(kept, Not(HasSubstr("hidden")));
  EXPECT_THAT(kept, HasSubstr(R"("password=[redacted]")"));
  EXPECT_THAT(kept, HasSubstr(R"("uid=5")"));
  EXPECT_THAT(kept, HasSubstr(R"("size=1m,password=[redacted],gid=6")"));
  EXPECT_THAT(kept, Not(HasSubstr("\n")));
}

TEST(RecordableConfig, IsJsonWhateverTheConfigurationIs) {
  for (const char* text :
       {"{}", R"({"process": 7, "mounts": {}, "annotations": [], "linux": "x"})",
        R"({"mounts": [7, {"options": 7}, {"options": ["a=\"b\"", 7, null]}, null]})",
        R"({"linux": {"seccomp": null}, "annotations": {"run.oci.\"x\u0001": 1}})"}) {
    EXPECT_TRUE(nlohmann::json::accept(RecordableConfig(Parsed(text)))) << text;
  }
}

}  // namespace
}  // namespace runward
