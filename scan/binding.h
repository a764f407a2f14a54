#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "policy/names.h"
#include "scan/report.h"

namespace runward {

// An image by its names and digests; what is not known is empty.
struct KnownImage {
  std::string name;
  std::vector<Digest> manifests;
  std::vector<Digest> configs;
  std::vector<Digest> chains;    // of all its layers
  std::vector<Digest> diff_ids;  // lowest first
  bool by_name_only = false;     // nothing but a name or shared layers ties the report to it
};

// The image that the report is about, with all that either side knows of it. An Error when the two
// contradict each other, or when nothing ties the report to an image whose layers or config are
// known: a verdict for it would be one for anything.
Result<KnownImage> BindImage(const Report& report, const KnownImage& given);

}  // namespace runward
