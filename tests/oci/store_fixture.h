#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "policy/names.h"

namespace runward {

// A directory of the test's own with small files in it, removed at the end.
class StoreDirectory {
 public:
  StoreDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "runward-store-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  StoreDirectory(const StoreDirectory&) = delete;
  StoreDirectory& operator=(const StoreDirectory&) = delete;
  ~StoreDirectory() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::string& path() const { return path_; }

  void Write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = path_ + "/" + name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

 private:
  std::string path_;
};

inline Digest DigestOf(const std::string& text) { return *Digest::FromHex(Sha256Hex(text)); }

// An image config with these layers; `extra` makes configs of the same layers differ.
inline std::string ConfigText(const std::vector<Digest>& diff_ids, const std::string& extra) {
  std::string list;
  for (const Digest& diff_id : diff_ids) {
    list += (list.empty() ? "\"" : ",\"") + diff_id.text() + "\"";
  }
  return R"({"architecture":"amd64","config":{"Env":[")" + extra +
         R"("]},"rootfs":{"type":"layers","diff_ids":[)" + list + "]}}";
}

}  // namespace runward
