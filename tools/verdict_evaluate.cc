#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <optional>

#include "base/event_text.h"
#include "base/file.h"
#include "oci/load.h"
#include "tools/evaluate_report.h"
#include "tools/signing_key.h"
#include "tools/stored_input.h"
#include "tools/verdict.h"

namespace runward {
namespace {

Result<Options> ParseOptions(const CommandLine& line) {
  return Options::Parse(line.args, {{"--image", true},         {"--name", true},
                                    {"--config", true},        {"--manifest", true},
                                    {"--chain", true},         {"--diff-id", true},
                                    {"--policy", true},        {"--vex", true},
                                    {"--ignore", true},        {"--scanned", true},
                                    {"--database-time", true}, {"--exploited", true},
                                    {"--verify", false},       {"--format", true},
                                    {"--jobs", true},          {"--sign", true},
                                    {"--expires", true},       {"--verifier", true},
                                    {"--out", true},           {"--add", false},
                                    {"--docker-root", true},   {"--containers-root", true}});
}

// On a terminal a line that counts; in a log one a tenth.
void ShowProgress(size_t done, size_t all) {
  if (all < 2) return;
  if (isatty(STDERR_FILENO) != 0) {
    std::fprintf(stderr, "\revaluated %zu of %zu%s", done, all, done == all ? "\n" : "");
  } else if (done == all || done % std::max<size_t>(1, all / 10) == 0) {
    std::fprintf(stderr, "evaluated %zu of %zu\n", done, all);
  }
}

// What becomes of verdicts. Several threads sign and write; the store takes one verdict at a time.
class Keeper {
 public:
  Keeper(const Paths& paths, const EvaluateRequest& request) : paths_(paths), request_(request) {}

  Result<void> Open() {
    if (request_.key_file.empty()) return {};
    key_.emplace(TRY(SigningKey::ReadFile(request_.key_file)));
    if (request_.add) trust_ = TRY(LoadPolicy(paths_)).trust;
    if (request_.files.size() > 1 && !request_.out.empty()) {
      TRY(MakeDirectories(request_.out, false));
    }
    return {};
  }

  Result<void> Keep(const Evaluated& one, const std::string& text) {
    Count();
    if (!key_ || !one.evaluation) return {};
    const std::string envelope =
        SignStatement(*key_, FormatStatement(VerdictOf(one, request_.terms)));
    if (!request_.out.empty())
      TRY(WriteFileAtomic(OutFileOf(request_, one.file), envelope + "\n", 0644, false));
    return request_.add ? Add(envelope, text) : Result<void>();
  }

 private:
  void Count() {
    const std::lock_guard lock(one_at_a_time_);
    ShowProgress(++done_, request_.files.size());
  }

  Result<void> Add(const std::string& envelope, const std::string& text) {
    const std::lock_guard lock(one_at_a_time_);
    TRY(AddSigned(paths_, trust_, envelope));
    for (const ScanInput& input : request_.inputs) TRY(StoreInput(paths_, input.text));
    return StoreInput(paths_, text);
  }

  const Paths& paths_;
  const EvaluateRequest& request_;
  std::optional<SigningKey> key_;
  std::vector<TrustedKey> trust_;
  std::mutex one_at_a_time_;
  size_t done_ = 0;
};

// What cannot be written is said before anything is signed. Nothing is written yet: a file stays as
// it is until there is an answer.
Result<void> CheckFile(const std::string& name, const std::string& file) {
  struct stat info {};
  // A symbolic link, too: what it leads to would stay as it is.
  if (lstat(file.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return Error{"--format cannot replace \"" + file + "\": it is no regular file",
                 "name a file, or let the format go to the standard output: --format " + name};
  }
  const size_t slash = file.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : file.substr(0, slash + 1);
  if (access(directory.c_str(), W_OK | X_OK) == 0) return {};
  return ErrnoError("write into \"" + directory + "\"", errno);
}

Result<void> CheckFiles(const EvaluateRequest& request) {
  for (const EvaluationFile& one : request.also) TRY(CheckFile(one.name, one.file));
  return {};
}

// Where no report could be evaluated, there is no answer to replace an older one with.
Result<void> WriteFiles(const EvaluateRequest& request, const std::vector<Evaluated>& all) {
  if (std::ranges::none_of(all, [](const Evaluated& one) { return one.evaluation.has_value(); })) {
    return {};
  }
  for (const EvaluationFile& one : request.also) {
    TRY(WriteFileAtomic(one.file, one.format(all), 0644, false));
  }
  return {};
}

// SARIF is no ground for a verdict, and can be shown.
void ShowSarif(const Report& report) {
  std::string text;
  for (const ScanFinding& finding : report.findings) {
    text += Printable(finding.id) + " " + std::string(SeverityName(finding.severity)) + "  " +
            Printable(finding.title.substr(0, finding.title.find('\n'))) + "\n";
  }
  Print(text);
}

// The text of several reports has their errors in it.
int ExitCode(const std::vector<Evaluated>& all, bool said) {
  int code = kExitDone;
  for (const Evaluated& one : all) {
    if (!one.evaluation) {
      code = said ? kExitError : PrintError(one.error);
    } else if (one.evaluation->result == EvaluationResult::kFailed && code == kExitDone) {
      code = kExitNo;
    }
  }
  return code;
}

}  // namespace

// Exit 2 is the policy's "no" alone: a pipeline tells a bad image from a bad call.
int VerdictEvaluate(const CommandLine& line) {
  const Result<Options> options = ParseOptions(line);
  if (!options.ok()) {
    PrintUsage("verdict evaluate", options.error());
    return kExitError;
  }
  const Result<EvaluateRequest> request = ReadEvaluateRequest(line.paths, options.value());
  if (!request.ok()) return PrintError(request.error());
  Keeper keeper(line.paths, request.value());
  const Result<void> opened = keeper.Open();
  if (!opened.ok()) return PrintError(opened.error());
  const Result<void> writable = CheckFiles(request.value());
  if (!writable.ok()) return PrintError(writable.error());
  const std::vector<Evaluated> all = EvaluateAll(
      request.value(),
      [&](const Evaluated& one, const std::string& text) { return keeper.Keep(one, text); });
  const bool text = request.value().format == EvaluationText;
  if (all.size() == 1 && text && all[0].report.format == ReportFormat::kSarif) {
    ShowSarif(all[0].report);
  }
  const Result<void> written = WriteFiles(request.value(), all);
  if (!written.ok()) return PrintError(written.error());
  PrintExact(request.value().format(all));
  return Finish(ExitCode(all, text && all.size() > 1));
}

}  // namespace runward
