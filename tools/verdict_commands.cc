#include <unistd.h>

#include <array>

#include "base/file.h"
#include "tools/verdict.h"

namespace runward {
namespace {

constexpr std::array<Command, 12> kCommands = {{
    {"verdict add", "verdict add FILE|-",
     "check signed verdicts against the policy's keys and put them into the store", VerdictAdd},
    {"verdict diff", "verdict diff DIGEST|FILE DIGEST|FILE [--json]",
     "show what two verdicts say differently, and their reports", VerdictDiff},
    {"verdict evaluate",
     "verdict evaluate REPORT|DIRECTORY|-... [--image IMAGE] [--name NAME] [--config DIGEST] "
     "[--manifest DIGEST] [--chain DIGEST] [--diff-id DIGEST]... [--policy FILE] [--vex FILE]... "
     "[--ignore FILE]... [--scanned CLASSES] [--database-time TIME] [--exploited FILE] [--verify] "
     "[--format text|json|sarif|junit|gitlab|github|markdown[=FILE]]... [--jobs N] [--sign KEY] "
     "[--expires 7d|TIME] [--verifier URI] [--docker-root DIR] [--containers-root DIR] "
     "[--out FILE] [--add]",
     "judge scanners' reports by the policy, and sign what comes out", VerdictEvaluate},
    {"verdict keygen", "verdict keygen [--out NAME]",
     "make a key pair for signing: NAME.key and NAME.pub", VerdictKeygen},
    {"verdict list", "verdict list [--json]", "list the verdicts of the store", VerdictList},
    {"verdict pull",
     "verdict pull IMAGE...|--all-local [--auth-file FILE] [--plain-http HOST]... [--ca FILE] "
     "[--timeout 30s] [--docker-root DIR] [--containers-root DIR] [--containerd-root DIR] "
     "[--quiet]",
     "get verdicts from images' registries, check them and put them into the store", VerdictPull},
    {"verdict push",
     "verdict push IMAGE [FILE|-]... [--auth-file FILE] [--plain-http HOST]... [--ca FILE] "
     "[--timeout 30s]",
     "put verdicts beside their image into its registry", VerdictPush},
    {"verdict refresh",
     "verdict refresh [--policy FILE] [--vex FILE]... [--ignore FILE]... [--exploited FILE] "
     "[--sign KEY] [--expires 7d|TIME] [--verifier URI] [--jobs N] [--json]",
     "evaluate the store's reports again, show what changes, and sign it anew", VerdictRefresh},
    {"verdict revoke",
     "verdict revoke DIGEST --key FILE --reason TEXT [--payload SHA256]... [--out FILE]",
     "sign a revocation of an image's verdicts and put it into the store", VerdictRevoke},
    {"verdict show", "verdict show DIGEST|FILE|- [--json]",
     "show what verdicts say, and who signed them", VerdictShow},
    {"verdict sign",
     "verdict sign --key FILE --result PASSED|WARN|FAILED [--image IMAGE] [--name NAME] "
     "[--config DIGEST] [--manifest DIGEST] [--chain DIGEST] [--diff-id DIGEST]... "
     "[--expires 7d|TIME] [--time TIME] [--verifier URI] [--reason TEXT]... "
     "[--docker-root DIR] [--containers-root DIR] [--out FILE] [--add]",
     "sign a verdict about an image", VerdictSign},
    {"verdict verify", "verdict verify FILE|- [--key FILE] [--image DIGEST]",
     "check a verdict's signature, freshness and image", VerdictVerify},
}};

}  // namespace

std::span<const Command> VerdictCommands() { return kCommands; }

Result<std::string> ReadVerdictInput(const std::string& file) {
  if (file == "-") return ReadFdCapped(STDIN_FILENO, kMaxEnvelopeBytes, "the standard input");
  return ReadFileCapped(file, kMaxEnvelopeBytes, Trust::kAnyone);
}

std::string Program(const Paths& paths) {
  return "runwardctl " + (paths.root_flag.empty() ? "" : paths.root_flag + " ");
}

std::string_view ResultName(VerdictResult result) {
  switch (result) {
    case VerdictResult::kPassed:
      return "PASSED";
    case VerdictResult::kWarned:
      return "WARN";
    case VerdictResult::kFailed:
      return "FAILED";
    case VerdictResult::kRevoked:
      return "REVOKED";
  }
  return "";
}

std::optional<Digest> ParseDigestArgument(std::string_view text) {
  const std::optional<Digest> digest = Digest::Parse(text);
  return digest ? digest : Digest::FromHex(text);
}

}  // namespace runward
