#include "peers/peer_entry.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "oci/record.h"

namespace runward {
namespace {

class PeerEntryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "peersXXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    paths_ = PathsFor(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  static PeerEntry Entry(char letter, pid_t pid) {
    PeerEntry entry;
    entry.key = std::string(64, letter);
    entry.pid = pid;
    entry.start = StartTimeOf(pid);
    return entry;
  }

  std::string directory_;
  Paths paths_;
};

TEST_F(PeerEntryTest, ComesBackAsItWasWritten) {
  PeerEntry entry = Entry('a', getpid());
  entry.profile = "web";
  entry.image = "r.example/\"web\":1";
  entry.vouched = entry.alone = true;
  entry.space = 4026531840;
  entry.group = "/pods/\"x\"";
  entry.own = {*ParseAddress("10.0.0.1")};
  entry.seen = {*ParseAddress("10.0.0.1"), *ParseAddress("fd00::1")};
  entry.rules = {{"e0_peer4", "e0_peer6", true, {{.image = false, .pattern = "db"}}},
                 {"i1_peer4", "i1_peer6", false, {{.image = true, .pattern = "r/*"}}}};
  entry.filled = "x";
  const UniqueFd lock = std::move(LockPeers(paths_, 0)).value();
  ASSERT_TRUE(WritePeerEntry(paths_, entry).ok());
  const auto read = ReadPeerEntry(paths_, entry.key);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(FormatPeerEntry(read.value()), FormatPeerEntry(entry));
  EXPECT_EQ(read.value().rules, entry.rules);
  EXPECT_EQ(read.value().own, entry.own);
}

TEST_F(PeerEntryTest, ThatOfAnEndedProcessGoesAlsoWhileItWaitsForItsParent) {
  const UniqueFd lock = std::move(LockPeers(paths_, 0)).value();
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  ASSERT_TRUE(WritePeerEntry(paths_, Entry('a', getpid())).ok());
  ASSERT_TRUE(WritePeerEntry(paths_, Entry('b', child)).ok());
  bool ended = false;
  EXPECT_EQ(ReadPeerEntries(paths_, &ended).value().size(), 2U);
  EXPECT_FALSE(ended);
  kill(child, SIGKILL);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  const auto left = ReadPeerEntries(paths_, &ended);
  ASSERT_TRUE(left.ok());
  ASSERT_EQ(left.value().size(), 1U);
  EXPECT_EQ(left.value()[0].key[0], 'a');
  EXPECT_TRUE(ended);
  EXPECT_FALSE(std::filesystem::exists(PeerDirectory(paths_) + "/" + std::string(64, 'b')));
  waitpid(child, nullptr, 0);
}

TEST_F(PeerEntryTest, AnOlderOneIsReadAndSharesItsNetworkWithNobodyKnown) {
  const auto old = ParsePeerEntry(
      R"({"pid":1,"start":2,"profile":"p","image":"","vouched":true,"alone":true,"own":[],)"
      R"("seen":[],"filled":"","rules":[]})",
      "k");
  ASSERT_TRUE(old.ok()) << old.error().message;
  EXPECT_EQ(old.value().space, 0U);
  EXPECT_EQ(old.value().group, "");
}

TEST_F(PeerEntryTest, OfAnotherProcessWithTheSameNumberItIsNone) {
  const UniqueFd lock = std::move(LockPeers(paths_, 0)).value();
  PeerEntry entry = Entry('a', getpid());
  entry.start += 1;
  ASSERT_TRUE(WritePeerEntry(paths_, entry).ok());
  EXPECT_TRUE(ReadPeerEntries(paths_).value().empty());
}

TEST_F(PeerEntryTest, NoLinksOrHostsAddressIsItsOwn) {
  std::vector<Address> all;
  for (const char* text : {"fe80::1", "169.254.169.254", "127.0.0.9", "10.0.0.2", "fd00::2",
                           "0.0.0.0", "224.0.0.1", "fd00:ec2::254"}) {
    all.push_back(*ParseAddress(text));
  }
  EXPECT_EQ(OwnAddresses(all),
            (std::vector<Address>{*ParseAddress("10.0.0.2"), *ParseAddress("fd00::2")}));
}

TEST_F(PeerEntryTest, WhatItLosesIsNeverItsOwnAgainAndWhatItGetsNeither) {
  const Address first = *ParseAddress("10.0.0.2");
  const Address second = *ParseAddress("10.0.0.3");
  PeerEntry entry;
  entry.own = entry.seen = {first};
  EXPECT_FALSE(NoteAddresses({first}, entry));
  EXPECT_TRUE(NoteAddresses({second}, entry));
  EXPECT_TRUE(entry.own.empty());
  EXPECT_EQ(entry.seen, (std::vector<Address>{first, second}));
  EXPECT_FALSE(NoteAddresses({first, second}, entry));
  EXPECT_TRUE(entry.own.empty());
}

TEST_F(PeerEntryTest, OneThatTakesAddressAfterAddressHasNoneOfItsOwnAndFillsNothing) {
  const Address first = *ParseAddress("10.0.0.2");
  PeerEntry entry = Entry('a', getpid());
  entry.own = entry.seen = {first};
  std::vector<Address> now = {first};
  for (int i = 0; i < 5000; ++i) {
    now.push_back(*ParseAddress("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250)));
  }
  EXPECT_TRUE(NoteAddresses(now, entry));
  EXPECT_TRUE(entry.own.empty());
  EXPECT_EQ(entry.seen.size(), kMostSeen);
  EXPECT_FALSE(NoteAddresses(now, entry));
  const UniqueFd lock = std::move(LockPeers(paths_, 0)).value();
  ASSERT_TRUE(WritePeerEntry(paths_, entry).ok());
  EXPECT_TRUE(ReadPeerEntries(paths_).ok());
}

TEST_F(PeerEntryTest, ADamagedOneIsAnErrorAndNoLessPeer) {
  const UniqueFd lock = std::move(LockPeers(paths_, 0)).value();
  const std::string good = FormatPeerEntry(Entry('a', getpid()));
  const std::string path = PeerDirectory(paths_) + "/" + std::string(64, 'a');
  for (std::string bad : {std::string("{}"), good.substr(0, good.size() / 2),
                          std::string(good).replace(good.find("\"own\":[]"), 8, "\"own\":[1]")}) {
    ASSERT_TRUE(WriteFileAtomic(path, bad, 0600, false).ok());
    EXPECT_FALSE(ReadPeerEntries(paths_).ok()) << bad;
  }
}

TEST_F(PeerEntryTest, IsLockedForOneAtATime) {
  {
    const auto first = LockPeers(paths_, 0);
    ASSERT_TRUE(first.ok()) << first.error().message;
    EXPECT_FALSE(LockPeers(paths_, 20).ok());
  }
  EXPECT_TRUE(LockPeers(paths_, 0).ok());
}

}  // namespace
}  // namespace runward
