#include <algorithm>

#include "base/glob.h"
#include "policy/image_rule.h"
#include "policy/image_schema.h"
#include "policy/wording.h"

namespace runward {
namespace {

void CheckSeverities(const JsonValue& section, Problems& problems) {
  if (!section) return;
  const JsonValue fail = section.Find("fail");
  const JsonValue warn = section.Find("warn");
  if (!fail && !warn) {
    problems.At(section, "\"" + std::string(section.key()) + "\" asks nothing",
                "add \"fail\": \"high\"");
  }
  if (fail && warn && *ParseSeverity(warn.text()) >= *ParseSeverity(fail.text())) {
    problems.At(warn, "\"warn\" has no effect: what it names fails already",
                "name a severity below that of \"fail\"");
  }
}

double ShareOf(const JsonValue& image, std::string_view key) {
  const VulnerabilityRule rule = ReadImageRule(image).vulnerabilities;
  return (key == "fail" ? rule.epss_fail : rule.epss_warn).value_or(0);
}

void CheckEpss(const JsonValue& image, Problems& problems) {
  const JsonValue epss = image.Find("epss");
  if (!epss) return;
  const JsonValue fail = epss.Find("fail");
  const JsonValue warn = epss.Find("warn");
  if (!fail && !warn) problems.At(epss, "\"epss\" asks nothing", "add \"fail\": 0.5");
  if (fail && warn && ShareOf(image, "warn") >= ShareOf(image, "fail")) {
    problems.At(warn, "\"warn\" has no effect: what it names fails already",
                "name a probability below that of \"fail\"");
  }
}

// A section of lists in which none of `keys` is.
void CheckLists(const JsonValue& section, std::initializer_list<std::string_view> keys,
                Problems& problems) {
  if (!section) return;
  if (std::ranges::none_of(keys, [&](std::string_view key) { return bool{section.Find(key)}; })) {
    problems.At(section, "\"" + std::string(section.key()) + "\" asks nothing",
                "add \"" + std::string(*keys.begin()) + "\"");
  }
  for (const JsonValue allowed : section.Find("allow")) {
    for (const JsonValue denied : section.Find("deny")) {
      if (allowed.text() != denied.text()) continue;
      problems.At(allowed, Quoted(allowed.text()) + " is denied and allowed",
                  "leave it out of one of the two lists");
    }
  }
}

// A CVE's id is often typed, and one mistyped would deny or except nothing.
void CheckId(const JsonValue& id, Problems& problems) {
  std::string_view text = id.text();
  if (!text.starts_with("CVE") && !text.starts_with("cve")) return;
  text.remove_prefix(3);
  const auto digits = [](std::string_view part) {
    return std::ranges::all_of(part, [](char c) { return (c >= '0' && c <= '9') || c == '*'; });
  };
  const size_t dash = text.size() > 1 ? text.find('-', 1) : std::string_view::npos;
  const bool good = id.text().starts_with("CVE-") && dash != std::string_view::npos &&
                    digits(text.substr(1, dash - 1)) && text.size() > dash + 1 &&
                    digits(text.substr(dash + 1));
  if (!good) {
    problems.At(id, Quoted(id.text()) + " is not a CVE's id", "such as \"CVE-2021-44228\"");
  }
}

void CheckVulnerabilities(const JsonValue& image, Problems& problems) {
  const JsonValue section = image.Find("vulnerabilities");
  CheckSeverities(section, problems);
  const JsonValue grace = section.Find("grace");
  if (grace && !section.Find("fail")) {
    problems.AtKey(grace, "\"grace\" has no effect: nothing fails", "add \"fail\"");
  }
}

bool Asks(const JsonValue& image) {
  for (const JsonValue member : image) {
    if (member.key() != "exceptions" && member.key() != "accept") return true;
  }
  return false;
}

// Whether a threshold lets more through: none is the most.
template <typename T>
bool Weaker(const std::optional<T>& was, const std::optional<T>& is) {
  return was && (!is || *is > *was);
}

bool Weaker(const SeverityRule& was, const SeverityRule& is) {
  if (!was.asks()) return false;
  return is.mode < was.mode || Weaker(was.fail, is.fail) || Weaker(was.warn, is.warn);
}

bool Lists(const std::vector<std::string>& list, const std::string& text) {
  return std::ranges::any_of(list, [&](const std::string& one) { return GlobCovers(one, text); });
}

bool Within(const std::vector<std::string>& inner, const std::vector<std::string>& outer) {
  return std::ranges::all_of(inner, [&](const std::string& one) { return Lists(outer, one); });
}

bool Weaker(const ListRule& was, const ListRule& is) {
  if (!was.asks()) return false;
  if (is.mode < was.mode || !Within(was.deny, is.deny)) return true;
  return was.allow && (!is.allow || !Within(*is.allow, *was.allow));
}

bool Longer(int64_t was, int64_t is) { return was != 0 && (is == 0 || is > was); }

bool Weaker(const ScanRule& was, const ScanRule& is) {
  if (was.mode == Effect::kOff) return false;
  const bool fewer = !std::ranges::all_of(was.classes, [&](ScanClass one) {
    return std::ranges::find(is.classes, one) != is.classes.end();
  });
  const bool asks = was.max_age_ns != 0 || was.max_database_age_ns != 0 || !was.classes.empty();
  return (asks && is.mode < was.mode) || fewer || Longer(was.max_age_ns, is.max_age_ns) ||
         Longer(was.max_database_age_ns, is.max_database_age_ns);
}

bool Weaker(const VulnerabilityRule& was, const VulnerabilityRule& is) {
  return Weaker(was.severity, is.severity) || is.grace_ns > was.grace_ns ||
         (was.severity.asks() && (is.unfixed < was.unfixed || is.unknown_as < was.unknown_as));
}

// Whether what `is` accepts was accepted already.
bool Covers(const PolicyException& was, const PolicyException& is) {
  const auto within = [](const std::vector<std::string>& inner,
                         const std::vector<std::string>& outer) {
    return outer.empty() || (!inner.empty() && Within(inner, outer));
  };
  const bool longer = was.expires && (!is.expires || *is.expires > *was.expires);
  return !longer && GlobCovers(was.id, is.id) && within(is.images, was.images) &&
         within(is.packages, was.packages);
}

std::string AcceptedMore(const ImageRule& was, const ImageRule& is) {
  const bool more = !std::ranges::all_of(is.exceptions, [&](const PolicyException& one) {
    return std::ranges::any_of(was.exceptions,
                               [&](const PolicyException& other) { return Covers(other, one); });
  });
  std::string what;
  const auto add = [&what](bool now, std::string_view name) {
    if (now) what.append(what.empty() ? "accepts " : ", ").append(name);
  };
  add(more, "more exceptions");
  add(is.accept_vex && !was.accept_vex, "VEX documents");
  add(is.accept_ignore && !was.accept_ignore, "ignore files");
  return what;
}

}  // namespace

void CheckImage(const JsonValue& image, Problems& problems) {
  if (!image) return;
  if (!Asks(image)) {
    problems.At(image, "\"image\" asks nothing of an image",
                "add \"vulnerabilities\": { \"fail\": \"critical\" }");
  }
  CheckVulnerabilities(image, problems);
  CheckEpss(image, problems);
  CheckSeverities(image.Find("secrets"), problems);
  CheckSeverities(image.Find("misconfigurations"), problems);
  CheckLists(image.Find("cves"), {"deny"}, problems);
  CheckLists(image.Find("packages"), {"deny", "allow"}, problems);
  CheckLists(image.Find("licenses"), {"deny", "allow", "categories"}, problems);
  CheckLists(image.Find("scan"), {"maxAge", "maxDatabaseAge", "classes"}, problems);
  for (const JsonValue id : image.Find("cves").Find("deny")) CheckId(id, problems);
  for (const JsonValue entry : image.Find("exceptions")) CheckId(entry.Find("id"), problems);
}

std::string ImageLaxerWays(const JsonValue& was, const JsonValue& is) {
  if (!was) return "";
  const ImageRule before = ReadImageRule(was);
  const ImageRule after = ReadImageRule(is);
  std::string ways;
  const auto add = [&ways](bool laxer, std::string_view what) {
    if (!laxer) return;
    ways.append(ways.empty() ? "image asks less about " : ", ").append(what);
  };
  const VulnerabilityRule& were = before.vulnerabilities;
  const VulnerabilityRule& are = after.vulnerabilities;
  add(Weaker(were, are), "vulnerabilities");
  add(are.known_exploited < were.known_exploited, "known exploited ones");
  add(Weaker(were.epss_fail, are.epss_fail) || Weaker(were.epss_warn, are.epss_warn), "EPSS");
  add(Weaker(before.cves, after.cves), "denied CVEs");
  add(Weaker(before.secrets, after.secrets), "secrets");
  add(Weaker(before.misconfigurations, after.misconfigurations), "misconfigurations");
  add(Weaker(before.licenses, after.licenses) ||
          !Within(before.license_categories, after.license_categories),
      "licences");
  add(Weaker(before.packages, after.packages), "packages");
  add(after.root < before.root, "root");
  add(after.end_of_life < before.end_of_life, "the distribution's end of life");
  add(Weaker(before.scan, after.scan), "the scan");
  add(Weaker(before.labels, after.labels), "labels");
  add(Weaker(before.bases, after.bases), "bases");
  // One that asks nothing has nothing to accept.
  const std::string accepts = is ? AcceptedMore(before, after) : "";
  if (!accepts.empty()) ways.append(ways.empty() ? "image " : ", and ").append(accepts);
  return ways;
}

}  // namespace runward
