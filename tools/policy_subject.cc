#include "tools/policy_subject.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>

#include "base/file.h"
#include "base/trusted_path.h"
#include "oci/record.h"
#include "oci/record_json.h"
#include "oci/spec.h"
#include "oci/start_root.h"
#include "oci/verdict_store.h"
#include "policy/dsse.h"
#include "policy/verdict.h"
#include "tools/console.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

constexpr char kNoBase[] =
    "which base it stands on is known for a container or a rootfs only: profiles by baseChains "
    "were left out";

// The entries of a directory, sorted; none when it is not there.
Result<std::vector<std::string>> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return Error{"read \"" + directory + "\": " + error.message(), ""};
  }
  std::ranges::sort(names);
  return names;
}

// What is mounted there now. Why that cannot be known is part of the answer.
StartRoot Look(const Spec& spec, const ContainerId& id) {
  Result<StartRoot> root = LookAtRoot(spec, id);
  if (root.ok()) return std::move(root).value();
  return {.image = {.unsigned_name = spec.unsigned_name, .why = root.error().message}};
}

Result<Spec> SpecOf(const std::string& bundle) {
  const std::string path = bundle + "/config.json";
  return ParseSpec(TRY(ReadFileCapped(path, kMaxSpecBytes, Trust::kAnyone)), path, bundle);
}

PolicySubject SubjectOf(const Record& record) {
  PolicySubject subject;
  subject.record = record;
  subject.title = "container " + Shown(record.id) + ", started by event " + record.event + " of " +
                  record.time + " (" + (record.would_deny ? "would have been denied" : "allowed") +
                  ": " + record.rule + ")";
  const auto spec = SpecOf(record.bundle);
  const auto id = ContainerId::Parse(record.id);
  if (spec.ok() && id) {
    subject.image = Look(spec.value(), *id).image;
    return subject;
  }
  // The bundle is gone, or not what it was: what the record says has to do.
  subject.image.chain = Digest::Parse(record.image_chain);
  if (subject.image.chain) subject.image.prefixes = {*subject.image.chain};
  if (const auto config = Digest::Parse(record.image_config)) subject.image.configs = {*config};
  subject.image.why = "its record names no image";
  subject.notes.emplace_back("its bundle cannot be read; this is the image of its record");
  subject.notes.emplace_back(kNoBase);
  return subject;
}

// Whether an envelope of the text claims this name.
bool Names(std::string_view text, const std::string& name) {
  for (std::string_view line : SplitEnvelopes(text)) {
    const auto envelope = ParseEnvelope(line);
    if (!envelope.ok()) continue;
    const auto verdict = ParseStatement(envelope.value().payload);
    if (verdict.ok() && verdict.value().resource_uri == name) return true;
  }
  return false;
}

std::optional<Digest> DigestOfFile(std::string_view file) {
  constexpr std::string_view kEnding = ".intoto.jsonl";
  if (!file.ends_with(kEnding)) return std::nullopt;
  return Digest::FromHex(file.substr(0, file.size() - kEnding.size()));
}

PolicySubject OfDigest(const Digest& digest) {
  // Filed envelopes are looked up alike for a chain and a config.
  return {
      .title = digest.text(), .image = {.chain = digest, .prefixes = {digest}}, .notes = {kNoBase}};
}

}  // namespace

ImageEvidence EvidenceOf(const PolicySubject& subject) {
  const Record& record = *subject.record;
  if (subject.image.chain || record.image_chain.empty()) return subject.image;
  ImageEvidence image = subject.image;
  image.store = record.image_store;
  image.chain = Digest::Parse(record.image_chain);
  if (image.chain) image.prefixes = {*image.chain};
  if (const auto config = Digest::Parse(record.image_config)) image.configs = {*config};
  return image;
}

Result<std::vector<PolicySubject>> AllContainerSubjects(const Paths& paths) {
  std::vector<PolicySubject> subjects;
  const std::string directory = paths.run + "/containers";
  for (const std::string& key : TRY(NamesIn(directory))) {
    std::string path = directory;
    path.append("/").append(key).append("/plan.json");
    auto text = ReadFileCapped(path, kMaxRecordBytes, Trust::kOwnerAndParents);
    if (!text.ok()) continue;  // removed meanwhile, or being made
    const auto record = ParseRecord(std::move(text).value(), path);
    if (record.ok()) subjects.push_back(SubjectOf(record.value()));
  }
  return subjects;
}

Result<std::vector<PolicySubject>> ContainerSubjects(const Paths& paths, const std::string& id) {
  std::vector<PolicySubject> subjects = TRY(AllContainerSubjects(paths));
  std::erase_if(subjects,
                [&](const PolicySubject& one) { return !one.record->id.starts_with(id); });
  if (subjects.empty()) {
    return Error{"runward has no record of a container " + Shown(id),
                 "it was not started through runward, or is gone"};
  }
  return subjects;
}

Result<PolicySubject> BundleSubject(const std::string& path) {
  std::string file = TRY(Resolve(path));
  struct stat info {};
  if (stat(file.c_str(), &info) != 0) return ErrnoError("stat " + Shown(path), errno);
  if (S_ISDIR(info.st_mode)) file += "/config.json";
  const std::string bundle = file.substr(0, file.rfind('/'));
  std::string text = TRY(ReadFileCapped(file, kMaxSpecBytes, Trust::kAnyone));
  JsonDocument document = TRY(ReadSpec(std::move(text), file));
  const Spec spec = TRY(SpecFrom(document, file, bundle));
  PolicySubject subject = {.title = "bundle " + Shown(bundle)};
  StartRoot root = Look(spec, *ContainerId::Parse("explain"));
  subject.image = std::move(root.image);
  subject.cover = std::move(root.cover);
  subject.config = std::make_shared<const JsonDocument>(std::move(document));
  subject.file = file;
  if (const auto trusted = ResolveTrusted(file); !trusted.ok()) {
    subject.exposed = trusted.error().message;
  }
  subject.bundle = bundle;
  return subject;
}

Result<PolicySubject> RootfsSubject(const std::string& rootfs) {
  PolicySubject subject = {.title = "root filesystem " + Shown(rootfs)};
  // By itself: no mounts, and no mount namespace but its own.
  const Result<std::string> resolved = Resolve(rootfs);
  const Spec spec{.rootfs = resolved.ok() ? resolved.value() : rootfs, .own_mount_namespace = true};
  subject.image = Look(spec, *ContainerId::Parse("explain")).image;
  return subject;
}

Result<PolicySubject> DigestSubject(const std::string& text) {
  const auto digest = Digest::Parse(text);
  if (digest) return OfDigest(*digest);
  return Error{Shown(text) + " is no digest", "\"sha256:\" and 64 lower-case hex digits"};
}

Result<std::vector<PolicySubject>> NamedSubjects(const Paths& paths, const std::string& name,
                                                 size_t most) {
  std::vector<PolicySubject> subjects;
  const std::string directory = paths.verdicts + "/sha256";
  for (const std::string& file : TRY(NamesIn(directory))) {
    const auto digest = DigestOfFile(file);
    if (!digest || subjects.size() == most) continue;
    const auto text = ReadVerdictFile(paths, *digest);
    if (!text.ok() || !Names(text.value(), name)) continue;
    subjects.push_back(OfDigest(*digest));
    subjects.back().image.unsigned_name = name;
  }
  return subjects;
}

}  // namespace runward
