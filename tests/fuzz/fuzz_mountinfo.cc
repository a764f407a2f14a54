#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "oci/mountinfo.h"
#include "oci/overlay.h"

// Property: every line ends in a mount or in nothing, and a mount whose layers are read has layers
// with names, the same ones each time.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto mount = runward::ParseMountLine(line);
  const auto layers = runward::ParseOverlay(mount ? std::string_view(mount->super) : line);
  if (!layers.ok()) return 0;
  if (layers.value().lower.empty()) std::abort();
  for (const std::string& lower : layers.value().lower) {
    if (lower.empty()) std::abort();
  }
  const auto absolute = runward::AbsoluteLayers(layers.value(), mount ? mount->point : "/a/b/c");
  if (absolute.ok() && absolute.value().lower.size() != layers.value().lower.size()) std::abort();
  return 0;
}
