#include "tools/checkpoint.h"

#include "base/encoding.h"
#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

class CheckpointTest : public ReportFixture {
 protected:
  SigningKey key_ = SigningKey::Generate();
  PublicKey pub_{KeyAlgorithm::kEd25519, key_.public_bytes()};
  Checkpoint checkpoint_{.number = 3,
                         .seq = 12,
                         .head = std::string(64, 'a'),
                         .time = Time{1'795'389'947'825'144'237},
                         .hostname = "ho\"st\x1b",
                         .boot_id = "boot",
                         .prev = std::string(64, 'b')};
};

TEST_F(CheckpointTest, ReadsWhatTheKeySigned) {
  const std::string line = SignCheckpoint(checkpoint_, key_);
  EXPECT_LE(line.size(), kMaxCheckpointBytes);
  const auto read = ReadCheckpoint(line, pub_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().number, 3);
  EXPECT_EQ(read.value().seq, 12);
  EXPECT_EQ(read.value().head, checkpoint_.head);
  EXPECT_EQ(read.value().time, checkpoint_.time);
  EXPECT_EQ(read.value().boot_id, "boot");
  EXPECT_EQ(read.value().prev, checkpoint_.prev);
  EXPECT_EQ(CheckpointLabel(read.value()), "checkpoint 3 of 2026-11-22T23:25:47.825Z");
}

TEST_F(CheckpointTest, NoByteCanBeChanged) {
  const std::string line = SignCheckpoint(checkpoint_, key_);
  for (size_t i = 0; i < line.size(); ++i) {
    for (char with : {'0', '1', ' '}) {
      std::string changed = line;
      changed[i] = with;
      if (changed != line) {
        EXPECT_FALSE(ReadCheckpoint(changed, pub_).ok()) << changed;
      }
    }
    EXPECT_FALSE(ReadCheckpoint(line.substr(0, i), pub_).ok());
  }
}

TEST_F(CheckpointTest, AnotherKeyOrAnotherUseOfTheKeyIsRefused) {
  const PublicKey other{KeyAlgorithm::kEd25519, SigningKey::Generate().public_bytes()};
  const std::string line = SignCheckpoint(checkpoint_, key_);
  EXPECT_FALSE(ReadCheckpoint(line, other).ok());
  // The same text signed without the domain in front: a signature from another place.
  const std::string text = line.substr(0, line.rfind(",\"signature\""));
  const auto ending = [&](const std::string& message) {
    return text + ",\"signature\":\"" + Base64Encode(key_.Sign(message)) + "\"}";
  };
  EXPECT_EQ(ending("runward checkpoint 1\n" + text), line);
  EXPECT_FALSE(ReadCheckpoint(ending(text), pub_).ok());
  EXPECT_FALSE(ReadCheckpoint("", pub_).ok());
  EXPECT_FALSE(ReadCheckpoint(std::string(5000, 'x'), pub_).ok());
}

TEST_F(CheckpointTest, TheKeyLiesBesideThePolicyAndTheCheckpointsBesideTheEvents) {
  const CheckpointPaths paths = CheckpointPathsFor(PathsFor(""));
  EXPECT_EQ(paths.private_key, "/etc/runward/checkpoint.key");
  EXPECT_EQ(paths.public_key, "/etc/runward/checkpoint.pub");
  EXPECT_EQ(paths.log, "/var/log/runward/checkpoints.jsonl");
}

}  // namespace
}  // namespace runward
