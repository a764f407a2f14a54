#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vault/commit.h"
#include "vault/key_file.h"
#include "vault/replacement.h"
#include "vault/vault.h"
#include "vault/verify.h"

// The first byte says what the rest is. A whole file (0): nobody without the key makes one that
// says anything but what the key's owner put into it. Nodes, which are sealed here (1): whoever has
// the key cannot make an index that a walk does not leave, or that reads outside of the file. One
// of the format's parts, unsealed (2 to 7): what is accepted is written back as the very same
// bytes. The key is bytes 00 to 1f, the values of corpus/vault's files are all "hunter2".
namespace {

using runward::Appender;
using runward::ByteReader;
using runward::ByteWriter;
using runward::Commit;
using runward::Entry;
using runward::KeySlot;
using runward::LockedBytes;
using runward::MasterKey;
using runward::Node;
using runward::RecordRef;
using runward::Superblock;
using runward::UniqueFd;
using runward::Vault;
using runward::VaultFile;
using runward::VaultHeader;

void Require(bool holds) {
  if (!holds) std::abort();
}

const MasterKey& Key() {
  static const MasterKey key = [] {
    LockedBytes bytes = LockedBytes::Make(MasterKey::kBytes).value();
    for (uint8_t i = 0; i < MasterKey::kBytes; ++i) bytes.data()[i] = i;
    return MasterKey::FromBytes(bytes).value();
  }();
  return key;
}

UniqueFd InMemory() { return UniqueFd(memfd_create("vault", MFD_CLOEXEC)); }

// Reads all there is to read. Whether the vault is whole.
bool Explore(UniqueFd fd, bool sealed_by_others) {
  auto file = VaultFile::From(std::move(fd), "vault", Key());
  if (!file.ok()) return false;
  const Vault vault(std::move(file).value());
  const auto entries = vault.List();
  if (entries.ok()) {
    for (const Entry& entry : entries.value()) {
      const auto value = vault.Read(entry.name, 0, runward::Time{});
      Require(sealed_by_others || !value.ok() || value.value().view() == "hunter2");
    }
  }
  return runward::VerifyVault(vault).ok();
}

void WholeFile(std::string_view bytes) {
  UniqueFd fd = InMemory();
  if (!runward::WriteAt(fd.get(), 0, bytes, "vault").ok()) return;
  (void)Explore(std::move(fd), /*sealed_by_others=*/false);
}

// "L", u8 length, so many bytes: a leaf of that text. "B", 16 numbers: a branch whose children are
// the nodes before of that number, from 1 on, 0 being none. The last node is the root.
std::vector<RecordRef> WriteNodes(ByteReader& from, const runward::VaultId& vault, Appender& to) {
  std::vector<RecordRef> nodes;
  while (from.left() > 0 && nodes.size() < 200) {
    std::string plain;
    if (from.U8() == 'L') {
      plain = from.Raw(std::min<size_t>(from.U8(), from.left()));
    } else {
      Node branch{.leaf = false};
      for (RecordRef& child : branch.children) {
        const size_t number = from.U8();
        if (number > 0 && number <= nodes.size()) child = nodes[number - 1];
      }
      plain = branch.Format();
    }
    nodes.push_back(to.Append(runward::SealNode(Key(), vault, plain)).value());
  }
  return nodes;
}

void SealedNodes(std::string_view bytes) {
  ByteReader from(bytes);
  UniqueFd fd = InMemory();
  VaultHeader header{.created = 1};
  std::string front = header.Format(Key());
  Appender body(fd.get(), runward::kBodyAt, "vault");
  Superblock block{.generation = 1, .time = 1, .entries = from.U8(), .live = from.U8()};
  const std::vector<RecordRef> nodes = WriteNodes(from, header.vault, body);
  if (!nodes.empty()) block.root = nodes.back();
  block.header = header.mac;
  if (!runward::EndCommit(body, Key(), header.vault, {}, block).ok()) return;
  const Superblock other{.end = runward::kBodyAt, .header = header.mac};
  front += other.Format(Key(), header.vault) + block.Format(Key(), header.vault);
  if (!runward::WriteAt(fd.get(), 0, front, "vault").ok()) return;
  const bool whole = Explore(std::move(fd), /*sealed_by_others=*/true);
  Require(!whole || block.root || block.entries == 0);
}

void SameSlot(std::string_view bytes) {
  ByteReader from(bytes);
  const auto slot = KeySlot::Read(from);
  if (!slot.ok()) return;
  ByteWriter to;
  slot.value().Write(to);
  Require(to.bytes() == bytes.substr(0, KeySlot::kBytes));
}

void SameEntry(std::string_view bytes) {
  ByteReader from(bytes);
  const auto entry = Entry::Read(from);
  if (!entry.ok()) return;
  ByteWriter to;
  entry.value().Write(to);
  Require(to.bytes() == bytes.substr(0, bytes.size() - from.left()));
}

// A superblock's MAC is put right first: only who has the key gets to the rest of the reader.
void SameSuperblock(std::string_view bytes) {
  constexpr size_t kMacAt = Superblock::kBytes - sizeof(runward::Mac);
  std::string text(bytes.substr(0, kMacAt));
  text.resize(kMacAt, '\0');
  const std::string id(sizeof(runward::VaultId), '\0');
  const runward::Mac mac = runward::MacOf(Key(), MasterKey::Use::kSuperblock, id + text);
  text.append(reinterpret_cast<const char*>(mac.data()), mac.size());
  const auto block = Superblock::Parse(text, Key(), {});
  if (block.ok()) Require(block.value().Format(Key(), {}) == text);
}

void SameKeyFile(std::string_view bytes) {
  const auto text = LockedBytes::Copy(bytes);
  if (!text.ok()) return;
  const auto key = runward::ParseKeyFile(text.value(), "key");
  if (!key.ok()) return;
  const auto again = runward::FormatKeyFile(key.value());
  Require(again.ok() && again.value().view().starts_with(bytes));
}

void Part(uint8_t kind, std::string_view bytes) {
  if (kind == 2) {
    const auto node = Node::Parse(bytes);
    if (node.ok()) Require(node.value().Format() == bytes);
  } else if (kind == 3) {
    const auto commit = Commit::Parse(bytes);
    if (commit.ok()) Require(commit.value().Format() == bytes);
  } else if (kind == 4) {
    SameSlot(bytes);
  } else if (kind == 5) {
    SameEntry(bytes);
  } else if (kind == 6) {
    SameSuperblock(bytes);
  } else {
    SameKeyFile(bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 8 == 0) {
    WholeFile(bytes);
  } else if (data[0] % 8 == 1) {
    SealedNodes(bytes);
  } else {
    Part(data[0] % 8, bytes);
  }
  return 0;
}
