#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/paths.h"
#include "base/result.h"
#include "oci/record.h"
#include "oci/root_cover.h"
#include "policy/decide.h"
#include "tools/options.h"

namespace runward {

// Something that `policy explain` was asked about.
struct PolicySubject {
  std::string title;  // "container web (started by event ...)"
  ImageEvidence image;
  std::vector<std::string> notes;  // what cannot be known from what was given
  // Of a bundle: its config.json, to be held against the profile's run controls.
  std::shared_ptr<const JsonDocument> config = nullptr;
  std::string file;  // its path
  std::string bundle;
  std::string exposed;  // who but root could change that file; "" for nobody
  RootCover cover;
  std::optional<Record> record = std::nullopt;  // of a container
};

// Of a container: the image as it is mounted or, where that cannot be seen from here, as the record
// has it.
ImageEvidence EvidenceOf(const PolicySubject& subject);

// Every container that has a record, looked at as a start would look at it now.
Result<std::vector<PolicySubject>> AllContainerSubjects(const Paths& paths);

// Those whose record's id begins with `id`; an Error when there is none.
Result<std::vector<PolicySubject>> ContainerSubjects(const Paths& paths, const std::string& id);

// A bundle's directory, or its config.json.
Result<PolicySubject> BundleSubject(const std::string& path);

Result<PolicySubject> RootfsSubject(const std::string& rootfs);

// A chain ID or the digest of an image config.
Result<PolicySubject> DigestSubject(const std::string& text);

// The digests for which the store holds an envelope with this name, at most `most` of them. Their
// signatures are not looked at here. Reads every file of the store.
Result<std::vector<PolicySubject>> NamedSubjects(const Paths& paths, const std::string& name,
                                                 size_t most);

}  // namespace runward
