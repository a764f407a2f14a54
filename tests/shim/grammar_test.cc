#include "shim/grammar.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <regex>
#include <set>
#include <string>

namespace runward {
namespace {

void ExpectSorted(std::span<const Option> options, Grammar grammar) {
  EXPECT_TRUE(std::ranges::is_sorted(options, {}, &Option::name));
  std::set<std::string> seen;
  for (const Option& option : options) {
    if (!Knows(option.in, grammar)) continue;
    EXPECT_TRUE(seen.insert(std::string(option.name)).second) << option.name;
    if (option.letter == '\0') continue;
    EXPECT_TRUE(seen.insert({'-', option.letter}).second) << option.letter;
  }
}

TEST(Grammar, TablesAreSortedAndSayEverythingOnce) {
  EXPECT_TRUE(std::ranges::is_sorted(Subcommands(), {}, &Subcommand::name));
  for (const Grammar grammar : {Grammar::kRunc, Grammar::kCrun}) {
    ExpectSorted(GlobalOptions(), grammar);
    for (const Subcommand& subcommand : Subcommands()) ExpectSorted(subcommand.options, grammar);
  }
}

std::string Output(const std::string& command) {
  std::string text;
  // NOLINTNEXTLINE(cert-env33-c): the command is this file's own.
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  char buffer[4096];
  while (const size_t got = fread(buffer, 1, sizeof buffer, pipe.get())) text.append(buffer, got);
  return text;
}

// The options that a program's help lists: name, letter, and whether they take a value.
std::set<std::string> Listed(const std::string& help) {
  std::set<std::string> found;
  // runc: "   --bundle value, -b value  ..."; crun: "  -b, --bundle=DIR   ...".
  const std::regex line(R"(\n +(?:-(\w), )?--([a-z0-9-]+)(\[?=| value)?(?:(?: value)?, -(\w)\b)?)");
  for (std::sregex_iterator at(help.begin(), help.end(), line), end; at != end; ++at) {
    const std::smatch& match = *at;
    const std::string name = match[2];
    if (name == "help" || name == "usage" || name == "version") continue;
    const std::string letter = match[1].matched ? match[1].str() : match[4].str();
    found.insert(name + "/" + letter + (match[3].matched ? "/value" : ""));
  }
  return found;
}

std::string Known(std::span<const Option> options, const std::string& listed, Grammar grammar) {
  const Option* option = FindOption(options, listed.substr(0, listed.find('/')), grammar);
  if (option == nullptr) return "unknown";
  std::string known = std::string(option->name) + "/";
  if (option->letter != '\0') known += option->letter;
  return known + (option->arity == Arity::kFlag ? "" : "/value");
}

void ExpectComplete(const std::string& program, Grammar grammar) {
  if (access(program.c_str(), X_OK) != 0) GTEST_SKIP() << program << " is not installed";
  const std::set<std::string> globals = Listed(Output(program + " --help 2>&1"));
  EXPECT_GE(globals.size(), 6U);
  for (const std::string& one : globals) EXPECT_EQ(Known(GlobalOptions(), one, grammar), one);
  size_t listed = 0;
  for (const Subcommand& subcommand : Subcommands()) {
    const std::string name(subcommand.name);
    if (!Knows(subcommand.in, grammar) || name == "h" || name == "help") continue;
    for (const std::string& one : Listed(Output(program + " " + name + " --help 2>&1"))) {
      EXPECT_EQ(Known(subcommand.options, one, grammar), one) << program << " " << name;
      ++listed;
    }
  }
  EXPECT_GE(listed, 50U);
}

TEST(Grammar, KnowsEveryOptionThatRuncLists) { ExpectComplete("/usr/sbin/runc", Grammar::kRunc); }
TEST(Grammar, KnowsEveryOptionThatCrunLists) { ExpectComplete("/usr/bin/crun", Grammar::kCrun); }

TEST(Grammar, KnowsEverySubcommandThatRuncLists) {
  if (access("/usr/sbin/runc", X_OK) != 0) GTEST_SKIP() << "runc is not installed";
  const std::string help = Output("/usr/sbin/runc --help");
  const size_t start = help.find("COMMANDS:");
  const std::string commands = help.substr(start, help.find("GLOBAL", start) - start);
  const std::regex line(R"(\n   ([a-z]+))");
  int count = 0;
  for (std::sregex_iterator at(commands.begin(), commands.end(), line), end; at != end; ++at) {
    EXPECT_NE(FindSubcommand((*at)[1].str(), Grammar::kRunc), nullptr) << (*at)[1];
    ++count;
  }
  EXPECT_GE(count, 16);
}

}  // namespace
}  // namespace runward
