#include <filesystem>

#include "tools/signing_key.h"
#include "tools/verdict.h"

namespace runward {

int VerdictKeygen(const CommandLine& line) {
  constexpr std::string_view kWords = "verdict keygen";
  const Result<Options> options = Options::Parse(line.args, {{"--out", true}});
  if (!options.ok()) return PrintUsage(kWords, options.error());
  if (!options.value().words().empty()) {
    return PrintUsage(kWords, {"keygen takes no words", "name the files with --out NAME"});
  }
  const std::string name = options.value().Last("--out", "verdict");
  const std::string secret = name + ".key";
  const std::string open = name + ".pub";
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(open, error))) {
    return PrintError({"create \"" + open + "\": it exists, and a key is never overwritten",
                       "choose another name with --out NAME, or move it away"});
  }
  const SigningKey key = SigningKey::Generate();
  const Result<void> written = WriteKeyPair(key, secret, open);
  if (!written.ok()) return PrintError(written.error());
  const std::string label = std::filesystem::path(name).filename();
  const std::string absolute = std::filesystem::absolute(open, error).lexically_normal();
  Print("private key  " + secret + "   stays with whoever signs; mode 0600\n" + "public key   " +
        open + "   goes to the nodes\n" + "fingerprint  " +
        KeyFingerprint({KeyAlgorithm::kEd25519, key.public_bytes()}) +
        "\n\nTo trust it, add to \"trust\" in " + line.paths.policy + ":\n  { \"name\": \"" +
        label + "\", \"key\": \"" + absolute + "\", \"images\": [\"NAMES IT MAY VOUCH FOR\"] }\n");
  return Finish(kExitDone);
}

}  // namespace runward
