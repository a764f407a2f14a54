#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/event_log.h"
#include "base/fd.h"
#include "base/result.h"

namespace runward {

// One file of a log, as long as it was when the snapshot was taken.
struct LogFile {
  UniqueFd fd;
  std::string name;      // "events.jsonl" or a rotated file's
  int64_t last_seq = 0;  // of a rotated file, by its name; 0 for the current one
  off_t size = 0;
};

// All files of DIRECTORY's log, oldest first, opened so that a rotation meanwhile neither hides a
// record nor shows it twice. A directory or log that is not there yet gives no files. Refuses
// symbolic links and what is no regular file.
Result<std::vector<LogFile>> OpenLog(const std::string& directory);

// A line as it stands in a file.
struct LogLine {
  std::string_view text;  // without its newline; only the first kMaxEventBytes of a longer one
  int64_t size = 0;       // all of its bytes, without the newline
  bool ended = false;     // by a newline
  int64_t number = 0;     // from 1
};

// Reads a file's lines from its beginning, in bounded memory.
class LogLines {
 public:
  explicit LogLines(const LogFile& file) : file_(file) {}
  // False at the end, or after an error.
  bool Next(LogLine& line);
  // Whether reading failed, rather than ended.
  [[nodiscard]] Result<void> status() const { return status_; }
  // Reads on where Next stopped, up to a new size; an unfinished line is read again from its start.
  void Extend(off_t size);
  [[nodiscard]] off_t offset() const { return line_start_; }

 private:
  bool Fill();

  const LogFile& file_;
  off_t limit_ = -1;      // file_.size until extended
  off_t read_ = 0;        // how far the file was read
  off_t line_start_ = 0;  // where the next line begins
  int64_t number_ = 0;
  std::string buffer_;
  size_t at_ = 0;  // in buffer_
  std::string line_;
  Result<void> status_;
};

}  // namespace runward
