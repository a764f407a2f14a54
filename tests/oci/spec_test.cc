#include "oci/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<Spec> Parse(const std::string& text) { return ParseSpec(text, "config.json", "/b"); }

std::string WithNamespaces(const std::string& namespaces) {
  return R"({"root": {"path": "r"}, "linux": {"namespaces": )" + namespaces + "}}";
}

TEST(Spec, ReadsWhatTheGatesNeed) {
  const Result<Spec> spec = Parse(R"({
    "ociVersion": "1.0.2", "unknown": {"kept": [1]},
    "root": {"path": "rootfs", "readonly": true},
    "process": {"args": ["sh", "-c", "ls"], "env": ["A=1"], "user": {"uid": 7, "gid": 8}},
    "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
               {"destination": "/v", "type": "none", "source": "/s", "options": ["rbind", "ro"]},
               {"destination": "/w", "type": "bind", "source": "s"},
               {"destination": "/dev", "type": "tmpfs"},
               {"destination": "/x", "type": "tmpfs", "options": ["bind"]}],
    "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}]},
    "annotations": {"io.kubernetes.cri.image-name": "img:1", "Other": "x", "other": "y"}})");
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_EQ(spec.value().rootfs, "/b/rootfs");
  EXPECT_THAT(spec.value().process.args, ElementsAre("sh", "-c", "ls"));
  EXPECT_THAT(spec.value().process.env, ElementsAre("A=1"));
  EXPECT_EQ(spec.value().process.user, "7:8");
  ASSERT_EQ(spec.value().mounts.size(), 5U);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(spec.value().mounts[i].settled, i == 3) << i;
  EXPECT_TRUE(spec.value().own_mount_namespace);
  EXPECT_EQ(spec.value().unsigned_name, "img:1");
}

TEST(Spec, TakesNullAndAbsentAsTheRuntimesDo) {
  const Result<Spec> spec =
      Parse(R"({"root": {"path": "/r"}, "process": null, "mounts": null, "linux": {}})");
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_EQ(spec.value().rootfs, "/r");
  EXPECT_EQ(spec.value().process.user, "0:0");
  EXPECT_FALSE(spec.value().own_mount_namespace);
}

TEST(Spec, TellsAMountNamespaceOfItsOwnFromOneThatIsJoined) {
  const std::pair<const char*, bool> cases[] = {
      {R"([{"type": "mount"}])", true},
      {R"([{"type": "mount", "path": ""}])", true},
      {R"([{"type": "mount", "path": "/proc/1/ns/mnt"}])", false},
      {R"([{"type": "mount"}, {"type": "mount", "path": "/proc/1/ns/mnt"}])", false},
      {R"([{"type": "mount"}, {"type": "mount"}])", false},
      {R"([{"type": "pid"}])", false},
      {"[]", false},
      {"null", false},
  };
  for (const auto& [namespaces, own] : cases) {
    const Result<Spec> spec = Parse(WithNamespaces(namespaces));
    ASSERT_TRUE(spec.ok()) << namespaces;
    EXPECT_EQ(spec.value().own_mount_namespace, own) << namespaces;
  }
}

TEST(Spec, RefusesASpellingThatGoWouldTakeForAnother) {
  for (const char* text : {
           R"({"root": {"path": "r"}, "Root": {"path": "x"}})",
           R"({"Root": {"path": "x"}})",
           R"({"root": {"path": "r", "PATH": "x"}})",
           R"({"root": {"path": "r"}, "PROCESS": {}})",
           R"({"root": {"path": "r"}, "proce\u017fs": {}})",
           R"({"root": {"path": "r"}, "Mounts": []})",
           R"({"root": {"path": "r"}, "mounts": [{"Destination": "/"}]})",
           R"({"root": {"path": "r"}, "mounts": [{"destination": "/a", "Type": "bind"}]})",
           R"({"root": {"path": "r"}, "mounts": [{"destination": "/a", "Options": []}]})",
           R"({"root": {"path": "r"}, "Linux": {}})",
           R"({"root": {"path": "r"}, "linux": {"Namespaces": []}})",
           R"({"root": {"path": "r"}, "linux": {"namespaces": [{"Type": "mount"}]}})",
           R"({"root": {"path": "r"}, "linux": {"namespaces": [{"type": "mount", "Path": "/x"}]}})",
           R"({"root": {"path": "r"}, "process": {"Args": []}})",
           R"({"root": {"path": "r"}, "process": {"user": {"UID": 0}}})",
           R"({"root": {"path": "r"}, "Annotations": {}})",
       }) {
    EXPECT_FALSE(Parse(text).ok()) << text;
  }
}

TEST(Spec, RefusesWhatIsNoConfiguration) {
  for (const std::string& text : {
           std::string(""),
           std::string("{"),
           std::string("[]"),
           std::string("null"),
           std::string(R"({"root": {"path": "r"}} trailing)"),
           std::string(R"({"root": {"path": "r"}, "root": {"path": "s"}})"),
           std::string(R"({"root": {}})"),
           std::string(R"({"root": {"path": ""}})"),
           std::string(R"({"root": "r"})"),
           std::string(R"({"root": {"path": 1}})"),
           std::string(R"({"root": {"path": "r\u0000s"}})"),
           std::string(R"({"root": {"path": "r"}, "any": ["x", {"y": "a\\\u0000"}]})"),
           std::string(R"({"root": {"path": "r"}, "mounts": {}})"),
           std::string(R"({"root": {"path": "r"}, "mounts": [{"destination": 1}]})"),
           std::string(R"({"root": {"path": "r"}, "mounts": ["x"]})"),
           std::string(R"({"root": {"path": "r"}, "process": {"user": {"uid": -1}}})"),
           std::string(R"({"root": {"path": "r"}, "process": {"user": {"uid": 4294967295}}})"),
           std::string(R"({"root": {"path": "r"}, "process": {"args": "sh"}})"),
           std::string("{\"root\": {\"path\": \"\xff\"}}"),
           std::string(100, '['),
       }) {
    const Result<Spec> spec = Parse(text);
    ASSERT_FALSE(spec.ok()) << text;
    EXPECT_THAT(spec.error().message, HasSubstr("config.json"));
  }
}

TEST(Spec, TakesABackslashBeforeWhatLooksLikeANul) {
  EXPECT_TRUE(Parse(R"({"root": {"path": "r"}, "any": "a\\u0000 \\\\u0000"})").ok());
}

TEST(Spec, LeavesOutANameThatIsNoReference) {
  const Result<Spec> spec = Parse(R"({"root": {"path": "r"}, "annotations": {)"
                                  R"("io.kubernetes.cri.image-name": ")" +
                                  std::string(2000, 'a') + "\"}}");
  ASSERT_TRUE(spec.ok());
  EXPECT_EQ(spec.value().unsigned_name, "");
}

TEST(Spec, ReadsAProcessOfItsOwn) {
  const Result<Process> process =
      ParseProcess(R"({"args": ["id"], "user": {"uid": 1, "gid": 2}})", "process.json");
  ASSERT_TRUE(process.ok());
  EXPECT_EQ(process.value().user, "1:2");
  for (const char* text : {"", "[]", R"({"args": ["id"], "Args": ["sh"]})", R"({"args": [1]})",
                           R"({"args": [], "args": []})"}) {
    EXPECT_FALSE(ParseProcess(text, "process.json").ok()) << text;
  }
}

TEST(Spec, ResourcesAreOneObject) {
  EXPECT_TRUE(CheckResources(R"({"memory": {"limit": 1}})", "-").ok());
  for (const char* text : {"", "[]", R"({"memory": {}, "memory": {}})", "{} {}"}) {
    EXPECT_FALSE(CheckResources(text, "-").ok()) << text;
  }
}

TEST(CleanPath, IsLexical) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "/"},       {"/", "/"},     {".", "/"},         {"..", "/"},
      {"/..", "/"},    {"/a/..", "/"}, {"/a/../..", "/"},  {"./", "/"},
      {"//", "/"},     {"a", "/a"},    {"/a//b/", "/a/b"}, {"/a/./b/../c", "/a/c"},
      {"/...", "/..."}};
  for (const auto& [path, clean] : cases) EXPECT_EQ(CleanPath(path), clean) << path;
}

}  // namespace
}  // namespace runward
