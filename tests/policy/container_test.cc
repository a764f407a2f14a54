#include "policy/container.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(Container, TellsItsOwnNamespaceFromAJoinedOneAndTheHosts) {
  ContainerConfig config;
  config.namespaces = {{"pid", ""},
                       {"network", "/proc/7/ns/net"},
                       {"ipc", ""},
                       {"ipc", "/proc/1/ns/ipc"},
                       {"ipc", ""}};
  EXPECT_EQ(UseOf(config, "pid"), NamespaceUse::kOwn);
  EXPECT_EQ(UseOf(config, "network"), NamespaceUse::kJoined);
  EXPECT_EQ(UseOf(config, "ipc"), NamespaceUse::kJoined);
  EXPECT_EQ(UseOf(config, "uts"), NamespaceUse::kHost);
}

TEST(IsRecursive, ForEachRuntimeThatThereIs) {
  for (const char* word : {"rbind", "rprivate", "rshared", "rslave", "runbindable"}) {
    EXPECT_TRUE(IsRecursive({.options = {"bind", word}})) << word;
  }
  EXPECT_FALSE(IsRecursive({.options = {"bind", "private", "ro", "rro", "slave"}}));
}

}  // namespace
}  // namespace runward
