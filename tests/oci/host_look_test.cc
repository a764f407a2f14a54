#include "oci/host_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(OwnDirectories, AreThoseOfTheInstallation) {
  EXPECT_THAT(
      OwnDirectories(PathsFor("")),
      ElementsAre("/etc/runward", "/run/runward", "/var/lib/runward/verdicts", "/var/log/runward"));
  EXPECT_THAT(OwnDirectories(PathsFor("/srv/r")), ElementsAre("/srv/r"));
}

TEST(LookAtHost, FindsTheSourcesOfBindsAndOverlays) {
  ContainerConfig config;
  config.mounts = {{.destination = "/proc", .type = "proc", .source = "proc"},
                   {.destination = "/a", .source = "/usr/../etc", .bind = true},
                   {.destination = "/b",
                    .type = "overlay",
                    .source = "overlay",
                    .options = {"lowerdir=/usr:/etc", "upperdir=/var", "index=off"}},
                   {.destination = "/c", .source = "relative", .bind = true}};
  const Result<HostView> host = LookAtHost(config, RunRule{}, {"/etc/runward"}, "/bundle");
  ASSERT_TRUE(host.ok()) << host.error().message;
  std::vector<std::pair<size_t, std::string>> found;
  for (const SourceView& source : host.value().sources) {
    found.emplace_back(source.mount, source.path);
    EXPECT_EQ(source.why, "");
    EXPECT_FALSE(source.trees.empty());
  }
  EXPECT_THAT(found, ElementsAre(Pair(1, "/etc"), Pair(2, "/usr"), Pair(2, "/etc"), Pair(2, "/var"),
                                 Pair(3, "/bundle/relative")));
  ASSERT_EQ(host.value().places.size(), 1U);
  EXPECT_EQ(host.value().places[0].path, "/etc/runward");
}

TEST(LookAtHost, BringsWhatIsMountedBeneathARecursiveBind) {
  ContainerConfig config;
  config.mounts = {{.destination = "/a", .source = "/", .options = {"bind"}, .bind = true},
                   {.destination = "/b", .source = "/", .options = {"rbind"}, .bind = true}};
  const Result<HostView> host = LookAtHost(config, RunRule{}, {}, "/bundle");
  ASSERT_TRUE(host.ok());
  EXPECT_EQ(host.value().sources[0].trees.size(), 1U);
  EXPECT_GT(host.value().sources[1].trees.size(), 1U);
  // crun hands the propagation's MS_REC to the bind.
  for (const char* word : {"rprivate", "rslave", "rshared", "runbindable"}) {
    config.mounts[0].options = {"bind", word};
    EXPECT_GT(LookAtHost(config, RunRule{}, {}, "/").value().sources[0].trees.size(), 1U) << word;
  }
}

TEST(LookAtHost, SaysWhatItCannotTell) {
  ContainerConfig config;
  config.mounts = {{.destination = "/a", .source = "/proc/self/cwd/x", .bind = true},
                   {.destination = "/b", .type = "overlay", .options = {"ro,lowerdir=usr:/etc"}},
                   {.destination = "/c", .type = "overlay", .options = {"ro,lowerdir=/usr"}},
                   {.destination = "/d", .type = "tmpfs", .options = {"context=\"a,b\""}}};
  HostView host = LookAtHost(config, RunRule{}, {}, "/").value();
  ASSERT_EQ(host.sources.size(), 3U);
  EXPECT_NE(host.sources[0].why, "");
  EXPECT_NE(host.sources[1].why, "");
  EXPECT_EQ(host.sources[2].why, "");
  EXPECT_EQ(host.sources[2].path, "/usr");
  config.mount_label = "x\",lowerdir=/etc,y=\"";
  host = LookAtHost(config, RunRule{}, {}, "/").value();
  EXPECT_NE(host.sources[2].why, "");
}

TEST(LookAtHost, KnowsTheHostsNamespaces) {
  ContainerConfig config;
  config.namespaces = {{"network", "/proc/self/ns/net"},
                       {"pid", ""},
                       {"ipc", "/proc/self/ns/uts"},
                       {"uts", "/no/such"},
                       {"user", "/proc/self/ns/user"}};
  EXPECT_THAT(LookAtHost(config, RunRule(), {}, "/").value().host_namespaces,
              ElementsAre("network", "uts"));
}

TEST(LookAtDevices, NamesWhatTheHostHas) {
  HostView host;
  LookAtDevices({"c 1:3", "c 4095:1", "b 1:3"}, host);
  if (host.device_names.empty()) GTEST_SKIP() << "no /sys here";
  EXPECT_EQ(host.device_names[0], (std::pair<std::string, std::string>("c 1:3", "/dev/null")));
}

}  // namespace
}  // namespace runward
