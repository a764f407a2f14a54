#include <cstdio>

#include "base/event_format.h"
#include "base/event_text.h"
#include "tools/advice.h"
#include "tools/event_scan.h"
#include "tools/report.h"
#include "tools/verdict.h"

namespace runward {
namespace {

struct Found {
  LoggedEvent logged;
  std::string line;
  std::string file;
  int64_t number = 0;
};

// Nothing is printed for what is not known.
void Row(const char* name, const std::string& value) {
  if (!value.empty()) Print("  " + Fit(name, 12) + " " + Printable(value) + "\n");
}

std::string Joined(const std::vector<std::string>& words, bool quote, int64_t left_out) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + (quote ? ShellWord(word) : word);
  }
  if (left_out > 0) text += " (and " + Grouped(left_out) + " more)";
  return text;
}

std::string Ago(Time time, Time now) {
  return now < time ? "in the future" : FormatDuration(now.ns - time.ns) + " ago";
}

const char* Verb(EventAction action) {
  switch (action) {
    case EventAction::kAllowed:
      return "was allowed";
    case EventAction::kDenied:
      return "was denied";
    case EventAction::kWouldDeny:
      return "was allowed, and would be denied under enforce";
    case EventAction::kError:
      return "could not be decided, and was refused";
  }
  return "";
}

void PrintAsked(const Event& event, const Found& found) {
  std::printf("\nWhat was asked\n");
  Row("operation", event.operation);
  Row("container", event.container_id);
  Row("state root", event.container_root);
  Row("bundle", event.bundle);
  Row("command", Joined(event.args, true, found.logged.args_left_out));
  Row("executable", event.executable);
  Row("executed by", event.parent);
  Row("environment", Joined(event.env, false, found.logged.env_left_out) +
                         (event.env.empty() ? "" : " (values are never logged)"));
  Row("user", event.user);
  Row("runtime", event.real_runtime);
  Row("host", found.logged.hostname);
}

void PrintImage(const Event& event) {
  std::printf("\nWhich image\n");
  Row("name", event.image_name);
  Row("chain", event.image_chain);
  Row("config", event.image_config);
  Row("store", event.image_store);
  if (event.image_chain.empty()) {
    std::printf("  it could not be identified by what is mounted; a name alone proves nothing\n");
  }
}

void PrintWhy(const Event& event) {
  std::printf("\nWhy\n");
  Row("rule", event.rule);
  Row("decided by", event.tier);
  Row("reason", event.reason);
  Row("profile", event.profile.empty()
                     ? "(none governs)"
                     : event.profile + (event.mode.empty() ? "" : ", in " + event.mode));
  Row("policy", event.policy_sha256);
  Row("verdict", event.verdict_sha256);
  Row("signed by", event.key);
  for (const std::string& warning : event.warnings) Row("warning", warning);
}

void PrintEvent(const Found& found, const CommandLine& line) {
  const Event& event = found.logged.event;
  Print("Event " + Printable(event.id) + ": this " + Printable(event.operation) + " " +
        Verb(event.action) + "\n");
  std::printf("  %s UTC, %s; %s, line %lld, record %lld\n", ShortTime(event.time).c_str(),
              Ago(event.time, Now()).c_str(), found.file.c_str(),
              static_cast<long long>(found.number), static_cast<long long>(found.logged.link.seq));
  PrintAsked(event, found);
  PrintImage(event);
  PrintWhy(event);
  std::printf("\nWhat to do next\n");
  for (const std::string& advice : Advice(event, line.paths.root_flag)) {
    Print("  " + Printable(advice) + "\n");
  }
}

Result<Found> Find(const CommandLine& line, const std::string& id) {
  EventFilter filter;
  filter.id = id;
  Found found;
  TRY(ScanEvents(line.paths.log, filter,
                 [&](const LoggedEvent& logged, const LogLine& text, const std::string& file) {
                   found = {logged, std::string(text.text), file, text.number};
                 }));
  if (found.number == 0) {
    return Error{"no event \"" + id + "\" in " + line.paths.log,
                 Program(line.paths) +
                     "report events lists them; older ones may have been rotated away, and "
                     "a refusal whose record could not be written has none"};
  }
  return found;
}

}  // namespace

int ReportExplain(const CommandLine& line) {
  const auto options = Options::Parse(line.args, {{"--json", false}});
  if (!options.ok()) return PrintUsage("report explain", options.error());
  if (options.value().words().size() != 1 || options.value().words()[0].empty()) {
    return PrintUsage("report explain", Error{"which event?", "runwardctl report explain EVENT"});
  }
  const auto found = Find(line, options.value().words()[0]);
  if (!found.ok()) return PrintError(found.error());
  if (options.value().Has("--json")) {
    Print(Printable(found.value().line) + "\n");
  } else {
    PrintEvent(found.value(), line);
  }
  return Finish(kExitDone);
}

}  // namespace runward
