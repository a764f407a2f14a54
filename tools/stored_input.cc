#include "tools/stored_input.h"

#include "base/encoding.h"
#include "base/file.h"
#include "scan/report.h"

namespace runward {

std::string StoredInputFile(const Paths& paths, std::string_view sha256) {
  return paths.verdicts + "/reports/" + std::string(sha256);
}

Result<void> StoreInput(const Paths& paths, std::string_view text) {
  TRY(MakeDirectories(paths.verdicts + "/reports", false));
  return WriteFileAtomic(StoredInputFile(paths, Sha256Hex(text)), text, 0644, false);
}

Result<std::string> ReadStoredInput(const Paths& paths, std::string_view sha256) {
  const std::string file = StoredInputFile(paths, sha256);
  std::string text = TRY(ReadFileCapped(file, kMaxReportBytes, Trust::kAnyone));
  if (Sha256Hex(text) == sha256) return text;
  return Error{"\"" + file + "\" has other bytes than it is named after", "scan the image again"};
}

}  // namespace runward
