#include "oci/network_process.h"

#include <sys/stat.h>

#include <climits>

#include "base/file.h"
#include "base/json.h"
#include "oci/record.h"

namespace runward {
namespace {

std::string PathOf(const Paths& paths, const std::string& key) {
  return RecordDirectory(paths, key) + "/" + std::string(kNetworkProcess);
}

// Where it cannot be told it is in the host's.
bool HasOwnNetwork(pid_t pid) {
  struct stat its {};
  struct stat host {};
  struct stat ours {};
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
  if (stat(path.c_str(), &its) != 0 || stat("/proc/1/ns/net", &host) != 0 ||
      stat("/proc/self/ns/net", &ours) != 0) {
    return false;
  }
  return its.st_ino != host.st_ino && its.st_ino != ours.st_ino;
}

}  // namespace

Result<void> WriteNetworkProcess(const Paths& paths, const std::string& key, pid_t pid) {
  const std::string text = "{\"pid\":" + std::to_string(pid) +
                           ",\"start\":" + std::to_string(StartTimeOf(pid)) +
                           ",\"ownNetwork\":" + (HasOwnNetwork(pid) ? "true" : "false") + "}\n";
  return WriteFileAtomic(PathOf(paths, key), text, 0600, /*sync=*/false);
}

Result<NetworkProcess> ReadNetworkProcess(const Paths& paths, const std::string& key) {
  constexpr size_t kMaxBytes = 4096;
  const std::string path = PathOf(paths, key);
  std::string text = TRY(ReadFileCapped(path, kMaxBytes, Trust::kOwnerAndParents));
  const JsonDocument document = TRY(JsonDocument::Parse(std::move(text), {.max_depth = 2}));
  const int64_t pid = TRY(document.root().Find("pid").Int());
  const int64_t start = TRY(document.root().Find("start").Int());
  if (pid <= 0 || pid > INT_MAX || start < 0) return Error{"\"" + path + "\" names no process", ""};
  return NetworkProcess{.pid = static_cast<pid_t>(pid),
                        .start = static_cast<uint64_t>(start),
                        .own_network = document.root().Find("ownNetwork").text() == "true"};
}

}  // namespace runward
