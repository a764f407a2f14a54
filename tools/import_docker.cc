#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/fd.h"
#include "tools/secret_import.h"
#include "vault/record.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

// The file's content; empty for what is no regular file. A link may lead within the directory alone
// (as Kubernetes lays them).
Result<void> AddFile(const fs::path& directory, const fs::path& file, const std::string& path,
                     Imported& to) {
  std::error_code error;
  const fs::path real = fs::canonical(file, error);
  if (error) return Error{"open \"" + file.string() + "\": " + error.message(), ""};
  if (!fs::is_regular_file(real, error)) return {};
  const fs::path inside = real.lexically_relative(directory);
  if (inside.empty() || *inside.begin() == "..") {
    return Error{"refusing \"" + file.string() + "\": it leads out of its directory", ""};
  }
  const UniqueFd fd(open(real.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return ErrnoError("open \"" + file.string() + "\"", errno);
  const SecretValue value = TRY(ReadLocked(fd.get(), kMaxValueBytes, file.string()));
  return AddImported(path, file.filename().string(), value.view(), to);
}

}  // namespace

Result<Imported> ImportDocker(const std::string& directory, const std::string& path) {
  std::error_code error;
  const fs::path root = fs::canonical(directory, error);
  std::vector<fs::path> files;
  if (!error) {
    for (fs::directory_iterator entry(root, error), end; !error && entry != end;
         entry.increment(error)) {
      if (!entry->path().filename().string().starts_with('.')) files.push_back(entry->path());
    }
  }
  if (error) return Error{"read \"" + directory + "\": " + error.message(), ""};
  std::ranges::sort(files);
  Imported found;
  for (const fs::path& file : files) TRY(AddFile(root, file, path, found));
  return found;
}

}  // namespace runward
