#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "vault/create.h"
#include "vault/vault.h"
#include "vault/writer.h"

namespace runward {

inline std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void WriteAll(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

inline SlotSecret KeySlotSecret(const std::string& bytes, SlotKind kind = SlotKind::kKeyFile,
                                const std::string& label = "") {
  SlotSecret secret{.kind = kind, .label = label, .cost = {.operations = 1, .memory = 8192}};
  secret.secret = LockedBytes::Copy(bytes).value();
  return secret;
}

inline const std::string kSlotBytes(32, 'k');

// An empty vault in a directory of its own, opened by kSlotBytes; "test" is its passphrase.
class VaultFixture : public testing::Test {
 protected:
  VaultFixture() {
    // In memory where it can be: thousands of times a sync of a disk would tell nothing more.
    const char* const shared = "/dev/shm/";
    std::string name = access(shared, W_OK) == 0 ? shared : testing::TempDir();
    name += "vault.XXXXXX";
    directory_ = mkdtemp(name.data());
    path_ = directory_ + "/vault";
    std::vector<SlotSecret> slots;
    slots.push_back(KeySlotSecret(kSlotBytes));
    slots.push_back(KeySlotSecret("test", SlotKind::kPassphrase));
    key_.emplace(CreateVault(path_, slots, now_).value());
  }
  ~VaultFixture() override { std::filesystem::remove_all(directory_); }

  static EntryName Name(std::string_view text) { return EntryName::Parse(text).value(); }

  Result<uint32_t> Put(std::string_view name, std::string_view value, PutOptions options = {}) {
    VaultWriter writer = TRY(VaultWriter::Open(path_, *key_));
    const uint32_t version = TRY(writer.Put(Name(name), value, options, now_));
    TRY(writer.Commit(now_));
    return version;
  }
  // The value, or "error: …".
  std::string Get(std::string_view name, uint32_t version = 0) {
    const Result<Vault> vault = Vault::Open(path_, *key_);
    if (!vault.ok()) return "error: " + vault.error().message;
    const Result<SecretValue> value = vault.value().Read(Name(name), version, now_);
    return value.ok() ? std::string(value.value().view()) : "error: " + value.error().message;
  }

  std::string directory_;
  std::string path_;
  Time now_{1'800'000'000'000'000'000};
  std::optional<MasterKey> key_;
};

}  // namespace runward
