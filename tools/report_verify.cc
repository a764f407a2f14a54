#include <cstdio>

#include "base/event_text.h"
#include "base/file.h"
#include "tools/checkpoint_log.h"
#include "tools/log_check.h"
#include "tools/options.h"
#include "tools/report.h"

namespace runward {
namespace {

constexpr size_t kMaxKeyBytes = 4096;

struct Findings {
  CheckpointLog checkpoints;
  bool checkpoints_read = false;
  ChainVerifier log{{}};
};

Result<PublicKey> ReadPublicKey(const std::string& path) {
  const std::string pem = TRY(ReadFileCapped(path, kMaxKeyBytes, Trust::kOwner));
  return TRY(ParsePublicKeyPem(pem));
}

Result<Findings> Check(const CommandLine& line, const Options& options) {
  const CheckpointPaths paths = CheckpointPathsFor(line.paths);
  const std::string file = options.Last("--checkpoints", paths.log);
  const std::string pub = options.Last("--pub", paths.public_key);
  Findings findings;
  if (!FileMissing(file) || options.Has("--checkpoints")) {
    if (FileMissing(file)) return Error{"no checkpoints in \"" + file + "\"", ""};
    const PublicKey key = TRY(ReadPublicKey(pub));
    findings.checkpoints = TRY(ReadCheckpoints(file, key));
    findings.checkpoints_read = true;
  }
  findings.log = TRY(CheckLog(line.paths.log, ExpectedHeads(findings.checkpoints.checkpoints), 0));
  return findings;
}

void PrintProblems(const char* file, const std::vector<ChainProblem>& problems) {
  for (const ChainProblem& problem : problems) {
    const std::string name = problem.file.empty() ? file : problem.file;
    const std::string where =
        problem.line > 0 ? name + ", line " + std::to_string(problem.line) : name;
    Print(Printable(where) + ": " + Printable(problem.what) + "\n");
  }
}

void PrintNotes(const Findings& findings) {
  const ChainVerifier& log = findings.log;
  if (log.torn_writes() > 0) {
    std::printf(
        "note: %s, %s in all: a writer died or the machine stopped; no complete record "
        "was lost by it\n",
        Count(log.torn_writes(), "unfinished write").c_str(),
        Count(log.torn_bytes(), "byte").c_str());
  }
  for (const std::string& note : findings.checkpoints.notes) {
    std::printf("note: %s\n", note.c_str());
  }
  if (log.first_seq() > 1) {
    std::printf("note: records before %lld are no longer kept\n",
                static_cast<long long>(log.first_seq()));
  }
}

void PrintCheckpoints(const Findings& findings, const CommandLine& line) {
  const auto& checkpoints = findings.checkpoints.checkpoints;
  if (checkpoints.empty()) {
    std::printf(
        "note: no checkpoints, so nobody can tell whether the end was cut off; sign them "
        "regularly: systemctl enable --now runward-checkpoint.timer, or runwardctl %s%s"
        "report checkpoint\n",
        line.paths.root_flag.c_str(), line.paths.root_flag.empty() ? "" : " ");
    return;
  }
  const Checkpoint& last = checkpoints.back();
  std::printf("%s verified, the last of %s at record %lld; what came later is only chained\n",
              Count(static_cast<int64_t>(checkpoints.size()), "checkpoint").c_str(),
              FormatTime(last.time).c_str(), static_cast<long long>(last.seq));
}

int PrintFindings(const Findings& findings, const CommandLine& line) {
  const ChainVerifier& log = findings.log;
  PrintProblems("events.jsonl", log.problems());
  PrintProblems("checkpoints.jsonl", findings.checkpoints.problems);
  PrintNotes(findings);
  if (!log.problems().empty() || !findings.checkpoints.problems.empty()) {
    std::printf("NOT INTACT: the log was changed after it was written\n");
    return kExitNo;
  }
  if (log.records() == 0) {
    std::printf("no events in %s\n", line.paths.log.c_str());
  } else {
    std::printf("%s verified, %lld to %lld\n", Count(log.records(), "record").c_str(),
                static_cast<long long>(log.first_seq()), static_cast<long long>(log.last_seq()));
  }
  PrintCheckpoints(findings, line);
  return kExitDone;
}

}  // namespace

int ReportVerify(const CommandLine& line) {
  const auto options = Options::Parse(line.args, {{"--checkpoints", true}, {"--pub", true}});
  if (!options.ok()) return PrintUsage("report verify", options.error());
  if (!options.value().words().empty()) {
    return PrintUsage("report verify", Error{"it takes no words", ""});
  }
  const Result<Findings> findings = Check(line, options.value());
  if (!findings.ok()) return PrintError(findings.error());
  return PrintFindings(findings.value(), line);
}

}  // namespace runward
