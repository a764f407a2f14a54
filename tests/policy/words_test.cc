#include "policy/words.h"

#include <gtest/gtest.h>

#include "policy/nearest.h"

namespace runward {
namespace {

TEST(Words, AreKnownByTheirShape) {
  const std::pair<Shape, std::vector<const char*>> good[] = {
      {Shape::kAccount, {"non-root", "0", "7-9", "app", "www-data"}},
      {Shape::kCapability, {"KILL", "CAP_NET_ADMIN", "cap_bpf"}},
      {Shape::kDevice, {"/dev/fuse", "/dev/net/tun", "/dev/nvidia*"}},
      {Shape::kHostPath, {"/", "/srv", "/srv/a b"}},
      {Shape::kMountRule, {"/", "/srv", "@host", "@bpf"}},
      {Shape::kSyscall, {"ptrace", "@mount", "_llseek"}},
  };
  for (const auto& [shape, words] : good) {
    EXPECT_TRUE(IsWordShape(shape));
    for (const char* word : words) EXPECT_TRUE(IsWord(shape, word)) << word;
  }
}

TEST(Words, AreRefusedWhenTheyMeanNothing) {
  const std::pair<Shape, std::vector<const char*>> bad[] = {
      {Shape::kAccount, {"", "9-7", "a b", "-1"}},
      {Shape::kCapability, {"", "21", "CAP_21", "ALL", "CAP_CAP_KILL"}},
      {Shape::kDevice, {"", "/dev", "/dev/", "/dev/../etc", "/etc/x", "dev/x"}},
      {Shape::kHostPath, {"", "srv", "/srv/", "/a//b", "/a/./b", "/a/../b", "/a*", "@host"}},
      {Shape::kMountRule, {"", "@", "@Host", "@hosts", "/a*"}},
      {Shape::kSyscall, {"", "Ptrace", "@mounts", "101"}},
      {Shape::kText, {"anything"}},
  };
  for (const auto& [shape, words] : bad) {
    for (const char* word : words) EXPECT_FALSE(IsWord(shape, word)) << word;
  }
  EXPECT_FALSE(IsWordShape(Shape::kText));
}

TEST(Words, OfAVocabularyAreAllWordsOfIt) {
  for (const Shape shape : {Shape::kCapability, Shape::kMountRule, Shape::kSyscall}) {
    EXPECT_FALSE(KnownWords(shape).empty());
    EXPECT_FALSE(WantedWord(shape).empty());
    for (std::string_view word : KnownWords(shape)) EXPECT_TRUE(IsWord(shape, word)) << word;
  }
  EXPECT_EQ(NearestName("prtace", KnownWords(Shape::kSyscall)), "ptrace");
  EXPECT_TRUE(KnownWords(Shape::kAccount).empty());
}

}  // namespace
}  // namespace runward
