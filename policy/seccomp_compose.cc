#include "policy/seccomp_compose.h"

#include <algorithm>
#include <array>
#include <map>

#include "policy/syscall_groups.h"

namespace runward {
namespace {

using std::string_view;

// From the strictest on: the kernel's own order (seccomp(2)).
constexpr std::array<string_view, 5> kDenying = {"SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL",
                                                 "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP",
                                                 "SCMP_ACT_ERRNO"};

size_t Strictness(string_view action) {
  return static_cast<size_t>(std::ranges::find(kDenying, action) - kDenying.begin());
}
bool Denies(string_view action) { return Strictness(action) < kDenying.size(); }

bool Has(std::span<const std::string> sorted, string_view name) {
  return std::ranges::binary_search(sorted, name, std::less<>());
}

std::string InQuotes(string_view text) { return "\"" + std::string(text) + "\""; }

// One element of "syscalls".
struct Rule {
  JsonValue value;
  JsonValue names;
  string_view action;
  JsonValue errno_ret;
};

Result<Rule> RuleOf(JsonValue value) {
  if (!value.IsObject()) return Error{value.Where() + ": a seccomp rule must be an object", ""};
  Rule rule{.value = value};
  rule.names = TRY(value.Field("names"));
  const JsonValue action = TRY(value.Field("action"));
  rule.action = action.text();
  rule.errno_ret = TRY(value.Field("errnoRet"));
  if (rule.names && !rule.names.IsArray() && rule.names.kind() != JsonKind::kNull) {
    return Error{rule.names.Where() + ": \"names\" must be a list", ""};
  }
  return rule;
}

// What a denied call is answered with where the profile itself allows what it does not name.
struct Answer {
  string_view action = "SCMP_ACT_ERRNO";
  std::string_view errno_ret = "1";  // EPERM
};

class Composer {
 public:
  Composer(std::span<const std::string> denied, bool denies_unnamed)
      : denied_(denied), denies_unnamed_(denies_unnamed), named_(denied.size(), false) {
    for (const Multiplexer& one : Multiplexers()) {
      const bool part = std::ranges::any_of(
          one.parts, [&](string_view name) { return !name.empty() && Has(denied_, name); });
      if (part) multiplexers_.push_back(one.name);
    }
  }

  Result<void> Add(JsonValue value) {
    const Rule rule = TRY(RuleOf(value));
    const bool denies = Denies(rule.action);
    // The profile's own denials stay; but beside a default that allows, one rule a call has to say
    // all, since a runtime's library does not take several that differ.
    if (denies && denies_unnamed_) {
      Append(std::string(value.raw()));
      return {};
    }
    std::string kept;
    bool all = true;
    for (const JsonValue name : rule.names) {
      if (Takes(name.text(), denies)) {
        all = false;
        Note(name.text(), rule, denies);
        continue;
      }
      kept += (kept.empty() ? "" : ",") + std::string(name.raw());
    }
    if (all) {
      Append(std::string(value.raw()));
    } else if (!kept.empty()) {
      Append(WithNames(rule, "[" + kept + "]"));
    }
    return {};
  }

  // The list, and what a default that allows makes necessary.
  std::string Finish() {
    if (!denies_unnamed_) {
      std::map<std::pair<string_view, string_view>, std::string> by_answer;
      for (const std::string& name : denied_) {
        const auto found = answers_.find(name);
        const Answer answer = found == answers_.end() ? Answer{} : found->second;
        std::string& names = by_answer[{answer.action, answer.errno_ret}];
        names += (names.empty() ? "" : ",") + InQuotes(name);
      }
      for (const auto& [answer, names] : by_answer) {
        const auto& [action, errno_ret] = answer;
        std::string text = "{\"names\":[" + names + "],\"action\":" + InQuotes(action);
        if (action == "SCMP_ACT_ERRNO" && !errno_ret.empty()) {
          text.append(",\"errnoRet\":").append(errno_ret);
        }
        Append(text + "}");
      }
    }
    return "[" + rules_ + "]";
  }

  [[nodiscard]] std::vector<string_view> Closed() const {
    std::vector<string_view> closed;
    for (size_t i = 0; i < denied_.size(); ++i) {
      const bool was_open = denies_unnamed_ ? named_[i] : !answers_.contains(denied_[i]);
      if (was_open) closed.emplace_back(denied_[i]);
    }
    return closed;
  }

 private:
  // Whether the name has to leave a rule of its kind.
  [[nodiscard]] bool Takes(string_view name, bool denies) const {
    if (Has(denied_, name)) return true;
    return !denies && std::ranges::find(multiplexers_, name) != multiplexers_.end();
  }

  void Note(string_view name, const Rule& rule, bool denies) {
    const auto found = std::ranges::lower_bound(denied_, name, std::less<>());
    if (found == denied_.end() || *found != name) return;
    named_[static_cast<size_t>(found - denied_.begin())] = true;
    if (!denies) return;
    const bool errno_given = rule.errno_ret && rule.errno_ret.kind() == JsonKind::kNumber;
    const Answer answer{rule.action, errno_given ? rule.errno_ret.raw() : "1"};
    const auto [known, added] = answers_.try_emplace(*found, answer);
    if (!added && Strictness(answer.action) < Strictness(known->second.action)) {
      known->second = answer;
    }
  }

  static std::string WithNames(const Rule& rule, const std::string& names) {
    const string_view whole = rule.value.raw();
    const string_view old = rule.names.raw();
    const auto offset = static_cast<size_t>(old.data() - whole.data());
    std::string text(whole.substr(0, offset));
    return text.append(names).append(whole.substr(offset + old.size()));
  }

  void Append(const std::string& rule) { rules_ += (rules_.empty() ? "" : ",") + rule; }

  std::span<const std::string> denied_;
  bool denies_unnamed_;
  std::vector<bool> named_;  // by a rule that was changed
  std::vector<string_view> multiplexers_;
  std::map<std::string, Answer, std::less<>> answers_;  // of the profile's own denials
  std::string rules_;
};

string_view ArchitecturesOf(Processor processor) {
  return processor == Processor::kX86 ? R"(["SCMP_ARCH_X86_64","SCMP_ARCH_X86"])"
                                      : R"(["SCMP_ARCH_AARCH64","SCMP_ARCH_ARM"])";
}

bool IsNull(JsonValue value) { return !value || value.kind() == JsonKind::kNull; }

}  // namespace

Result<ComposedSeccomp> ComposeSeccomp(JsonValue seccomp, std::span<const std::string> denied,
                                       Processor processor) {
  if (IsNull(seccomp)) {
    Composer composer(denied, /*denies_unnamed=*/false);
    std::string text = "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":";
    text.append(ArchitecturesOf(processor)).append(",\"syscalls\":").append(composer.Finish());
    return ComposedSeccomp{.text = text + "}", .closed = composer.Closed()};
  }
  if (!seccomp.IsObject()) return Error{seccomp.Where() + ": \"seccomp\" must be an object", ""};
  const JsonValue default_action = TRY(seccomp.Field("defaultAction"));
  const JsonValue rules = TRY(seccomp.Field("syscalls"));
  if (!IsNull(rules) && !rules.IsArray()) {
    return Error{rules.Where() + ": \"syscalls\" must be a list", ""};
  }
  Composer composer(denied, Denies(default_action.text()));
  if (rules.IsArray()) {
    for (const JsonValue rule : rules) TRY(composer.Add(rule));
  }
  const std::string list = composer.Finish();
  std::string text(seccomp.raw());
  if (rules) {
    const auto offset = static_cast<size_t>(rules.raw().data() - seccomp.raw().data());
    text.replace(offset, rules.raw().size(), list);
  } else {
    text.pop_back();  // '}'
    text += (seccomp.size() > 0 ? ",\"syscalls\":" : "\"syscalls\":") + list + "}";
  }
  return ComposedSeccomp{.text = std::move(text), .closed = composer.Closed()};
}

}  // namespace runward
