#include "policy/seccomp_notify.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

namespace runward {
namespace {

using std::string_view;

constexpr std::array<string_view, 2> kExecs = {"execve", "execveat"};
constexpr string_view kAllow = "SCMP_ACT_ALLOW";
constexpr string_view kLog = "SCMP_ACT_LOG";
constexpr string_view kNotify = "SCMP_ACT_NOTIFY";
constexpr std::array<string_view, 5> kDenying = {"SCMP_ACT_ERRNO", "SCMP_ACT_KILL",
                                                 "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
                                                 "SCMP_ACT_TRAP"};

enum class Kind { kAllows, kDenies, kOther };

Kind KindOf(string_view action) {
  if (action == kAllow || action == kLog) return Kind::kAllows;
  return std::ranges::find(kDenying, action) != kDenying.end() ? Kind::kDenies : Kind::kOther;
}

bool IsNull(JsonValue value) { return !value || value.kind() == JsonKind::kNull; }
bool IsExec(JsonValue name) { return std::ranges::find(kExecs, name.text()) != kExecs.end(); }

std::string InQuotes(string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Error Cannot(const std::string& why) {
  return {"the configuration's seccomp profile " + why +
              ", so that command rules cannot be held by seccomp notification",
          "give the container another seccomp profile"};
}

// The members of an element of "syscalls", under the names that a runtime reads them by.
struct Rule {
  JsonValue value;
  JsonValue names;
  JsonValue args;
  string_view action;
};

Result<Rule> RuleOf(JsonValue value) {
  if (!value.IsObject()) return Error{value.Where() + ": a seccomp rule must be an object", ""};
  Rule rule{.value = value};
  rule.names = TRY(value.Field("names"));
  rule.args = TRY(value.Field("args"));
  const JsonValue action = TRY(value.Field("action"));
  rule.action = action.text();
  return rule;
}

Result<std::vector<Rule>> RulesOf(JsonValue list) {
  std::vector<Rule> rules;
  if (IsNull(list)) return rules;
  if (!list.IsArray()) return Error{list.Where() + ": \"syscalls\" must be a list", ""};
  for (const JsonValue one : list) rules.push_back(TRY(RuleOf(one)));
  return rules;
}

bool Names(const Rule& rule, string_view call) {
  for (const JsonValue name : rule.names) {
    if (name.text() == call) return true;
  }
  return false;
}

// Whether a profile of that default and those rules can be asked about the call: whether it needs a
// rule of its own.
Result<bool> NeedsRule(string_view call, const std::vector<Rule>& rules, Kind otherwise) {
  bool allows = false;
  bool denies = false;
  for (const Rule& rule : rules) {
    if (!Names(rule, call)) continue;
    const Kind kind = KindOf(rule.action);
    if (kind == Kind::kOther)
      return Cannot("has " + std::string(rule.action) + " for " + InQuotes(call));
    // Beside a default that allows, a denial under conditions and a notification would be two
    // answers to one call, which libseccomp does not order.
    const bool conditions = !IsNull(rule.args) && rule.args.size() > 0;
    if (kind == Kind::kDenies && conditions && otherwise == Kind::kAllows) {
      return Cannot("denies " + InQuotes(call) + " under conditions and allows it otherwise");
    }
    (kind == Kind::kAllows ? allows : denies) = true;
  }
  if (allows && denies) return Cannot("allows and denies " + InQuotes(call));
  return !allows && !denies && otherwise == Kind::kAllows;
}

// One rule's names, those of kExecs apart.
struct Parted {
  std::string others;
  std::string execs;
};

Parted Part(const Rule& rule) {
  Parted parted;
  for (const JsonValue name : rule.names) {
    std::string& names = IsExec(name) ? parted.execs : parted.others;
    names.append(names.empty() ? "" : ",").append(name.raw());
  }
  return parted;
}

std::string WithNames(const Rule& rule, const std::string& names) {
  const string_view whole = rule.value.raw();
  const string_view old = rule.names.raw();
  const auto offset = static_cast<size_t>(old.data() - whole.data());
  std::string text(whole.substr(0, offset));
  return text.append("[" + names + "]").append(whole.substr(offset + old.size()));
}

// A rule that has the same names and conditions, and another action.
std::string Ruled(const std::string& names, JsonValue args, string_view action) {
  std::string text = "{\"names\":[" + names + "],\"action\":" + InQuotes(action);
  if (!IsNull(args)) text.append(",\"args\":").append(args.raw());
  return text + "}";
}

void Append(std::string& list, const std::string& rule) {
  list.append(list.empty() ? "" : ",").append(rule);
}

std::string ListenerMembers(const SeccompListener& listener) {
  return "\"listenerPath\":" + InQuotes(listener.path) +
         ",\"listenerMetadata\":" + InQuotes(listener.metadata);
}

// The object's text with other "syscalls" and without members about a listener.
std::string WithRules(JsonValue seccomp, const std::string& rules) {
  std::string text;
  for (const JsonValue member : seccomp) {
    const string_view key = member.key();
    if (key == "syscalls" || key == "listenerPath" || key == "listenerMetadata") continue;
    Append(text, InQuotes(key) + ":" + std::string(member.raw()));
  }
  Append(text, "\"syscalls\":[" + rules + "]");
  return "{" + text + "}";
}

bool IsOurs(JsonValue seccomp, string_view path) {
  return seccomp.Find("listenerPath").IsString() && seccomp.Find("listenerPath").text() == path;
}

std::string Unconfined(const SeccompListener& listener, Processor processor) {
  const string_view architectures = processor == Processor::kX86
                                        ? R"(["SCMP_ARCH_X86_64","SCMP_ARCH_X86"])"
                                        : R"(["SCMP_ARCH_AARCH64","SCMP_ARCH_ARM"])";
  return "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":" + std::string(architectures) +
         "," + ListenerMembers(listener) + ",\"syscalls\":[" +
         Ruled(R"("execve","execveat")", {}, kNotify) + "]}";
}

// The list of rules in which what allows kExecs notifies them, and they are notified that have no
// rule and are allowed.
Result<std::string> NotifyingRules(const std::vector<Rule>& rules, Kind otherwise) {
  std::string missing;
  for (const string_view call : kExecs) {
    if (TRY(NeedsRule(call, rules, otherwise))) Append(missing, InQuotes(call));
  }
  std::string list;
  for (const Rule& rule : rules) {
    if (rule.action == kNotify) return Cannot("notifies another agent of calls");
    const Parted parted = Part(rule);
    if (parted.execs.empty() || KindOf(rule.action) != Kind::kAllows) {
      Append(list, std::string(rule.value.raw()));
      continue;
    }
    if (!parted.others.empty()) Append(list, WithNames(rule, parted.others));
    Append(list, Ruled(parted.execs, rule.args, kNotify));
  }
  if (!missing.empty()) Append(list, Ruled(missing, {}, kNotify));
  return list;
}

}  // namespace

Result<std::string> NotifyExecs(JsonValue seccomp, const SeccompListener& listener,
                                Processor processor) {
  if (IsNull(seccomp)) return Unconfined(listener, processor);
  if (!seccomp.IsObject()) return Error{seccomp.Where() + ": \"seccomp\" must be an object", ""};
  if (IsOurs(seccomp, listener.path)) {
    const JsonDocument before =
        TRY(JsonDocument::Parse(WithoutNotifiedExecs(seccomp, listener.path)));
    return NotifyExecs(before.root(), listener, processor);
  }
  const JsonValue theirs = TRY(seccomp.Field("listenerPath"));
  if (!IsNull(theirs) && !theirs.text().empty()) return Cannot("has a listener of its own");
  (void)TRY(seccomp.Field("listenerMetadata"));
  const JsonValue action = TRY(seccomp.Field("defaultAction"));
  const Kind otherwise = KindOf(action.text());
  if (otherwise == Kind::kOther) {
    return Cannot("has the default action \"" + std::string(action.text()) + "\"");
  }
  const JsonValue calls = TRY(seccomp.Field("syscalls"));
  const std::vector<Rule> rules = TRY(RulesOf(calls));
  std::string text = WithRules(seccomp, TRY(NotifyingRules(rules, otherwise)));
  text.pop_back();  // '}'
  return text + "," + ListenerMembers(listener) + "}";
}

std::string WithoutNotifiedExecs(JsonValue seccomp, string_view path) {
  if (!IsOurs(seccomp, path)) return "";
  std::string list;
  for (const JsonValue value : seccomp.Find("syscalls")) {
    const bool notifies = value.Find("action").text() == kNotify;
    const Rule rule{value, value.Find("names"), value.Find("args"), value.Find("action").text()};
    const Parted parted = Part(rule);
    const bool ours = notifies && parted.others.empty();
    Append(list, ours ? Ruled(parted.execs, rule.args, kAllow) : std::string(value.raw()));
  }
  return WithRules(seccomp, list);
}

}  // namespace runward
