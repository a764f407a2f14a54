#include "tools/made_key_file.h"

#include <unistd.h>

#include "base/file.h"

namespace runward {

MadeKeyFile::MadeKeyFile(const std::string& path)
    : path_(!path.empty() && FileMissing(path) ? path : "") {}

MadeKeyFile::~MadeKeyFile() {
  if (!path_.empty()) unlink(path_.c_str());
}

}  // namespace runward
