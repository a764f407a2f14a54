#include <algorithm>

#include "base/encoding.h"
#include "oci/verdict_store.h"
#include "policy/dsse.h"
#include "registry/attachments.h"
#include "registry/remote_image.h"
#include "tools/registry_access.h"
#include "tools/verdict.h"

namespace runward {
namespace {

constexpr std::string_view kWords = "verdict push";

struct Pushed {
  Attachment attachment;
  Verdict verdict;
};

bool IsAbout(const Verdict& verdict, const RemoteImage& image) {
  return std::ranges::any_of(verdict.subjects, [&](const Digest& d) { return image.Is(d); });
}

// Nothing is verified here: who pulls it does that, by the keys of the policy there.
Result<Pushed> ReadPushed(std::string_view text) {
  Pushed pushed{
      .attachment = {.envelope = TRY(ParseEnvelope(text)), .predicate_type = "", .created = ""},
      .verdict = {}};
  if (pushed.attachment.envelope.payload_type != kStatementType) {
    return Error{"an envelope does not hold an in-toto statement", ""};
  }
  pushed.verdict = TRY(ParseStatement(pushed.attachment.envelope.payload));
  const bool revocation = pushed.verdict.result == VerdictResult::kRevoked;
  pushed.attachment.predicate_type = std::string(revocation ? kRevocationType : kVsaType);
  pushed.attachment.created = FormatTime(pushed.verdict.time_verified);
  return pushed;
}

Result<std::vector<Pushed>> FromFiles(std::span<const std::string> files) {
  std::vector<Pushed> all;
  for (const std::string& file : files) {
    const std::string text = TRY(ReadVerdictInput(file));
    for (const std::string_view envelope : SplitEnvelopes(text)) {
      auto pushed = ReadPushed(envelope);
      if (!pushed.ok()) return Error{"\"" + file + "\": " + pushed.error().message, ""};
      all.push_back(std::move(pushed).value());
    }
  }
  return all;
}

// What the store has about the images; what it cannot read it would not act on either.
Result<std::vector<Pushed>> FromStore(const Paths& paths, const RemoteImages& images) {
  std::vector<Pushed> all;
  std::vector<std::string> seen;
  for (const RemoteImage& image : images.images) {
    for (const Digest& digest : image.identity) {
      const std::string text = TRY(ReadVerdictFile(paths, digest));
      for (const std::string_view envelope : SplitEnvelopes(text)) {
        auto pushed = ReadPushed(envelope);
        if (!pushed.ok() || std::ranges::find(seen, envelope) != seen.end()) continue;
        seen.emplace_back(envelope);
        all.push_back(std::move(pushed).value());
      }
    }
  }
  return all;
}

// Attaches it to each image that it speaks of, and to the index by which those may be pulled; says
// so. The number of images.
Result<size_t> Push(Repository& repository, const RemoteImages& images, const Pushed& pushed,
                    const std::string& place) {
  std::vector<Descriptor> subjects;
  for (const RemoteImage& image : images.images) {
    if (IsAbout(pushed.verdict, image)) subjects.push_back(image.manifest);
  }
  if (subjects.empty()) return 0;
  const size_t count = subjects.size();
  if (images.index) subjects.push_back(*images.index);
  Attachments attachments(repository);
  for (const Descriptor& subject : subjects) {
    TRY(attachments.Add(subject, pushed.attachment));
    Print("pushed " + std::string(ResultName(pushed.verdict.result)) + " of " +
          FormatTime(pushed.verdict.time_verified) + " to " + place + "@" + subject.digest.text() +
          "\n");
  }
  return count;
}

int PushAll(Repository& repository, const RemoteImages& images, const std::vector<Pushed>& all,
            const std::string& place) {
  // Before anything is sent: all of them, or none.
  for (const Pushed& pushed : all) {
    const auto about = [&](const RemoteImage& image) { return IsAbout(pushed.verdict, image); };
    if (std::ranges::any_of(images.images, about)) continue;
    return PrintNo(
        "nothing pushed: a verdict" +
            (pushed.verdict.resource_uri.empty() ? std::string()
                                                 : " for " + Shown(pushed.verdict.resource_uri)) +
            " is not about the image that " + Shown(place) + " has",
        "sign one for that image's --config and --diff-id, or name the right image");
  }
  for (const Pushed& pushed : all) {
    const Result<size_t> count = Push(repository, images, pushed, place);
    if (!count.ok()) return PrintError(count.error());
  }
  return Finish(kExitDone);
}

int Run(const CommandLine& line, const Options& options) {
  const Result<ImageReference> image = ImageReference::Parse(options.words().front());
  if (!image.ok()) return PrintUsage(kWords, image.error());
  const auto files = std::span(options.words()).subspan(1);
  auto given = FromFiles(files);
  if (!given.ok()) return PrintError(given.error());
  const auto access = RegistryAccess::Open(options, line.paths);
  if (!access.ok()) return PrintError(access.error());
  const ImageReference& name = image.value();
  Repository repository(access.value()->SessionFor(name), name.repository(), true);
  const auto images = FindRemoteImages(repository, name.Wanted(), std::nullopt);
  if (!images.ok()) return PrintError(images.error());
  if (!images.value()) {
    return PrintError({"the registry has no image " + Shown(name.Text()),
                       "push the image first; its verdict is kept beside it"});
  }
  if (files.empty()) given = FromStore(line.paths, *images.value());
  if (!given.ok()) return PrintError(given.error());
  if (given.value().empty()) {
    return PrintNo("nothing pushed: there is no verdict about " + Shown(name.Text()),
                   Program(line.paths) + "verdict sign makes one");
  }
  return PushAll(repository, *images.value(), given.value(), name.host() + "/" + name.repository());
}

}  // namespace

int VerdictPush(const CommandLine& line) {
  const Result<Options> options = Options::Parse(line.args, RegistryAccess::Options());
  if (!options.ok()) return PrintUsage(kWords, options.error());
  if (!options.value().words().empty()) return Run(line, options.value());
  return PrintUsage(kWords, {"push takes an image's name in its registry, and files of verdicts",
                             "without a file, what the store has about the image is pushed"});
}

}  // namespace runward
