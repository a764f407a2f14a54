#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "policy/policy.h"

namespace runward::test {

// A key directory in memory: "ci.pub" is a good Ed25519 key, all else is not there.
class MemoryKeys : public KeySource {
 public:
  Result<std::string> ReadKey(std::string_view name) override {
    if (name == "ci.pub") {
      return std::string(
          "-----BEGIN PUBLIC KEY-----\n"
          "MCowBQYDK2VwAyEArnTSqRcKczuiPzslZrEppify4bGlW9lNrSvADoMZcFs=\n"
          "-----END PUBLIC KEY-----\n");
    }
    if (name == "torn.pub") return std::string("-----BEGIN PUBLIC KEY-----\nMCow");
    return Error{"there is no such key", ""};
  }
};

// "sha256:" and 64 times the digit.
inline std::string DigestText(char digit) { return "sha256:" + std::string(64, digit); }
inline Digest DigestOf(char digit) { return *Digest::Parse(DigestText(digit)); }

// The policy of the text, in which every @ followed by a digit stands for the digest of that digit.
inline Policy PolicyOf(std::string_view text) {
  std::string expanded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '@' && i + 1 < text.size()) {
      expanded += DigestText(text[++i]);
    } else {
      expanded += text[i];
    }
  }
  MemoryKeys keys;
  auto policy = ParsePolicy(expanded, "policy.json", keys);
  if (!policy.ok()) {
    ADD_FAILURE() << policy.error().message;
    return {};
  }
  return std::move(policy).value();
}

// The policy with these profiles and one key.
inline Policy PolicyWith(const std::string& profiles, const std::string& more = "") {
  return PolicyOf(R"({"version": 1, "trust": [{"name": "ci", "key": "ci.pub", "images": ["*"]}],)" +
                  more + R"("profiles": [)" + profiles + "]}");
}

}  // namespace runward::test
