#include "tools/stored_report.h"

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "policy/verdict.h"
#include "scan/report.h"

namespace runward {

std::string ReportFile(const Paths& paths, std::string_view sha256) {
  return paths.verdicts + "/reports/" + std::string(sha256) + ".json";
}

Result<void> StoreReport(const Paths& paths, std::string_view text) {
  TRY(MakeDirectories(paths.verdicts + "/reports", false));
  return WriteFileAtomic(ReportFile(paths, Sha256Hex(text)), text, 0644, false);
}

Result<std::string> ReadStoredReport(const Paths& paths, std::string_view sha256) {
  const std::string file = ReportFile(paths, sha256);
  std::string text = TRY(ReadFileCapped(file, kMaxReportBytes, Trust::kAnyone));
  if (Sha256Hex(text) == sha256) return text;
  return Error{"\"" + file + "\" is not the report that it is named after", "scan the image again"};
}

std::string ReportOf(std::string_view statement) {
  const auto document =
      JsonDocument::Parse(std::string(statement), {.max_bytes = kMaxEnvelopeBytes});
  if (!document.ok()) return "";
  const JsonValue predicate = document.value().root().Find("predicate");
  for (const JsonValue input : predicate.Find("inputAttestations")) {
    const std::string_view hash = input.Find("digest").Find("sha256").text();
    if (input.Find("uri").text().starts_with("report:") && Digest::FromHex(hash)) {
      return std::string(hash);
    }
  }
  return "";
}

}  // namespace runward
