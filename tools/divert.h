#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace runward {

// runward in the place of the program `runc`, by dpkg-divert: for who runs runc by its path or from
// PATH (BuildKit, `docker run --runtime runc`), and across upgrades of runc's package, which then
// go to `runc.distrib`. It protects from nobody who may name a runtime by path, runc.distrib too.
struct Diversion {
  std::string path;                   // of runc
  std::string program;                // of runward
  std::vector<std::string> database;  // dpkg-divert's options; a test's --admindir
  [[nodiscard]] std::string kept() const { return path + ".distrib"; }
};

// After each step, done or not or cut short by a crash, `path` is a program that runs containers;
// each can be repeated.
struct DivertStep {
  std::string_view what;
  Result<void> (*run)(const Diversion& diversion);
};

std::array<DivertStep, 3> DivertSteps();
std::array<DivertStep, 2> RestoreSteps();

enum class Diverted { kNo, kPartly, kYes };
Diverted DivertedNow(const Diversion& diversion);

// The places where packages put runc, in which one is now.
std::vector<std::string> RuncPaths();

}  // namespace runward
