#pragma once

#include <cstddef>
#include <string>

#include "scan/evaluate.h"
#include "scan/exception.h"

namespace runward {

// Of an exception that does nothing, as its time is over or has not come. It is to be said where
// nothing else accepts the finding: whoever wrote it counts on it.
struct Idle {
  std::string note;
  std::string of_finding;
};

// Which findings that break a rule count for nothing, as somebody has looked at them. Each answer
// that accepts one notes that in the evaluation; each other may say in `idle` what did not help.
class Acceptance {
 public:
  Acceptance(const Question& question, Evaluation& evaluation);

  // Of the policy's own exceptions.
  bool ByPolicy(size_t index, Idle& idle);
  // What is given beside the policy, as far as it permits: the scanner's own, ignore files, VEX.
  bool FromOutside(size_t index, Idle& idle);

 private:
  bool ByIgnoreFile(size_t index, Idle& idle);
  const Exception* NewestStatement(const ScanFinding& finding, Idle& idle) const;
  void WarnWithoutEnd(const ScanFinding& finding, const std::string& where);

  const Question& question_;
  Evaluation& evaluation_;
  ImageView view_;
};

}  // namespace runward
