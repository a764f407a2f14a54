#include "vault/record.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "vault/node.h"

namespace runward {
namespace {

const MasterKey& Key() {
  static const MasterKey key = MasterKey::Generate().value();
  return key;
}
constexpr VaultId kVault = {1, 2, 3};

ValueBinding Binding() { return {{"web/db", "password"}, 3, 1000}; }

Result<std::string> OpenValue(const VaultId& vault, const ValueBinding& binding,
                              std::string_view record) {
  std::string value(record.size() - std::min(record.size(), kRecordOverhead), '\0');
  TRY(OpenValueInto(Key(), vault, binding, record,
                    {reinterpret_cast<uint8_t*>(value.data()), value.size()}));
  return value;
}

TEST(Record, OpensAsItWasSealed) {
  const std::string record = SealValue(Key(), kVault, Binding(), "value");
  EXPECT_EQ(record.size(), kRecordOverhead + 5);
  EXPECT_EQ(OpenValue(kVault, Binding(), record).value(), "value");
  EXPECT_EQ(OpenNode(Key(), kVault, SealNode(Key(), kVault, "node")).value(), "node");
  EXPECT_NE(record, SealValue(Key(), kVault, Binding(), "value"));  // another nonce
}

// A value moved to another vault, name, version or time, or called something else, does not open.
TEST(Record, IsBoundToWhatItIs) {
  const std::string record = SealValue(Key(), kVault, Binding(), "value");
  const auto opens = [&](const VaultId& vault, const ValueBinding& binding) {
    return OpenValue(vault, binding, record).ok();
  };
  EXPECT_TRUE(opens(kVault, Binding()));
  EXPECT_FALSE(opens({1, 2, 4}, Binding()));
  EXPECT_FALSE(opens(kVault, {{"web/d", "bpassword"}, 3, 1000}));
  EXPECT_FALSE(opens(kVault, {{"web/db", "Password"}, 3, 1000}));
  EXPECT_FALSE(opens(kVault, {{"web/db", "password"}, 4, 1000}));
  EXPECT_FALSE(opens(kVault, {{"web/db", "password"}, 3, 1001}));
  EXPECT_FALSE(OpenNode(Key(), kVault, record).ok());
  EXPECT_FALSE(OpenCommit(Key(), kVault, SealNode(Key(), kVault, "node")).ok());
  EXPECT_FALSE(OpenNode(Key(), kVault, SealCommit(Key(), kVault, "commit")).ok());
}

TEST(Record, EveryByteCounts) {
  const std::string record = SealValue(Key(), kVault, Binding(), "value");
  for (size_t at = 0; at < record.size(); ++at) {
    std::string changed = record;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(OpenValue(kVault, Binding(), changed).ok()) << at;
    EXPECT_FALSE(OpenValue(kVault, Binding(), record.substr(0, at)).ok()) << at;
  }
}

TEST(RecordRef, NamesOneRecord) {
  const std::string record = SealNode(Key(), kVault, "node");
  const RecordRef ref = RefTo(record, 77);
  ByteWriter to;
  ref.Write(to);
  EXPECT_EQ(to.bytes().size(), RecordRef::kBytes);
  ByteReader from(to.bytes());
  EXPECT_EQ(RecordRef::Read(from), ref);
  EXPECT_TRUE(Matches(ref, record));
  EXPECT_FALSE(Matches(ref, SealNode(Key(), kVault, "node")));
  EXPECT_FALSE(Matches(ref, record + "x"));
  EXPECT_FALSE(Matches(ref, ""));
}

}  // namespace
}  // namespace runward
