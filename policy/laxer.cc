#include "policy/laxer.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/clock.h"
#include "base/glob.h"
#include "policy/command_schema.h"
#include "policy/image_schema.h"
#include "policy/network_schema.h"
#include "policy/run_check.h"
#include "policy/secret_schema.h"
#include "policy/wording.h"

namespace runward {
namespace {

// One element of a profile's match. Elements of different kinds never take the same images for
// certain.
enum class Kind : uint8_t { kImage, kChain, kBaseChain, kRootfs };
struct Element {
  std::string_view text;
  uint32_t literal = 0;  // size of the beginning up to the first '*', or of all
  uint32_t profile = 0;
  Kind kind = Kind::kImage;
  bool takes_only = false;  // takes images, but its profile does not rely on getting them
  [[nodiscard]] std::string_view beginning() const { return text.substr(0, literal); }
};

Element PatternElement(Kind kind, std::string_view text, size_t profile) {
  const size_t literal = std::min(text.find('*'), text.size());
  return {text, static_cast<uint32_t>(literal), static_cast<uint32_t>(profile), kind};
}

Element DigestElement(Kind kind, const Digest& digest, size_t profile) {
  return PatternElement(kind, digest.text(), profile);  // has no '*'
}

std::vector<Element> ElementsOf(const std::vector<Profile>& profiles) {
  std::vector<Element> elements;
  elements.reserve(profiles.size());
  for (size_t i = 0; i < profiles.size(); ++i) {
    const Match& match = profiles[i].match;
    for (std::string_view image : match.images) {
      elements.push_back(PatternElement(Kind::kImage, image, i));
    }
    for (const Digest& digest : match.chains) {
      elements.push_back(DigestElement(Kind::kChain, digest, i));
    }
    for (const Digest& digest : match.base_chains) {
      elements.push_back(DigestElement(Kind::kBaseChain, digest, i));
      // A base takes the image that is exactly it, too. An earlier profile for that image alone
      // takes nothing from it that matters: stricter rules for the base than for builds are usual.
      elements.push_back(DigestElement(Kind::kChain, digest, i));
      elements.back().takes_only = true;
    }
    for (std::string_view path : match.rootfs) {
      elements.push_back(PatternElement(Kind::kRootfs, path, i));
    }
  }
  return elements;
}

size_t CountOf(const Match& match) {
  return match.images.size() + match.chains.size() + match.base_chains.size() + match.rootfs.size();
}

bool Takes(const Element& outer, const Element& inner) {
  if (outer.kind != inner.kind) return false;
  if (outer.kind == Kind::kImage) return GlobCovers(outer.text, inner.text);
  if (outer.kind == Kind::kRootfs) return PathGlobCovers(outer.text, inner.text);
  return outer.text == inner.text;
}

// How much an expired verdict is let through: 0 not at all, int64's end without limit.
int64_t Leniency(const VerdictRule& rule) {
  if (rule.expired == Lapse::kDeny) return 0;
  return rule.expired == Lapse::kGrace ? rule.grace_ns : INT64_MAX;
}

bool AgeLaxer(const VerdictRule& earlier, const VerdictRule& later) {
  if (earlier.max_age_ns == 0) return false;
  return later.max_age_ns == 0 || later.max_age_ns > earlier.max_age_ns;
}

bool StopLaxer(const VerdictRule& earlier, const VerdictRule& later) {
  if (!earlier.stop_lapsed) return false;
  return !later.stop_lapsed || later.stop_grace_ns > earlier.stop_grace_ns;
}

// Compares elements with those before them, and keeps the finding that matters most for a profile.
class Finder {
 public:
  explicit Finder(const std::vector<Profile>& profiles) : profiles_(profiles) {}

  void Compare(const Element& outer, const Element& inner) {
    if (inner.takes_only || outer.profile >= inner.profile || !Takes(outer, inner)) return;
    Note(outer.profile, inner.profile, inner.text);
    counted_ = true;
  }

  // After `inner` was compared with all: whether something took it.
  void Count(const Element& inner) {
    if (counted_) ++found_[inner.profile].taken;
    counted_ = false;
  }

  void NoteAll(size_t earlier, size_t later) {
    Note(earlier, later, "everything");
    found_[later].taken = CountOf(profiles_[later].match);
  }

  std::vector<ShadowedProfile> Take() {
    std::vector<ShadowedProfile> shadowed;
    for (auto& [later, found] : found_) {
      const bool all = found.taken >= CountOf(profiles_[later].match);
      if (found.profile.laxer || all) shadowed.push_back(std::move(found.profile));
    }
    return shadowed;
  }

 private:
  struct Found {
    ShadowedProfile profile;
    size_t taken = 0;  // elements of the profile that an earlier one takes
  };

  void Note(size_t earlier, size_t later, std::string_view what) {
    ShadowedProfile& found = found_[later].profile;
    const bool laxer = !LaxerWays(profiles_[earlier], profiles_[later]).empty();
    if (!found.what.empty() && (found.laxer || !laxer)) return;
    found = {later, earlier, std::string(what), laxer};
  }

  const std::vector<Profile>& profiles_;
  std::map<size_t, Found> found_;  // by `later`
  bool counted_ = false;
};

// Once sorted by their literal beginning, whatever can take an element lies on the path of
// beginnings above it.
void CompareElements(std::vector<Element> elements, Finder& finder) {
  const auto order = [](const Element& a, const Element& b) {
    return std::pair(a.beginning(), a.profile) < std::pair(b.beginning(), b.profile);
  };
  std::ranges::sort(elements, order);
  std::vector<const Element*> above;
  for (const Element& element : elements) {
    const std::string_view beginning = element.beginning();
    while (!above.empty() && !beginning.starts_with(above.back()->beginning())) above.pop_back();
    for (const Element* outer : above) finder.Compare(*outer, element);
    finder.Count(element);
    above.push_back(&element);
  }
}

}  // namespace

std::string LaxerWays(const Profile& earlier, const Profile& later) {
  std::string ways;
  const auto add = [&ways](bool laxer, const std::string& way) {
    if (laxer) ways += (ways.empty() ? "" : ", ") + way;
  };
  const VerdictRule& was = earlier.verdict;
  const VerdictRule& is = later.verdict;
  add(earlier.mode == Mode::kEnforce && later.mode == Mode::kAudit, "mode audit after enforce");
  add(was.required && !is.required, "no verdict required");
  if (was.required && is.required) {
    add(AgeLaxer(was, is), is.max_age_ns == 0 ? "no maxAge"
                                              : "maxAge " + FormatDuration(is.max_age_ns) +
                                                    " after " + FormatDuration(was.max_age_ns));
    add(!was.warn_allowed && is.warn_allowed, "warn allowed");
    add(Leniency(was) < Leniency(is), "expired verdicts let through for longer");
    add(StopLaxer(was, is),
        is.stop_lapsed ? "lapsed containers stopped later" : "lapsed containers not stopped");
  }
  add(!earlier.restore_allowed && later.restore_allowed, "restore allowed");
  const std::string run = RunLaxerWays(earlier.run, later.run);
  add(!run.empty(), run);
  const std::string commands = CommandsLaxerWays(earlier.commands, later.commands);
  add(!commands.empty(), commands);
  const std::string network = NetworkLaxerWays(earlier.network, later.network);
  add(!network.empty(), network);
  const std::string secrets = SecretsLaxerWays(earlier.secrets, later.secrets);
  add(!secrets.empty(), secrets);
  const std::string image = ImageLaxerWays(earlier.image, later.image);
  add(!image.empty(), image);
  return ways;
}

std::vector<ShadowedProfile> FindShadowed(const std::vector<Profile>& profiles) {
  Finder finder(profiles);
  const auto all =
      std::ranges::find_if(profiles, [](const Profile& p) { return p.match.Everything(); });
  const auto first = static_cast<size_t>(all - profiles.begin());
  for (size_t later = first + 1; later < profiles.size(); ++later) finder.NoteAll(first, later);
  CompareElements(ElementsOf(profiles), finder);
  return finder.Take();
}

std::string DescribeShadowed(const std::vector<Profile>& profiles,
                             const ShadowedProfile& shadowed) {
  const Profile& earlier = profiles[shadowed.earlier];
  const Profile& later = profiles[shadowed.later];
  const std::string first =
      "profile " + Quoted(earlier.name) + " (line " + std::to_string(earlier.position.line) + ")";
  if (!shadowed.laxer) {
    return "profile " + Quoted(later.name) + " would never govern: " + first +
           " takes all that it matches";
  }
  return "profile " + Quoted(later.name) + " is laxer than " + first + " for the same images (" +
         Tame(shadowed.what) + "): " + LaxerWays(earlier, later);
}

}  // namespace runward
