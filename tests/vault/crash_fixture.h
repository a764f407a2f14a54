#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "traced_child.h"
#include "vault/slots.h"
#include "vault/verify.h"
#include "vault_fixture.h"

namespace runward {

// What a writer does to a vault, to be interrupted; each thing as often and in such an order that
// appended commits, leaves that become branches, compactions and new headers occur.
struct Job {
  std::string name;
  std::function<Result<void>()> work;
};

// All that a vault says: each version of each name with its state and value, and how many slots.
// Or the error that it gives.
using VaultState = std::map<std::string, std::string>;

class CrashFixture : public VaultFixture {
 protected:
  [[nodiscard]] VaultState State() const {
    const auto state = [&]() -> Result<VaultState> {
      VaultState all;
      (void)TRY(VerifyVault(path_, *key_));
      const Vault vault = TRY(Vault::Open(path_, *key_));
      for (const Entry& entry : TRY(vault.List())) {
        for (const EntryVersion& version : entry.versions) {
          std::string& value = all[entry.name.Text() + "@" + std::to_string(version.version)];
          value = std::to_string(static_cast<int>(version.state));
          if (!version.value) continue;
          std::string read(Vault::SizeOf({entry.name, version}), '\0');
          TRY(vault.ReadFoundInto({entry.name, version},
                                  {reinterpret_cast<uint8_t*>(read.data()), read.size()}));
          value += read;
        }
      }
      for (const KeySlot& slot : vault.file().header().slots) {
        if (slot.kind != SlotKind::kEmpty) all["slots"] += slot.label + ";";
      }
      return all;
    }();
    return state.ok() ? state.value() : VaultState{{"error", state.error().message}};
  }

  // Every kind of change, `rounds` times, and at last one of several megabytes.
  std::vector<Job> Jobs(int rounds) {
    using Self = CrashFixture;
    std::vector<Job> jobs;
    for (int i = 0; i < rounds; ++i) {
      const std::string n = std::to_string(i);
      jobs.push_back({"put", [=, this] { return One(&Self::PutOne, "new/n" + n + "#k"); }});
      jobs.push_back({"rotate", [=, this] { return One(&Self::PutOne, "a#k"); }});
      jobs.push_back({"rotate ten", [=, this] { return One(&Self::PutTen, "ten/n"); }});
      jobs.push_back({"remove", [=, this] { return One(&Self::RemoveOne, "a#k"); }});
      jobs.push_back({"restore", [=, this] { return One(&Self::RestoreOne, "a#k"); }});
      jobs.push_back({"add a slot", [=, this] { return Slot("s" + n); }});
      jobs.push_back({"remove a slot", [=, this] { return RemoveSlot(path_, *key_, 2, now_); }});
      jobs.push_back({"destroy", [=, this] { return One(&Self::DestroyOne, "new/n" + n + "#k"); }});
    }
    jobs.push_back({"put much", [=, this] { return One(&Self::PutMuch, "much#k"); }});
    jobs.push_back({"destroy much", [=, this] { return One(&Self::DestroyOne, "much#k"); }});
    return jobs;
  }

 private:
  using Change = Result<void> (CrashFixture::*)(VaultWriter&, const std::string&);

  Result<void> One(Change change, const std::string& name) {
    VaultWriter writer = TRY(VaultWriter::Open(path_, *key_));
    TRY((this->*change)(writer, name));
    (void)TRY(writer.Commit(now_));
    return {};
  }
  Result<void> PutOne(VaultWriter& writer, const std::string& name) {
    (void)TRY(writer.Put(Name(name), "a value of some bytes", {.keep = 3}, now_));
    return {};
  }
  Result<void> PutTen(VaultWriter& writer, const std::string& name) {
    for (int i = 0; i < 10; ++i) TRY(PutOne(writer, name + std::to_string(i) + "#k"));
    return {};
  }
  // More than is kept back before it is written: several writes.
  Result<void> PutMuch(VaultWriter& writer, const std::string& name) {
    const std::string large(kMaxValueBytes, 'v');
    (void)TRY(writer.Put(Name(name), large, {}, now_));
    (void)TRY(writer.Put(Name("large#k"), large, {.keep = 1}, now_));
    return {};
  }
  Result<void> RemoveOne(VaultWriter& writer, const std::string& name) {
    return writer.Remove(Name(name), 0);
  }
  Result<void> RestoreOne(VaultWriter& writer, const std::string& name) {
    return writer.Restore(Name(name), 0);
  }
  Result<void> DestroyOne(VaultWriter& writer, const std::string& name) {
    return writer.Destroy(Name(name), 0);
  }
  Result<void> Slot(const std::string& label) {
    (void)TRY(AddSlot(path_, *key_, KeySlotSecret(kSlotBytes, SlotKind::kKeyFile, label), now_));
    return {};
  }
};

}  // namespace runward
