#include "base/file.h"
#include "oci/load.h"
#include "oci/verdict_store.h"
#include "tools/verdict.h"
#include "tools/verdict_view.h"

namespace runward {
namespace {

// A digest is looked up in the store; anything else is a file.
Result<std::string> ReadWanted(const Paths& paths, const std::string& wanted) {
  const std::optional<Digest> digest = ParseDigestArgument(wanted);
  if (!digest && wanted.starts_with("sha256:")) {
    return Error{"\"" + wanted + "\" is not a digest", "sha256: and 64 lower-case hex digits"};
  }
  if (!digest) return ReadVerdictInput(wanted);
  std::string text = TRY(ReadVerdictFile(paths, *digest));
  if (!text.empty()) return text;
  return Error{"no verdict about " + digest->text() + " in \"" + paths.verdicts + "\"",
               Program(paths) + "verdict list shows what there is"};
}

// One statement a line, its signed bytes as they are; a line break within them only spaces JSON.
void PrintPayload(const VerdictView& view) {
  std::string line = view.payload;
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  Print(line + "\n");
}

}  // namespace

int VerdictShow(const CommandLine& line) {
  constexpr std::string_view kWords = "verdict show";
  const Result<Options> options = Options::Parse(line.args, {{"--json", false}});
  if (!options.ok()) return PrintUsage(kWords, options.error());
  if (options.value().words().size() != 1) {
    return PrintUsage(kWords, {"show takes one digest or file", ""});
  }
  const Result<std::string> text = ReadWanted(line.paths, options.value().words().front());
  if (!text.ok()) return PrintError(text.error());
  const Result<Policy> policy = LoadPolicy(line.paths);
  if (!policy.ok()) {
    PrintError({"no key is known as trusted: " + policy.error().message, policy.error().hint});
  }
  const std::vector<TrustedKey> none;
  const std::vector<TrustedKey>& trust = policy.ok() ? policy.value().trust : none;
  int code = kExitDone;
  for (std::string_view envelope : SplitEnvelopes(text.value())) {
    const VerdictView view = ViewOf(envelope, trust);
    if (!view.claimed) code = kExitNo;
    if (!options.value().Has("--json")) {
      Print(Describe(view, Now()));
    } else if (view.claimed) {
      PrintPayload(view);
    }
  }
  return Finish(code);
}

}  // namespace runward
