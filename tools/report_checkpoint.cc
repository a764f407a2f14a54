#include <sys/utsname.h>

#include <cstdio>

#include "base/encoding.h"
#include "base/file.h"
#include "tools/checkpoint_log.h"
#include "tools/log_check.h"
#include "tools/options.h"
#include "tools/report.h"

namespace runward {
namespace {

Result<SigningKey> KeyOf(const CheckpointPaths& paths) {
  if (FileMissing(paths.private_key)) {
    if (!FileMissing(paths.log) && !FileMissing(paths.public_key)) {
      return Error{"\"" + paths.private_key + "\" is gone, and checkpoints were signed with it",
                   "bring it back; or, to begin anew, move " + paths.log + " and " +
                       paths.public_key + " away"};
    }
    const SigningKey key = SigningKey::Generate();
    TRY(WriteKeyPair(key, paths.private_key, paths.public_key));
  }
  Result<SigningKey> key = SigningKey::ReadFile(paths.private_key);
  if (!key.ok() || key.value().algorithm() == KeyAlgorithm::kEd25519) return key;
  return Error{"\"" + paths.private_key + "\" is not an Ed25519 key, as checkpoints need", ""};
}

Checkpoint Describe(const CheckpointLog& before, const ChainVerifier& log) {
  Checkpoint next;
  next.number = 1;
  next.prev = std::string(kNoRecord);
  if (!before.checkpoints.empty()) {
    next.number = before.checkpoints.back().number + 1;
    next.prev = Sha256Hex(before.last_line);
  }
  next.seq = log.last_seq();
  next.head = log.last_hash();
  next.time = Now();
  utsname host{};
  if (uname(&host) == 0) next.hostname = host.nodename;
  const Result<std::string> boot =
      ReadFileCapped("/proc/sys/kernel/random/boot_id", 64, Trust::kAnyone);
  if (boot.ok()) next.boot_id = boot.value().substr(0, boot.value().find('\n'));
  return next;
}

Error NotIntact(const ChainProblem& problem) {
  return Error{"the log does not fit what was signed before: " + problem.file + ", line " +
                   std::to_string(problem.line) + ": " + problem.what,
               "runwardctl report verify; once looked into, move the log's directory away to begin "
               "anew"};
}

Result<Checkpoint> SignNow(const CommandLine& line) {
  const CheckpointPaths paths = CheckpointPathsFor(line.paths);
  TRY(MakeDirectories(line.paths.log, true));
  const CheckpointFile file = TRY(CheckpointFile::Open(paths.log));
  const SigningKey key = TRY(KeyOf(paths));
  const PublicKey pub{KeyAlgorithm::kEd25519, key.public_bytes()};
  const CheckpointLog before = TRY(ReadCheckpoints(paths.log, pub));
  if (!before.problems.empty()) return NotIntact(before.problems.front());
  // A record must not vanish in a crash after it was signed for.
  TRY(SyncLog(line.paths.log));
  std::vector<ExpectedHead> heads;
  if (!before.checkpoints.empty()) heads = ExpectedHeads({before.checkpoints.back()});
  const int64_t from = heads.empty() ? 0 : heads.front().seq;
  const ChainVerifier log = TRY(CheckLog(line.paths.log, heads, from));
  // Signed nevertheless, it would make the damage look approved.
  if (!log.problems().empty()) return NotIntact(log.problems().front());
  const Checkpoint next = Describe(before, log);
  TRY(file.Append(SignCheckpoint(next, key)));
  return next;
}

}  // namespace

int ReportCheckpoint(const CommandLine& line) {
  const auto options = Options::Parse(line.args, {{"--quiet", false}});
  if (!options.ok()) return PrintUsage("report checkpoint", options.error());
  if (!options.value().words().empty()) {
    return PrintUsage("report checkpoint", Error{"it takes no words", ""});
  }
  const Result<Checkpoint> signed_one = SignNow(line);
  if (!signed_one.ok()) return PrintError(signed_one.error());
  if (!options.value().Has("--quiet")) {
    std::printf("signed %s: record %lld\n", CheckpointLabel(signed_one.value()).c_str(),
                static_cast<long long>(signed_one.value().seq));
  }
  return kExitDone;
}

}  // namespace runward
