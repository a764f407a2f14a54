#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/command.h"

namespace runward {

// What a command takes, read from its synopsis: "[--mode A|B]" is a flag, "a|b" of small letters
// are words to choose from; "vault get NAME" takes the name of a secret, which the script asks
// `runwardctl vault list --names` for: what that cannot open without asking somebody has no names.
// FILE and the like are left to the shell.
struct Completable {
  std::string words;
  std::string help;
  std::vector<std::string> flags;
  std::vector<std::string> choices;
  bool secrets = false;
};

std::vector<Completable> CompletableOf(const std::vector<Command>& commands);

// The script for "bash", "zsh" or "fish"; "" for another shell.
std::string CompletionScript(std::string_view shell, const std::vector<Completable>& commands);

}  // namespace runward
