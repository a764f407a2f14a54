#include <algorithm>
#include <array>

#include "policy/validate.h"
#include "scan/exception.h"
#include "scan/yaml.h"

// .trivyignore.yaml (lists of entries by kind), and the "ignore" rules of .grype.yaml.
namespace runward {
namespace {

Error AtLine(const YamlNode& node, const std::string& what, const std::string& hint = "") {
  return {"line " + std::to_string(node.line()) + ": " + what, hint};
}

Result<std::string> Text(const YamlNode& node, std::string_view name) {
  if (node.IsScalar()) return std::string(node.text());
  return AtLine(node, "\"" + std::string(name) + "\" must be a text");
}

Result<std::vector<std::string>> Texts(const YamlNode& node, std::string_view name) {
  std::vector<std::string> texts;
  if (!node.IsList()) {
    return AtLine(node, "\"" + std::string(name) + "\" must be a list");
  }
  for (const YamlNode& item : node.Items()) texts.push_back(TRY(Text(item, name)));
  return texts;
}

// Trivy compares them as a whole; a '*' would accept nothing there.
Result<std::vector<Purl>> Purls(const YamlNode& node) {
  std::vector<Purl> purls;
  if (!node.IsList()) return AtLine(node, "\"purls\" must be a list");
  for (const YamlNode& item : node.Items()) {
    const std::string text = TRY(Text(item, "purls"));
    std::optional<Purl> purl = Purl::Parse(text);
    if (!purl || text.find('*') != std::string::npos) {
      return AtLine(item, "\"" + text + "\" is no package URL",
                    "write it as the report has it, with or without @version; it is no pattern");
    }
    purls.push_back(std::move(*purl));
  }
  return purls;
}

Result<void> SetTrivyKey(const std::string& key, const YamlNode& value, Exception& exception) {
  if (key == "id") {
    exception.ids.push_back(TRY(Text(value, key)));
  } else if (key == "paths") {
    exception.paths = TRY(Texts(value, key));
  } else if (key == "purls") {
    exception.purls = TRY(Purls(value));
  } else if (key == "statement") {
    exception.reason = TRY(Text(value, key));
  } else if (key == "expired_at") {
    exception.expires = LastMomentOf(TRY(Text(value, key)));
    if (!exception.expires) return AtLine(value, "\"expired_at\" must be a date, or a time");
  } else {
    return AtLine(value, "unknown key \"" + key + "\" of an entry");
  }
  return {};
}

Result<Exception> ReadTrivyEntry(const YamlNode& entry, FindingKind kind) {
  Exception exception{.source = {}, .kind = kind};
  if (!entry.IsMap()) return AtLine(entry, "an entry must have an \"id\"");
  for (const auto& [key, value] : entry.Members()) TRY(SetTrivyKey(key, value, exception));
  if (exception.ids.empty()) return AtLine(entry, "an entry must have an \"id\"");
  return exception;
}

// Grype takes a package's name for a regular expression; what is more than ".*" is not read.
Result<std::string> NamePattern(const YamlNode& node) {
  constexpr std::string_view kMeta = "\\[](){}|?+*^$";
  const std::string name = TRY(Text(node, "name"));
  std::string pattern;
  for (size_t at = 0; at < name.size(); ++at) {
    const bool any = name.compare(at, 2, ".*") == 0;
    if (!any && kMeta.find(name[at]) != std::string_view::npos) {
      return AtLine(node,
                    "the name \"" + name + "\" is a regular expression, which is not read here",
                    "write the name, with .* for any characters");
    }
    pattern += any ? '*' : name[at];
    if (any) ++at;
  }
  return pattern;
}

Result<void> SetGrypePackage(const YamlNode& package, Exception& exception) {
  if (!package.IsMap()) return AtLine(package, "\"package\" must have keys");
  for (const auto& [key, value] : package.Members()) {
    if (value.IsNull() || (value.IsScalar() && value.text().empty())) continue;
    if (key == "name") {
      exception.names.push_back(TRY(NamePattern(value)));
    } else if (key == "version") {
      exception.versions.push_back(TRY(Text(value, key)));
    } else if (key == "type") {
      exception.types.push_back(TRY(Text(value, key)));
    } else if (key == "location") {
      exception.paths.push_back(TRY(Text(value, key)));
    } else {
      return AtLine(value, "an ignore rule by the package's \"" + key + "\" is not read here");
    }
  }
  return {};
}

Result<void> SetFixState(const YamlNode& value, Exception& exception) {
  const std::string state = TRY(Text(value, "fix-state"));
  if (state != "fixed" && state != "not-fixed" && state != "wont-fix" && state != "unknown") {
    return AtLine(value, "\"fix-state\" must be fixed, not-fixed, wont-fix or unknown");
  }
  exception.fix_state = state;
  return {};
}

Result<bool> Flag(const YamlNode& node, std::string_view name) {
  const std::string text = TRY(Text(node, name));
  if (text == "true" || text == "false") return text == "true";
  return AtLine(node, "\"" + std::string(name) + "\" must be true or false");
}

Result<void> SetGrypeKey(const std::string& key, const YamlNode& value, Exception& exception) {
  if (value.IsNull() || (value.IsScalar() && value.text().empty())) return {};
  if (key == "vulnerability") {
    exception.ids.push_back(TRY(Text(value, key)));
  } else if (key == "reason") {
    exception.reason = TRY(Text(value, key));
  } else if (key == "fix-state") {
    TRY(SetFixState(value, exception));
  } else if (key == "package") {
    TRY(SetGrypePackage(value, exception));
  } else if (key == "include-aliases") {
    exception.by_alias = TRY(Flag(value, key));
  } else {
    return AtLine(value, "an ignore rule by \"" + key + "\" is not read here",
                  "passed over, it would accept more than it says");
  }
  return {};
}

Result<Exception> ReadGrypeRule(const YamlNode& rule) {
  Exception exception{.source = {}, .kind = FindingKind::kVulnerability};
  exception.by_alias = false;  // as in Grype, unless "include-aliases" says so
  if (!rule.IsMap()) return AtLine(rule, "an ignore rule must have keys");
  for (const auto& [key, value] : rule.Members()) TRY(SetGrypeKey(key, value, exception));
  const bool narrow = !exception.ids.empty() || !exception.names.empty() ||
                      !exception.types.empty() || !exception.paths.empty() ||
                      !exception.fix_state.empty();
  if (!narrow) return AtLine(rule, "an ignore rule that would accept everything");
  return exception;
}

struct Section {
  std::string_view name;
  FindingKind kind;
};
constexpr std::array<Section, 4> kSections = {
    {{"vulnerabilities", FindingKind::kVulnerability},
     {"misconfigurations", FindingKind::kMisconfiguration},
     {"secrets", FindingKind::kSecret},
     {"licenses", FindingKind::kLicense}}};

Result<void> ReadList(const YamlNode& list, std::string_view name, auto read,
                      std::vector<Exception>& out) {
  if (list.IsNull()) return {};
  if (!list.IsList()) {
    return AtLine(list, "\"" + std::string(name) + "\" must be a list");
  }
  for (const YamlNode& item : list.Items()) out.push_back(TRY(read(item)));
  return {};
}

Result<void> ReadDocument(const YamlNode& root, std::vector<Exception>& exceptions) {
  TRY(CheckPlainYaml(root));
  // Grype's configuration has keys of its own beside the rules.
  if (const YamlNode rules = root.Find("ignore")) {
    return ReadList(rules, "ignore", ReadGrypeRule, exceptions);
  }
  for (const auto& [key, list] : root.Members()) {
    const auto* section = std::ranges::find(kSections, key, &Section::name);
    if (section == kSections.end()) return AtLine(list, "unknown key \"" + key + "\"");
    const FindingKind kind = section->kind;
    TRY(ReadList(
        list, key, [kind](const YamlNode& entry) { return ReadTrivyEntry(entry, kind); },
        exceptions));
  }
  return {};
}

}  // namespace

Result<std::vector<Exception>> ReadIgnoreYaml(const std::string& text) {
  std::vector<Exception> exceptions;
  int documents = 0;
  TRY(EachYamlDocument(text, [&](const YamlNode& root) -> Result<void> {
    if (++documents > 1) return AtLine(root, "a second document");
    return ReadDocument(root, exceptions);
  }));
  return exceptions;
}

}  // namespace runward
