#include <algorithm>
#include <map>
#include <set>

#include "oci/load.h"
#include "registry/attachments.h"
#include "registry/remote_image.h"
#include "tools/pulled_image.h"
#include "tools/registry_access.h"
#include "tools/verdict.h"

namespace runward {
namespace {

constexpr std::string_view kWords = "verdict pull";

// What came of one image.
struct Outcome {
  size_t accepted = 0;
  std::vector<std::string> changed;       // files of the store
  std::map<std::string, size_t> refused;  // by rule
  std::string why;                        // there is nothing: a person's word for it
};

struct Pulling {
  const Paths& paths;
  const std::vector<TrustedKey>& trust;
  RegistryAccess& access;
};

bool IsAbout(const Verdict& verdict, const RemoteImages& images) {
  return std::ranges::any_of(images.images, [&](const RemoteImage& image) {
    return std::ranges::any_of(verdict.subjects, [&](const Digest& d) { return image.Is(d); });
  });
}

// The envelopes to be stored. Beside verdicts, registries keep others' attestations (provenance,
// SBOMs) that are no business of ours; and a verdict about another image has no place under this
// one.
std::vector<NewEnvelope> Sort(const std::vector<std::string>& texts, const RemoteImages& images,
                              const std::vector<TrustedKey>& trust, Outcome& outcome) {
  std::set<std::string> seen;  // an envelope may be there in both ways
  std::vector<NewEnvelope> accepted;
  for (const std::string& text : texts) {
    for (NewEnvelope& envelope : ReadNewEnvelopes(text, trust)) {
      if (!seen.insert(envelope.line.empty() ? text : envelope.line).second) continue;
      if (!envelope.checked.verdict) {
        ++outcome.refused[envelope.checked.rule];
      } else if (!IsAbout(*envelope.checked.verdict, images)) {
        ++outcome.refused["about another image"];
      } else {
        accepted.push_back(std::move(envelope));
      }
    }
  }
  return accepted;
}

Result<std::vector<std::string>> Collect(Repository& repository, const RemoteImages& images) {
  Attachments attachments(repository);
  std::vector<std::string> texts;
  if (images.index) texts = TRY(attachments.Collect(images.index->digest));
  for (const RemoteImage& image : images.images) {
    for (std::string& text : TRY(attachments.Collect(image.manifest.digest))) {
      if (std::ranges::find(texts, text) == texts.end()) texts.push_back(std::move(text));
    }
  }
  return texts;
}

Result<Outcome> PullOne(const Pulling& pulling, const PulledImage& image) {
  Outcome outcome;
  Repository repository(pulling.access.SessionFor(image.reference), image.reference.repository(),
                        false);
  auto images = TRY(FindRemoteImages(repository, image.reference.Wanted(), image.config));
  // An image that was built here and pushed has another manifest there; its config is the same.
  if (!images && !image.reference.tag().empty()) {
    images = TRY(FindRemoteImages(repository, image.reference.tag(), image.config));
  }
  if (!images) {
    outcome.why = "the registry has no such image";
    return outcome;
  }
  if (images->images.empty()) {
    outcome.why = "the registry has another image of that name";
    return outcome;
  }
  const std::vector<std::string> texts = TRY(Collect(repository, *images));
  const std::vector<NewEnvelope> accepted = Sort(texts, *images, pulling.trust, outcome);
  outcome.accepted = accepted.size();
  if (!accepted.empty()) {
    outcome.changed = TRY(AddToStore(pulling.paths, pulling.trust, accepted));
  } else if (outcome.refused.empty()) {
    outcome.why = "no verdict there";
  }
  return outcome;
}

std::string Words(const Outcome& outcome) {
  std::string text = outcome.why;
  if (outcome.accepted > 0) {
    text = std::to_string(outcome.accepted) + (outcome.accepted == 1 ? " verdict" : " verdicts");
    text += outcome.changed.empty() ? ", nothing new" : ", stored";
  }
  for (const auto& [rule, count] : outcome.refused) {
    text += (text.empty() ? "" : "; ") + std::to_string(count) + " left out (" + rule + ")";
  }
  return text;
}

int Pull(const Pulling& pulling, const std::vector<PulledImage>& images, bool quiet) {
  size_t without = 0;
  bool failed = false;
  std::string last;  // a registry that is down is told of once
  for (const PulledImage& image : images) {
    const Result<Outcome> outcome = PullOne(pulling, image);
    if (!outcome.ok()) {
      failed = true;
      if (outcome.error().message != last) PrintError(outcome.error());
      last = outcome.error().message;
      Print(Shown(image.shown) + ": not pulled\n");
      continue;
    }
    if (outcome.value().accepted == 0) ++without;
    if (!quiet || !outcome.value().changed.empty()) {
      Print(Shown(image.shown) + ": " + Words(outcome.value()) + "\n");
    }
  }
  if (failed) return Finish(kExitError);
  return Finish(without == 0 ? kExitDone : kExitNo);
}

int PullLocal(const Pulling& pulling, const Options& options) {
  const Result<std::vector<StoredImage>> stored = ListLocalImages(StoresOf(options));
  if (!stored.ok()) return PrintError(stored.error());
  const std::vector<PulledImage> images = WhereToAsk(stored.value());
  const int code = Pull(pulling, images, options.Has("--quiet"));
  if (images.empty() && !options.Has("--quiet")) {
    Print("no image here is known to be from a registry\n");
  }
  // An image without a verdict is nothing unusual on a node: the gate says so when it matters.
  return Finish(code == kExitNo ? kExitDone : code);
}

int PullNamed(const Pulling& pulling, const Options& options) {
  std::vector<PulledImage> images;
  for (const std::string& word : options.words()) {
    const Result<ImageReference> reference = ImageReference::Parse(word);
    if (!reference.ok()) return PrintUsage(kWords, reference.error());
    images.push_back({.shown = word, .reference = reference.value(), .config = std::nullopt});
  }
  return Pull(pulling, images, options.Has("--quiet"));
}

}  // namespace

int VerdictPull(const CommandLine& line) {
  std::vector<OptionSpec> specs = RegistryAccess::Options();
  for (const OptionSpec spec :
       {OptionSpec{"--all-local"}, OptionSpec{"--quiet"}, OptionSpec{"--docker-root", true},
        OptionSpec{"--containers-root", true}, OptionSpec{"--containerd-root", true}}) {
    specs.push_back(spec);
  }
  const Result<Options> options = Options::Parse(line.args, specs);
  if (!options.ok()) return PrintUsage(kWords, options.error());
  const bool local = options.value().Has("--all-local");
  if (local != options.value().words().empty()) {
    return PrintUsage(kWords, {"pull takes the names of images, or --all-local", ""});
  }
  const Result<Policy> policy = LoadPolicy(line.paths);
  if (!policy.ok()) return PrintError(policy.error());
  const auto access = RegistryAccess::Open(options.value(), line.paths);
  if (!access.ok()) return PrintError(access.error());
  const Pulling pulling{line.paths, policy.value().trust, *access.value()};
  return local ? PullLocal(pulling, options.value()) : PullNamed(pulling, options.value());
}

}  // namespace runward
