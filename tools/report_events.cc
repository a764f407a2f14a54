#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "base/event_files.h"
#include "base/event_text.h"
#include "tools/event_scan.h"
#include "tools/report.h"
#include "tools/report_table.h"

namespace runward {
namespace {

// Writes each event as a table's row, or as the log's own line.
class Printer {
 public:
  explicit Printer(bool json) : json_(json), table_(TerminalWidth()) {}

  void operator()(const LoggedEvent& logged, const LogLine& line, const std::string& /*file*/) {
    if (!json_ && shown_ == 0) Print(table_.Header() + "\n");
    ++shown_;
    // \uXXXX means the same inside JSON's strings, where alone such characters can stand.
    const std::string text = json_ ? Printable(line.text) : table_.Row(logged);
    Print(text + "\n");
  }
  [[nodiscard]] int64_t shown() const { return shown_; }

 private:
  bool json_;
  EventTable table_;
  int64_t shown_ = 0;
};

void PrintUnreadable(int64_t lines) {
  if (lines == 0) return;
  std::fflush(stdout);
  std::fprintf(stderr, "runwardctl: %s of the log could not be read: runwardctl report verify\n",
               Count(lines, "line").c_str());
}

// Whether the newest file that we read is no longer the one that is written.
bool RotatedAway(const LogFile& file, const std::string& directory) {
  struct stat ours {};
  struct stat current {};
  const std::string path = directory + "/" + kEventFile;
  return fstat(file.fd.get(), &ours) == 0 && stat(path.c_str(), &current) == 0 &&
         (ours.st_ino != current.st_ino || ours.st_dev != current.st_dev);
}

off_t SizeOf(const LogFile& file) {
  struct stat info {};
  return fstat(file.fd.get(), &info) == 0 ? info.st_size : file.size;
}

void Pause() {
  constexpr timespec kQuarterSecond{.tv_sec = 0, .tv_nsec = 250'000'000};
  nanosleep(&kQuarterSecond, nullptr);
}

// Prints what is there, then what comes, until it is interrupted or an error ends it.
class Follower {
 public:
  Follower(std::string directory, const EventFilter& filter, const EventVisitor& visit)
      : directory_(std::move(directory)), filter_(filter), visit_(visit) {}

  Result<void> Run() {
    while (true) {
      std::vector<LogFile> files = TRY(OpenLog(directory_));
      for (LogFile& file : files) {
        if (file.last_seq > 0 && file.last_seq <= seen_) continue;
        TRY(FollowFile(file, &file == &files.back() && file.last_seq == 0));
      }
      Pause();
    }
  }

 private:
  // To the file's end; of the file that is written, until it is rotated away.
  Result<void> FollowFile(LogFile& file, bool current) {
    LogLines lines(file);
    for (bool more = true; more;) {
      more = current && !RotatedAway(file, directory_);
      for (LogLine line; lines.Next(line);) Show(line, file.name);
      TRY(lines.status());
      std::fflush(stdout);
      if (std::ferror(stdout) != 0) return Error{"write the report: it cannot be written", ""};
      if (more) Pause();
      lines.Extend(SizeOf(file));
    }
    return {};
  }

  void Show(const LogLine& line, const std::string& name) {
    const auto link = line.ended ? ParseLink(line.text) : std::nullopt;
    if (link && link->seq <= seen_) return;
    if (link) seen_ = link->seq;
    if (line.ended) ScanLine(line, name, filter_, visit_, counts_);
  }

  std::string directory_;
  const EventFilter& filter_;
  const EventVisitor& visit_;
  ScanCounts counts_;
  int64_t seen_ = 0;  // the last record that was looked at
};

}  // namespace

int ReportEvents(const CommandLine& line) {
  std::vector<OptionSpec> flags = EventFilterFlags();
  flags.push_back({"--follow", false});
  flags.push_back({"--json", false});
  const auto options = Options::Parse(line.args, flags);
  if (!options.ok()) return PrintUsage("report events", options.error());
  const auto filter = MakeEventFilter(options.value(), Now());
  if (!filter.ok()) return PrintUsage("report events", filter.error());
  Printer printer(options.value().Has("--json"));
  const EventVisitor visit = [&](const LoggedEvent& logged, const LogLine& text,
                                 const std::string& file) { printer(logged, text, file); };
  if (options.value().Has("--follow")) {
    const auto followed = Follower(line.paths.log, filter.value(), visit).Run();
    if (!followed.ok()) return PrintError(followed.error());
    return kExitDone;
  }
  const auto scanned = ScanEvents(line.paths.log, filter.value(), visit);
  if (!scanned.ok()) return PrintError(scanned.error());
  if (printer.shown() == 0 && !options.value().Has("--json")) {
    std::printf("%s in %s\n", scanned.value().lines == 0 ? "no events" : "no such events",
                line.paths.log.c_str());
  }
  PrintUnreadable(scanned.value().unreadable);
  return Finish(kExitDone);
}

}  // namespace runward
