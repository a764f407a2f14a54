#include "tools/verdict_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <thread>

#include "base/fd.h"
#include "base/file.h"
#include "oci/verdict_store.h"
#include "policy/dsse.h"

namespace runward {
namespace {

struct Line {
  std::string_view text;
  CheckedEnvelope checked;
  bool dropped = false;
};

bool IsVerdict(const Line& line) {
  return line.checked.verdict && line.checked.verdict->result != VerdictResult::kRevoked;
}

bool Supersedes(const Line& newer, const Line& older) {
  return IsVerdict(newer) && newer.checked.key == older.checked.key &&
         newer.checked.verdict->resource_uri == older.checked.verdict->resource_uri &&
         newer.checked.verdict->time_verified > older.checked.verdict->time_verified;
}

// The verdicts that decide nothing any more, oldest first.
std::vector<Line*> Superseded(std::vector<Line>& lines) {
  std::vector<Line*> superseded;
  for (Line& line : lines) {
    if (IsVerdict(line) &&
        std::ranges::any_of(lines, [&](const Line& other) { return Supersedes(other, line); })) {
      superseded.push_back(&line);
    }
  }
  std::ranges::stable_sort(
      superseded, {}, [](const Line* line) { return line->checked.verdict->time_verified.ns; });
  return superseded;
}

std::string Join(const std::vector<Line>& lines) {
  std::string text;
  for (const Line& line : lines) {
    if (!line.dropped) text += std::string(line.text) + "\n";
  }
  return text;
}

// Against another `verdict add`; released when the descriptor goes. Readers need no lock: files
// change by rename.
Result<UniqueFd> LockStore(const std::string& directory) {
  constexpr int kTries = 200;
  constexpr auto kPause = std::chrono::milliseconds(50);
  UniqueFd fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError("open \"" + directory + "\"", errno);
  for (int i = 0; i < kTries; ++i) {
    if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
    if (errno != EWOULDBLOCK && errno != EINTR) break;
    std::this_thread::sleep_for(kPause);
  }
  Error error = ErrnoError("lock \"" + directory + "\"", errno);
  error.hint = "another runwardctl holds it; try again when it is done";
  return error;
}

struct Change {
  std::string path;
  std::string before;
  std::string after;
};

Result<std::vector<Change>> PlanChanges(const Paths& paths, const std::vector<TrustedKey>& trust,
                                        const std::vector<NewEnvelope>& envelopes) {
  std::map<Digest, Change> changes;
  for (const NewEnvelope& envelope : envelopes) {
    for (const Digest& digest : envelope.checked.verdict->subjects) {
      const auto [entry, fresh] = changes.try_emplace(digest);
      Change& change = entry->second;
      if (fresh) {
        change.path = VerdictFile(paths, digest);
        change.before = TRY(ReadVerdictFile(paths, digest));
        change.after = change.before;
      }
      change.after = TRY(MergeVerdicts(change.after, envelope.line, trust));
    }
  }
  std::vector<Change> planned;
  for (auto& [digest, change] : changes) {
    if (change.after != change.before) planned.push_back(std::move(change));
  }
  return planned;
}

// Best effort: the error that made it necessary is what gets reported.
void Undo(const std::vector<Change>& changes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (changes[i].before.empty()) {
      unlink(changes[i].path.c_str());
    } else {
      (void)WriteFileAtomic(changes[i].path, changes[i].before, 0644, true).ok();
    }
  }
}

}  // namespace

std::vector<NewEnvelope> ReadNewEnvelopes(std::string_view text,
                                          const std::vector<TrustedKey>& trust) {
  std::vector<NewEnvelope> envelopes;
  for (std::string_view one : SplitEnvelopes(text)) {
    NewEnvelope envelope;
    const Result<Envelope> parsed = ParseEnvelope(one);
    if (parsed.ok()) envelope.line = FormatEnvelope(parsed.value());
    // What will be stored is what is checked.
    envelope.checked = CheckEnvelope(parsed.ok() ? envelope.line : one, trust);
    envelopes.push_back(std::move(envelope));
  }
  return envelopes;
}

Result<std::string> MergeVerdicts(const std::string& existing, const std::string& line,
                                  const std::vector<TrustedKey>& trust) {
  std::vector<Line> lines;
  for (std::string_view text : SplitEnvelopes(existing)) {
    if (text == line) return existing;
    lines.push_back({.text = text, .checked = CheckEnvelope(text, trust)});
  }
  lines.push_back({.text = line, .checked = CheckEnvelope(line, trust)});
  const std::vector<Line*> superseded = Superseded(lines);
  std::string text = Join(lines);
  for (size_t i = 0; i < superseded.size(); ++i) {
    const bool needed = superseded.size() - i > kKeptSuperseded || text.size() > kMaxVerdictFile;
    if (!needed) break;
    superseded[i]->dropped = true;
    text = Join(lines);
  }
  if (text.size() <= kMaxVerdictFile) return text;
  return Error{"the verdicts about one image would take " + std::to_string(text.size()) +
                   " bytes, more than the " + std::to_string(kMaxVerdictFile) + " that are read",
               ""};
}

Result<std::vector<std::string>> AddToStore(const Paths& paths,
                                            const std::vector<TrustedKey>& trust,
                                            const std::vector<NewEnvelope>& envelopes) {
  const std::string directory = paths.verdicts + "/sha256";
  TRY(MakeDirectories(directory, false));
  const UniqueFd lock = TRY(LockStore(directory));
  const std::vector<Change> changes = TRY(PlanChanges(paths, trust, envelopes));
  std::vector<std::string> files;
  for (size_t i = 0; i < changes.size(); ++i) {
    Result<void> written = WriteFileAtomic(changes[i].path, changes[i].after, 0644, true);
    if (!written.ok()) {
      Undo(changes, i + 1);
      return std::move(written).error();
    }
    files.push_back(changes[i].path);
  }
  return files;
}

Result<void> AddSigned(const Paths& paths, const std::vector<TrustedKey>& trust,
                       std::string_view envelope) {
  const std::vector<NewEnvelope> fresh = ReadNewEnvelopes(envelope, trust);
  for (const NewEnvelope& one : fresh) {
    if (one.checked.verdict) continue;
    return Error{"the verdict is not added: " + one.checked.why,
                 "name the key and its images under \"trust\" in " + paths.policy};
  }
  (void)TRY(AddToStore(paths, trust, fresh));
  return {};
}

}  // namespace runward
