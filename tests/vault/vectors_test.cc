#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "base/encoding.h"
#include "vault/header.h"
#include "vault/node.h"
#include "vault/record.h"
#include "vault/superblock.h"
#include "vault/verify.h"
#include "vault_fixture.h"

namespace runward {
namespace {

// The table of docs/formats.md: what other implementations may hold themselves against.
std::string Count(size_t size, int from) {
  std::string bytes(size, '\0');
  std::iota(bytes.begin(), bytes.end(), static_cast<char>(from));
  return bytes;
}

std::string Hex(const uint8_t* bytes, size_t size) {
  return HexEncode({reinterpret_cast<const char*>(bytes), size});
}

void ExpectDocumented(const std::string& what, const std::string& hex) {
  static const std::string page = ReadAll(RUNWARD_SOURCE_DIR "/docs/formats.md");
  EXPECT_THAT(page, testing::HasSubstr("| " + what + " | `" + hex + "` |"));
}

const MasterKey& Key() {
  static const MasterKey key =
      MasterKey::FromBytes(LockedBytes::Copy(Count(32, 0)).value()).value();
  return key;
}

VaultId Id() {
  VaultId id{};
  std::iota(id.begin(), id.end(), uint8_t{0xa0});
  return id;
}

TEST(Vectors, Keys) {
  ExpectDocumented("key 1", Hex(Key().Derived(MasterKey::Use::kHeader), 32));
  ExpectDocumented("key 4", Hex(Key().Derived(MasterKey::Use::kValue), 32));
  ExpectDocumented("key 5", Hex(Key().Derived(MasterKey::Use::kName), 32));
}

TEST(Vectors, NameHash) {
  ExpectDocumented("hash of `web/db#password`",
                   Hex(HashName(Key(), {"web/db", "password"}).data(), 16));
}

TEST(Vectors, ValueRecord) {
  const std::string record =
      SealValueWith(Key(), Id(), {{"web/db", "password"}, 3, 1'800'000'000'000'000'000}, "hunter2",
                    Count(24, 0x40));
  ExpectDocumented(
      "value `hunter2` of `web/db#password`, version 3, created "
      "1800000000000000000, nonce 40 41 … 57",
      HexEncode(record));
}

TEST(Vectors, HeaderAndSuperblockMacs) {
  VaultHeader header{.vault = Id(), .created = 1};
  const std::string page = header.Format(Key());
  ExpectDocumented("MAC of a header made at 1, no slots", HexEncode(page.substr(4064)));
  const Superblock block{.generation = 1, .end = kBodyAt, .time = 1, .header = header.mac};
  ExpectDocumented(
      "MAC of an empty superblock of that header: generation 1, end 5120, time 1, zeros",
      HexEncode(block.Format(Key(), Id()).substr(480)));
}

// A whole file, as format 1 is and stays: what was written once is read by every later version.
class WholeFile : public VaultFixture {
 protected:
  WholeFile() {
    WriteAll(path_, ReadAll(RUNWARD_SOURCE_DIR "/tests/fuzz/corpus/vault/versions").substr(1));
    header_ = VaultHeader::Parse(ReadAll(path_), path_).value();
  }
  Result<MasterKey> Unwrap(size_t slot, const std::string& secret) {
    return UnwrapKey(header_.slots[slot], secret, header_.Preamble());
  }
  VaultHeader header_;
};

TEST_F(WholeFile, OpensByEachOfItsSlots) {
  EXPECT_EQ(Unwrap(0, "correct horse").value().bytes(), Key().bytes());
  EXPECT_EQ(Unwrap(1, Count(32, 0x20)).value().bytes(), Key().bytes());
  EXPECT_EQ(Unwrap(2, Count(32, 0x40)).value().bytes(), Key().bytes());
  EXPECT_FALSE(Unwrap(0, "correct house").ok());
}

TEST_F(WholeFile, HoldsWhatItHeld) {
  const VaultReport report = VerifyVault(path_, Key()).value();
  EXPECT_EQ(report.generation, 5U);
  EXPECT_EQ(report.entries, 2U);
  const Vault vault = Vault::Open(path_, Key()).value();
  EXPECT_EQ(vault.Read(Name("web/db#password"), 2, Time{1}).value().view(), "hunter2");
  EXPECT_EQ(vault.Look(Name("web/db#password")).value().labels.at("team"), "blue");
  EXPECT_THAT(vault.Read(Name("web/db#password"), 1, Time{1}).error().message,
              testing::HasSubstr("was removed"));
}

}  // namespace
}  // namespace runward
