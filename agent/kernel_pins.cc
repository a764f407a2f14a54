#include "agent/kernel_pins.h"

#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace runward {
namespace {

Result<bool> OnBpf(const std::string& dir) {
  struct statfs fs = {};
  if (statfs(dir.c_str(), &fs) != 0) return ErrnoError("statfs \"" + dir + "\"", errno);
  return fs.f_type == BPF_FS_MAGIC;
}

}  // namespace

std::string PinPath(const std::string& dir, const std::string& name) { return dir + "/" + name; }

Result<void> PreparePins(const std::string& pins) {
  std::error_code error;
  std::filesystem::create_directories(pins, error);
  if (error) return ErrnoError("cannot make \"" + pins + "\"", error.value());
  if (TRY(OnBpf(pins))) {
    if (chmod(pins.c_str(), 0700) != 0) return ErrnoError("chmod \"" + pins + "\"", errno);
    return {};
  }
  if (mount("runward", pins.c_str(), "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") != 0) {
    return ErrnoError("cannot mount a BPF filesystem at \"" + pins + "\"", errno);
  }
  return {};
}

std::vector<std::string> PinnedVersions(const std::string& pins) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entries(pins, error);
  if (error) return names;
  for (const auto& entry : entries) {
    if (entry.is_directory(error)) names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

void RemovePinned(const std::string& dir, const std::vector<std::string>& links) {
  for (const std::string& link : links) unlink(PinPath(dir, link).c_str());
  std::error_code error;
  std::filesystem::remove_all(dir, error);
}

}  // namespace runward
