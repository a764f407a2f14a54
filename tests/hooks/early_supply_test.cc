#include "hooks/early_supply.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace runward {
namespace {

const std::string kKey(64, 'a');

bool Supplied(std::vector<const char*> args) {
  args.insert(args.begin(), "runward-hook");
  args.push_back(nullptr);
  return SupplyEarly(args.data());
}

// What it does is done to containers: tests/e2e/test_secrets*.py.
TEST(SupplyEarly, LeavesWhatIsMoreThanSecretsAndItsStateAlone) {
  const char* key = kKey.c_str();
  const std::string shorter = kKey.substr(1);
  const std::string other = shorter + "/";
  const std::string deep = "--runward-root=/" + std::string(200, 'x');
  const std::vector<std::vector<const char*>> calls = {
      {},
      {"decide"},
      {"--user", "supply", key, "enforce"},
      {"--runward-root=", "supply", key, "enforce"},
      {deep.c_str(), "supply", key, "enforce"},
      {"supply"},
      {"supply", shorter.c_str(), "enforce"},
      {"supply", other.c_str(), "enforce"},
      {"supply", key, "enforce", "register", key, "enforce", "lsm"},
      {"network", key, "enforce", "supply", key, "enforce"},
      {"check-root", "/r", "1", "x", "supply", key, "enforce"},
      {"check-root", "/r", "1", "2"},
      {"check-root"},
  };
  for (const auto& call : calls) EXPECT_FALSE(Supplied(call)) << call.size();
  EXPECT_TRUE(StateReadEarly().empty());
}

}  // namespace
}  // namespace runward
