#pragma once

#include <string>

#include "base/paths.h"
#include "base/result.h"
#include "policy/decide.h"
#include "policy/policy.h"
#include "tools/policy_subject.h"

namespace runward {

// One line of `policy explain`: what it is about, and what is said of it.
std::string ExplainRow(const std::string& head, const std::string& text);

// What would become of a bundle's config.json, by the code that a start runs.
struct ConfigExplanation {
  Decision decision;       // with what the profile's run controls found
  std::string rows;        // the controls' findings, what is changed, and why
  std::string difference;  // as diff -u; in audit mode, also of what enforce mode would change
  std::string text;        // the whole file as a start would leave it; "" when it would not start
};

// `subject` has a configuration; `decision` is the image's. Fails where a start would fail.
Result<ConfigExplanation> ExplainConfig(const Paths& paths, const Policy& policy,
                                        const PolicySubject& subject, Decision decision);

}  // namespace runward
