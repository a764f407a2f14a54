#include "oci/overlay.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "oci/mountinfo.h"

namespace runward {
namespace {

// Splits at every `separator` that no backslash precedes; the pieces keep their backslashes.
std::vector<std::string_view> SplitUnescaped(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == separator) {
      pieces.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  pieces.push_back(text.substr(start));
  return pieces;
}

// The name that an option's value stands for. mountinfo escapes a backslash as \134, so overlay's
// own escapes show as \134: and \134, here.
std::string NameOf(std::string_view piece) {
  const std::string text = UnescapeMount(piece);
  std::string name;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    name += text[i];
  }
  return name;
}

// mountinfo's octal escape of a backslash, undone first, so that one rule splits everything.
std::string WithBackslashes(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("\\134")) {
      out += '\\';
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string Parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

bool IsOdd(std::string_view text) {
  if (text.find('"') != std::string_view::npos) return true;
  for (size_t i = text.find('\\'); i != std::string_view::npos; i = text.find('\\', i + 1)) {
    if (!text.substr(i + 1).starts_with(':')) return true;
  }
  return false;
}

// Of one option that names directories: those that it names.
Result<void> TakeSources(std::string_view key, std::string_view value,
                         std::vector<std::string>& sources) {
  const bool list = key == "lowerdir";
  if (!list && value.find('\\') != std::string_view::npos) {
    return Error{"a backslash in an overlay mount's " + std::string(key), ""};
  }
  const auto pieces = list ? SplitUnescaped(value, ':') : std::vector<std::string_view>{value};
  for (const std::string_view piece : pieces) {
    if (piece.empty()) continue;  // "::" stands before data-only layers
    std::string name;
    std::ranges::remove_copy(piece, std::back_inserter(name), '\\');
    if (name.front() != '/') {
      return Error{"the overlay layer \"" + name + "\" is relative to nothing known", ""};
    }
    sources.push_back(std::move(name));
  }
  return {};
}

// One option into `layers`; those that name no layers say nothing.
Result<void> TakeOption(std::string_view key, std::string_view value, OverlayLayers& layers) {
  if (key == "upperdir") {
    if (!layers.upper.empty()) return Error{"an overlay mount with two upper directories", ""};
    layers.upper = NameOf(value);
  } else if (key == "lowerdir+") {
    layers.lower.push_back(NameOf(value));
  } else if (key == "lowerdir") {
    if (!layers.lower.empty()) return Error{"an overlay mount with two lists of layers", ""};
    for (const std::string_view piece : SplitUnescaped(value, ':')) {
      layers.lower.push_back(NameOf(piece));
    }
  } else if (key.starts_with("datadir")) {
    return Error{"an overlay mount with data-only layers", ""};
  }
  return {};
}

}  // namespace

Result<OverlayLayers> ParseOverlay(std::string_view super_options) {
  const std::string options = WithBackslashes(super_options);
  OverlayLayers layers;
  for (const std::string_view option : SplitUnescaped(options, ',')) {
    const size_t equals = option.find('=');
    if (equals == std::string_view::npos) continue;
    TRY(TakeOption(option.substr(0, equals), option.substr(equals + 1), layers));
  }
  for (const std::string& lower : layers.lower) {
    if (lower.empty()) return Error{"an overlay mount with data-only layers", ""};
  }
  if (layers.lower.empty()) return Error{"an overlay mount without lower layers", ""};
  return layers;
}

Result<std::vector<std::string>> OverlaySources(const std::vector<std::string>& options) {
  constexpr std::array<std::string_view, 5> kKeys = {"datadir+", "lowerdir", "lowerdir+",
                                                     "upperdir", "workdir"};
  std::vector<std::string> sources;
  for (const std::string& text : options) {
    // A comma in quotes may be part of a security label, one after a backslash of a name.
    if (IsOdd(text)) return Error{"quotes or backslashes in an overlay mount's options", ""};
    for (const std::string_view option : SplitUnescaped(text, ',')) {
      const size_t equals = std::min(option.find('='), option.size());
      const std::string_view key = option.substr(0, equals);
      if (std::ranges::find(kKeys, key) == kKeys.end() || equals == option.size()) continue;
      TRY(TakeSources(key, option.substr(equals + 1), sources));
    }
  }
  return sources;
}

Result<OverlayLayers> AbsoluteLayers(OverlayLayers layers, const std::string& mount_point) {
  const bool upper_relative = !layers.upper.empty() && layers.upper.front() != '/';
  const std::string base = Parent(Parent(upper_relative ? mount_point : layers.upper));
  if (upper_relative) layers.upper.insert(0, base + "/");
  for (std::string& lower : layers.lower) {
    if (lower.front() == '/') continue;
    if (base.empty()) {
      return Error{"the overlay layer \"" + lower + "\" is relative to nothing known", ""};
    }
    lower.insert(0, base + "/");
  }
  return layers;
}

}  // namespace runward
