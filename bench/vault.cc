// What the vault costs by its size: opening it and reading one value, a put, a rotation of ten, at
// 1,000, 10,000 and 100,000 entries. The sizes take turns, so that a machine that slows down slows
// all. Prints medians and ratios to the smallest; it judges nothing.
//
// Usage: bench_vault [DIRECTORY [ROUNDS]]      DIRECTORY (/tmp) decides what a sync costs

#include "vault/vault.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "vault/create.h"
#include "vault/key_slot.h"
#include "vault/writer.h"

namespace runward {
namespace {

constexpr std::array<int64_t, 3> kSizes = {1'000, 10'000, 100'000};

EntryName Name(int64_t number) {
  return EntryName::Parse("bench/n" + std::to_string(number) + "#k").value();
}

struct Filled {
  std::string path;
  int64_t entries = 0;
  int64_t next = 0;  // whose turn it is to change: another one each time

  EntryName Turn() {
    next = (next + 7919) % entries;
    return Name(next);
  }
};

Result<Filled> Fill(const std::string& directory, int64_t entries, const SlotSecret& slot) {
  Filled made{.path = directory + "/vault-" + std::to_string(entries), .entries = entries};
  std::vector<SlotSecret> slots(1);
  slots[0].kind = slot.kind;
  slots[0].secret = TRY(LockedBytes::Copy(slot.secret.view()));
  const MasterKey key = TRY(CreateVault(made.path, slots, Now()));
  VaultWriter writer = TRY(VaultWriter::Open(made.path, key));
  for (int64_t i = 0; i < entries; ++i) {
    (void)TRY(writer.Put(Name(i), "value " + std::to_string(i), {}, Now()));
  }
  (void)TRY(writer.Commit(Now()));
  return made;
}

double Milliseconds(const std::function<Result<void>()>& work) {
  const Time before = Now();
  const Result<void> done = work();
  if (!done.ok()) {
    std::fprintf(stderr, "bench_vault: %s\n", done.error().message.c_str());
    std::exit(1);
  }
  return static_cast<double>(Now().ns - before.ns) / 1e6;
}

Result<void> PutSome(Filled& vault, const MasterKey& key, int count) {
  VaultWriter writer = TRY(VaultWriter::Open(vault.path, key));
  for (int i = 0; i < count; ++i) {
    (void)TRY(writer.Put(vault.Turn(), "another value of the same kind", {}, Now()));
  }
  (void)TRY(writer.Commit(Now()));
  return {};
}

struct Row {
  const char* name;
  std::function<Result<void>(Filled&, const MasterKey&)> work;
  std::array<std::vector<double>, kSizes.size()> taken;
};

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void Print(const Row& row) {
  const double first = Median(row.taken[0]);
  std::printf("%-26s", row.name);
  for (const auto& taken : row.taken) {
    const double median = Median(taken);
    std::printf("  %9.3f ms %5.2f", median, median / first);
  }
  std::printf("\n");
}

std::vector<Row> Rows() {
  std::vector<Row> rows;
  rows.push_back({"open", [](Filled& vault, const MasterKey& key) -> Result<void> {
                    (void)TRY(Vault::Open(vault.path, key));
                    return {};
                  }});
  rows.push_back({"open and read one", [](Filled& vault, const MasterKey& key) -> Result<void> {
                    const Vault open = TRY(Vault::Open(vault.path, key));
                    (void)TRY(open.Read(vault.Turn(), 0, Now()));
                    return {};
                  }});
  rows.push_back({"put or rotate one",
                  [](Filled& vault, const MasterKey& key) { return PutSome(vault, key, 1); }});
  rows.push_back({"put ten at once",
                  [](Filled& vault, const MasterKey& key) { return PutSome(vault, key, 10); }});
  return rows;
}

Result<void> Run(const std::string& directory, int rounds) {
  SlotSecret slot{.kind = SlotKind::kKeyFile};
  slot.secret = TRY(LockedBytes::Copy(std::string(32, 'k')));
  std::vector<Filled> vaults;
  std::vector<MasterKey> keys;
  for (const int64_t size : kSizes) {
    vaults.push_back(TRY(Fill(directory, size, slot)));
    const VaultHeader header = TRY(ReadHeader(vaults.back().path));
    keys.push_back(TRY(UnwrapKey(header.slots[0], slot.secret.view(), header.Preamble())));
  }
  std::vector<Row> rows = Rows();
  for (int round = 0; round < rounds; ++round) {
    for (Row& row : rows) {
      for (size_t at = 0; at < kSizes.size(); ++at) {
        const size_t which = round % 2 == 0 ? at : kSizes.size() - 1 - at;
        row.taken[which].push_back(
            Milliseconds([&] { return row.work(vaults[which], keys[which]); }));
      }
    }
  }
  std::printf("%-26s", "median, ratio to the first");
  for (const int64_t size : kSizes) std::printf("  %18lld", static_cast<long long>(size));
  std::printf("\n");
  for (const Row& row : rows) Print(row);
  return {};
}

}  // namespace
}  // namespace runward

// NOLINTNEXTLINE(bugprone-exception-escape): one ends the benchmark, as it should.
int main(int argc, char** argv) {
  std::string directory = std::string(argc > 1 ? argv[1] : "/tmp") + "/bench-vault.XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) {
    std::perror(directory.c_str());
    return 1;
  }
  const int rounds = argc > 2 ? static_cast<int>(std::strtol(argv[2], nullptr, 10)) : 50;
  const auto done = runward::Run(directory, std::max(rounds, 1));
  std::filesystem::remove_all(directory);
  if (!done.ok()) std::fprintf(stderr, "bench_vault: %s\n", done.error().message.c_str());
  return done.ok() ? 0 : 1;
}
