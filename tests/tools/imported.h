#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tools/secret_import.h"

namespace runward {

// Names and values, or {"error": …}.
inline std::map<std::string, std::string> Shown(const Result<Imported>& imported) {
  std::map<std::string, std::string> shown;
  if (!imported.ok()) return {{"error", imported.error().message}};
  for (const ImportedSecret& secret : imported.value()) {
    shown[secret.name.Text()] = secret.value.view();
  }
  return shown;
}

using Pairs = std::map<std::string, std::string>;

inline void ExpectError(const Result<Imported>& imported, const std::string& part) {
  ASSERT_FALSE(imported.ok()) << part;
  EXPECT_THAT(imported.error().message, testing::HasSubstr(part));
}

}  // namespace runward
