#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/control_parts.h"
#include "policy/mount_groups.h"
#include "tests/policy/controls_fixture.h"

namespace runward {
namespace {

using test::RuleOf;
using test::Told;
using ::testing::HasSubstr;

// One mount of a source that lies at `trees` of the device "8:1", where paths have their own names.
struct Case {
  std::string deny = "\"@host\"";
  std::string allow;
  std::string source;
  std::vector<std::string> trees;  // `source` alone, when empty
  std::vector<std::string> options = {"rbind"};
  bool socket = false;
  std::vector<std::string> above = {};  // the source is a filesystem of its own, mounted here
};

std::vector<RunFinding> Judge(const Case& given) {
  std::string text = R"({"mounts": {"deny": [)" + given.deny + "]";
  if (!given.allow.empty()) text += R"(, "allow": [)" + given.allow + "]";
  const RunRule rule = RuleOf(given.deny.empty() ? "{}" : text + "}}");
  ContainerConfig config;
  config.mounts = {
      {.destination = "/in", .source = given.source, .options = given.options, .bind = true}};
  config.mounts[0].read_only = std::ranges::find(given.options, "ro") != given.options.end();
  HostView host;
  host.own = {"/etc/runward", "/run/runward"};
  const auto place = [&](std::string_view path) {
    host.places.push_back({std::string(path), {"8:1", std::string(path)}});
  };
  for (const std::string_view path : PlacesOf(rule)) place(path);
  for (const std::string& path : host.own) place(path);
  SourceView source{.mount = 0, .path = given.source, .socket = given.socket};
  for (const std::string& tree : given.trees) source.trees.push_back({"8:1", tree});
  if (given.trees.empty()) source.trees.push_back({"8:1", given.source});
  source.above.emplace_back();  // another mount of it, within nothing
  source.above.emplace_back();
  for (const std::string& above : given.above) source.above.back().push_back({"8:1", above});
  if (!given.above.empty()) source.trees = {{"8:9", "/"}};
  host.sources = {source};
  std::vector<RunFinding> findings;
  JudgeMounts(rule, config, host, findings);
  return findings;
}

TEST(MountControl, FindsWhatIsDeniedWithinAndAbove) {
  EXPECT_EQ(Told(Judge({.source = "/etc/ssl"})),
            "mounts: \"/etc/ssl\" at \"/in\", within \"/etc\" (@host) (allowed: nothing of @host)");
  EXPECT_THAT(Told(Judge({.source = "/"})), HasSubstr("above"));
  EXPECT_EQ(Told(Judge({.source = "/srv/data"})), "");
  EXPECT_EQ(Told(Judge({.source = "/etcetera"})), "");
  EXPECT_THAT(Told(Judge({.deny = "\"/srv/secret\"", .source = "/srv"})), HasSubstr("above"));
}

TEST(MountControl, FindsAFilesystemThatIsMountedWithinWhatIsDenied) {
  EXPECT_THAT(Told(Judge({.source = "/etc/disk", .above = {"/etc/disk"}})),
              HasSubstr("within \"/etc\" (@host)"));
  EXPECT_THAT(Told(Judge({.source = "/x", .above = {"/mnt", "/etc/disk"}})), HasSubstr("within"));
  EXPECT_EQ(Told(Judge({.source = "/srv/disk", .above = {"/srv/disk"}})), "");
  EXPECT_EQ(Told(Judge({.allow = "\"/etc/ok\"", .source = "/x", .above = {"/etc/ok/disk"}})), "");
  EXPECT_THAT(Told(Judge({.deny = "\"@engine-state\"",
                          .source = "/x",
                          .above = {"/var/lib/docker/containers/c/secret"}})),
              HasSubstr("within"));
  EXPECT_EQ(Told(Judge({.deny = "\"@engine-state\"",
                        .source = "/x",
                        .above = {"/var/lib/docker/containers/c/mounts/shm"}})),
            "");
}

TEST(MountControl, KnowsAPlaceUnderAnotherName) {
  EXPECT_THAT(Told(Judge({.source = "/srv/link", .trees = {"/etc/ssl"}})),
              HasSubstr("within \"/etc\""));
  EXPECT_THAT(Told(Judge({.source = "/srv", .trees = {"/srv", "/etc"}})), HasSubstr("/etc"));
}

TEST(MountControl, LetsTheLongerOfTwoListedPathsDecide) {
  const std::string allow = "\"/etc/ssl\"";
  EXPECT_EQ(Told(Judge({.allow = allow, .source = "/etc/ssl/certs"})), "");
  EXPECT_NE(Told(Judge({.allow = allow, .source = "/etc/sslx"})), "");
  EXPECT_NE(Told(Judge({.deny = "\"/etc\", \"/etc/ssl/private\"",
                        .allow = allow,
                        .source = "/etc/ssl/private/key"})),
            "");
  EXPECT_NE(Told(Judge({.allow = "\"/srv\"", .source = "/"})), "");
}

TEST(MountControl, FindsEnginesSocketsWhereverTheyLie) {
  const std::string deny = "\"@engine-sockets\"";
  EXPECT_NE(Told(Judge({.deny = deny, .source = "/run/docker.sock", .socket = true})), "");
  EXPECT_NE(Told(Judge({.deny = deny, .source = "/srv/docker.sock", .socket = true})), "");
  EXPECT_EQ(Told(Judge({.deny = deny, .source = "/srv/docker.sock"})), "");
  EXPECT_NE(Told(Judge({.deny = deny, .source = "/run"})), "");
}

TEST(MountControl, LetsEnginesMountTheirOwnFiles) {
  const std::string deny = "\"/\"";
  EXPECT_EQ(Told(Judge({.deny = deny, .source = "/var/lib/docker/containers/7/hosts"})), "");
  EXPECT_EQ(Told(Judge({.deny = deny, .source = "/var/lib/docker/volumes/v/_data"})), "");
  EXPECT_EQ(Told(Judge({.deny = deny, .source = "/var/lib/docker/volumes/v/_data/sub"})), "");
  EXPECT_NE(Told(Judge({.deny = deny, .source = "/var/lib/docker/containers/7"})), "");
  EXPECT_NE(Told(Judge({.deny = deny, .source = "/var/lib/docker/containers/7/config.v2.json"})),
            "");
  EXPECT_NE(Told(Judge({.deny = deny, .source = "/var/lib/docker"})), "");
  EXPECT_NE(Told(Judge({.deny = "\"/\", \"/var/lib/docker/volumes\"",
                        .source = "/var/lib/docker/volumes/v/_data"})),
            "");
}

TEST(MountControl, ProtectsRunwardsOwnDirectoriesByEveryRule) {
  EXPECT_THAT(Told(Judge({.deny = "", .source = "/etc/runward"})),
              HasSubstr("within \"/etc/runward\" (@runward)"));
  EXPECT_NE(Told(Judge({.deny = "", .source = "/run/runward/x"})), "");
  EXPECT_NE(Told(Judge({.deny = "", .source = "/run"})), "");
  EXPECT_EQ(Told(Judge({.deny = "", .source = "/srv"})), "");
  EXPECT_NE(Told(Judge({.allow = "\"/etc/runward\"", .source = "/etc/runward"})), "");
}

TEST(MountControl, AllowsADirectoryAboveThemOnlyListedAndReadOnlyThroughout) {
  const std::string allow = "\"/run\"";
  EXPECT_NE(Told(Judge({.allow = allow, .source = "/run"})), "");
  EXPECT_NE(Told(Judge({.allow = allow, .source = "/run", .options = {"rbind", "ro"}})), "");
  EXPECT_EQ(Told(Judge({.allow = allow, .source = "/run", .options = {"bind", "ro"}})), "");
  EXPECT_NE(Told(Judge({.allow = allow, .source = "/run", .options = {"bind", "ro", "rslave"}})),
            "");
  EXPECT_EQ(Told(Judge({.allow = allow, .source = "/run", .options = {"rbind", "ro", "rro"}})), "");
}

TEST(MountControl, FindsAPlaceThatCannotBeToldAndForeignFilesystems) {
  ContainerConfig config;
  config.mounts = {{.destination = "/a", .source = "/x", .bind = true},
                   {.destination = "/b", .type = "ext4", .source = "/dev/sda1"},
                   {.destination = "/c", .type = "tmpfs", .source = "tmpfs"}};
  HostView host;
  host.sources = {{.mount = 0, .why = "it leads nowhere"}};
  std::vector<RunFinding> findings;
  JudgeMounts(RuleOf(R"({"mounts": {"deny": ["@bpf"]}})"), config, host, findings);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_THAT(findings[0].asked, HasSubstr("\"/x\" at \"/a\", whose place cannot be told"));
  EXPECT_THAT(findings[0].asked, HasSubstr("it leads nowhere"));
  EXPECT_THAT(findings[1].asked, HasSubstr("type \"ext4\" from \"/dev/sda1\" at \"/b\""));
}

}  // namespace
}  // namespace runward
