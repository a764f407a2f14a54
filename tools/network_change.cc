#include "tools/network_change.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace runward {
namespace {

using Json = nlohmann::json;

constexpr size_t kLongest = 160;
constexpr size_t kMostAddresses = 8;

std::string Cut(std::string text) {
  if (text.size() <= kLongest) return text;
  text.resize(kLongest);
  return text + "...";
}

std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Json> Read(const std::string& text) {
  if (text.empty()) return Json::object();
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
  if (json.is_object()) return json;
  return Error{"the network rules of a record cannot be read", ""};
}

// Null where there is none.
Json Member(const Json& json, const char* name) {
  return json.is_object() ? json.value(name, Json()) : Json();
}

std::set<std::string> Elements(const Json& list) {
  std::set<std::string> all;
  for (const Json& one : list) all.insert(Text(one));
  return all;
}

std::vector<std::string> Missing(const Json& from, const Json& in) {
  const std::set<std::string> known = Elements(in);
  std::vector<std::string> missing;
  for (const Json& one : from) {
    if (!known.contains(Text(one))) missing.push_back(Text(one));
  }
  return missing;
}

std::string Line(std::string_view sign, const std::string& place, const std::string& rule) {
  std::string line(sign);
  return line.append(place).append(" ").append(rule);
}

class Difference {
 public:
  Difference(const Json& before, const Json& after)
      : before_(Member(before, "network")), after_(Member(after, "network")) {
    Groups(Member(before, "addressGroups"), Member(after, "addressGroups"));
  }

  std::vector<std::string> Take() {
    if (before_.is_null() && !after_.is_null()) Say("+ network rules, where there were none");
    if (after_.is_null() && !before_.is_null()) Say("- all network rules");
    for (const char* direction : {"egress", "ingress"}) Direction(direction);
    Word(before_, after_, "capabilities", "withhold", "capabilities", " (from the next start on)");
    Word(before_, after_, "hostNetwork", "deny", "hostNetwork", " (from the next start on)");
    Word(before_, after_, "onChange", "keep", "onChange", "");
    return std::move(lines_);
  }

 private:
  void Say(std::string line) { lines_.push_back(Cut(std::move(line))); }

  void Word(const Json& was, const Json& is, const char* key, const char* fallback,
            const std::string& name, const std::string& more) {
    const auto of = [&](const Json& section) {
      const Json value = Member(section, key);
      return value.is_string() ? value.get<std::string>() : std::string(fallback);
    };
    if (of(was) != of(is)) Say("~ " + name + ": " + of(was) + " -> " + of(is) + more);
  }

  void Direction(const std::string& name) {
    const Json was = Member(before_, name.c_str());
    const Json is = Member(after_, name.c_str());
    Word(was, is, "default", "allow", name + ".default", "");
    for (const std::string list : {"deny", "allow", "rules"}) {
      const Json old_rules = Member(was, list.c_str());
      const Json new_rules = Member(is, list.c_str());
      std::string place = name;
      place.append(".").append(list);
      const auto gone = Missing(old_rules, new_rules);
      const auto added = Missing(new_rules, old_rules);
      for (const std::string& rule : gone) Say(Line("- ", place, rule));
      for (const std::string& rule : added) Say(Line("+ ", place, rule));
      if (gone.empty() && added.empty() && old_rules != new_rules) {
        Say("~ " + place + ": the same rules in another order");
      }
    }
  }

  // Names of the groups that a section's rules name.
  static void Named(const Json& json, std::set<std::string>& names) {
    if (json.is_string() && json.get_ref<const std::string&>().starts_with('@')) {
      names.insert(json.get<std::string>());
    }
    if (!json.is_structured()) return;
    for (const Json& one : json) Named(one, names);
  }

  static Json AddressesOf(const Json& groups, const std::string& name) {
    for (const Json& group : groups) {
      if ("@" + group.value("name", "") == name) return Member(group, "addresses");
    }
    return {};
  }

  static std::string Listed(const std::vector<std::string>& all) {
    std::string text;
    for (size_t i = 0; i < std::min(all.size(), kMostAddresses); ++i) text += " " + all[i];
    if (all.size() > kMostAddresses) {
      text += " and " + std::to_string(all.size() - kMostAddresses) + " more";
    }
    return text;
  }

  void Groups(const Json& was, const Json& is) {
    std::set<std::string> names;
    Named(after_, names);
    std::set<std::string> before;
    Named(before_, before);
    for (const std::string& name : names) {
      if (!before.contains(name)) continue;  // its rule is new, and told of
      const Json old_group = AddressesOf(was, name);
      const Json new_group = AddressesOf(is, name);
      const auto gone = Missing(old_group, new_group);
      const auto added = Missing(new_group, old_group);
      if (!gone.empty()) Say("- " + name + Listed(gone));
      if (!added.empty()) Say("+ " + name + Listed(added));
    }
  }

  Json before_;
  Json after_;
  std::vector<std::string> lines_;
};

}  // namespace

Result<std::vector<std::string>> NetworkChanges(const std::string& before,
                                                const std::string& after) {
  const Json was = TRY(Read(before));
  const Json is = TRY(Read(after));
  return Difference(was, is).Take();
}

}  // namespace runward
