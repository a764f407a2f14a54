#include "agent/kernel_entries.h"

#include <sys/sysmacros.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <utility>

namespace runward {
namespace {

static_assert(RW_FILE_DENIED == kFileDenied && RW_FILE_ALLOWED == kFileAllowed &&
              RW_FILE_MULTI_CALL == kFileMultiCall && RW_FILE_LOADER == kFileLoader &&
              RW_EXCEPT_DIRECTORY == kExceptDirectory);

constexpr uint16_t kDenying = kFileDenied | kFileLoader;

void AddFile(const FileRule& rule, std::map<FileKey, rw_file_rule>& files) {
  auto [at, added] = files.try_emplace(rule.file, rw_file_rule{rule.flags, rule.rule});
  if (added) return;
  bool denies = (rule.flags & kDenying) != 0 && (at->second.flags & kDenying) == 0;
  if (denies) at->second.rule = rule.rule;
  at->second.flags = static_cast<uint16_t>(at->second.flags | rule.flags);
}

void PutFiles(uint64_t set, const KernelRules& rules, KernelEntries& entries) {
  std::map<FileKey, rw_file_rule> files;
  for (const FileRule& rule : rules.files) AddFile(rule, files);
  for (uint64_t device : rules.trusted_devices) {
    files[{.device = device, .inode = 0}].flags |= RW_TRUSTED_DEVICE;
  }
  for (const auto& [file, rule] : files) {
    entries.file_keys.push_back(
        {.set = set, .inode = file.inode, .device = KernelDevice(file.device), .zero = 0});
    entries.file_rules.push_back(rule);
    if ((rule.flags & kExceptDirectory) != 0) entries.container.flags |= RW_HAS_EXCEPTIONS;
  }
}

Result<void> PutNames(uint64_t set, const KernelRules& rules, KernelEntries& entries) {
  std::map<std::string, rw_name_rule> names;
  for (const NameRule& rule : rules.names) {
    if (rule.name.empty() || rule.name.size() >= RW_NAME ||
        rule.name.find('/') != std::string::npos) {
      return Error{"command name \"" + rule.name +
                       "\": the kernel can match names of 1 to 63 bytes "
                       "without a slash",
                   "name the command by its path instead"};
    }
    rw_name_rule& at =
        names.try_emplace(rule.name, rw_name_rule{rule.denied, rule.rule}).first->second;
    if (rule.denied && at.denied == 0) at = {.denied = 1, .rule = rule.rule};
  }
  for (const auto& [name, rule] : names) {
    rw_name_key key = {.set = set, .name = {}};
    std::copy(name.begin(), name.end(), key.name);
    entries.name_keys.push_back(key);
    entries.name_rules.push_back(rule);
  }
  if (!names.empty()) entries.container.flags |= RW_HAS_NAMES;
  return {};
}

Result<void> PutArgumentName(const rw_name_key& key, const rw_name_rule& rule,
                             KernelEntries& entries) {
  for (const rw_name_key& known : entries.name_keys) {
    if (known.set != key.set || std::memcmp(known.name, key.name, RW_NAME) != 0) continue;
    return Error{"two rules are about the arguments of \"" + std::string(key.name) + "\"",
                 "make one of them"};
  }
  entries.name_keys.push_back(key);
  entries.name_rules.push_back(rule);
  return {};
}

Result<void> PutArgumentFile(const rw_file_key& key, const rw_file_rule& rule,
                             const KernelArguments& one, KernelEntries& entries) {
  for (const rw_file_key& known : entries.file_keys) {
    if (known.set != key.set || known.inode != key.inode || known.device != key.device) continue;
    return Error{"two rules are about the arguments of the file that \"" + one.name + "\" is",
                 "make one of them"};
  }
  entries.file_keys.push_back(key);
  entries.file_rules.push_back(rule);
  return {};
}

Result<rw_argument_key> PatternKey(uint64_t set, uint16_t rule, const std::string& pattern) {
  const bool beginning = pattern.ends_with('*');
  const size_t size = pattern.size() - (beginning ? 1 : 0);
  if (size + 1 >= RW_ARGUMENT) {
    return Error{"the argument \"" + pattern + "\" is longer than the kernel compares", ""};
  }
  rw_argument_key key = {.prefix = 0, .rule = rule, .set = set, .text = {}};
  pattern.copy(key.text, size);
  key.prefix = static_cast<uint32_t>((RW_ARGUMENT_HEAD + size + (beginning ? 0 : 1)) * 8);
  return key;
}

Result<void> PutArguments(uint64_t set, const KernelRules& rules, KernelEntries& entries) {
  const uint64_t own = set | RW_OF_ARGUMENTS;
  for (const KernelArguments& one : rules.arguments) {
    const uint16_t allow = one.allow ? 1 : 0;
    for (const FileKey& file : one.files) {
      const rw_file_key key{
          .set = own, .inode = file.inode, .device = KernelDevice(file.device), .zero = 0};
      TRY(PutArgumentFile(key, {.flags = allow, .rule = one.rule}, one, entries));
    }
    if (!one.name.empty()) {
      rw_name_key key = {.set = own, .name = {}};
      if (one.name.size() >= RW_NAME) return Error{"\"" + one.name + "\" is too long a name", ""};
      one.name.copy(key.name, RW_NAME - 1);
      TRY(PutArgumentName(key, {.denied = allow, .rule = one.rule}, entries));
    }
    for (const std::string& pattern : one.patterns) {
      entries.argument_keys.push_back(TRY(PatternKey(set, one.rule, pattern)));
    }
  }
  if (!rules.arguments.empty()) entries.container.flags |= RW_HAS_ARGUMENTS;
  return {};
}

}  // namespace

uint32_t KernelDevice(uint64_t device) { return major(device) << 20 | minor(device); }

Result<KernelEntries> MakeKernelEntries(uint64_t number, uint64_t set, const KernelRules& rules) {
  KernelEntries entries;
  entries.container = {.number = number,
                       .set = set,
                       .image_device = KernelDevice(rules.image_device),
                       .enforce = rules.enforce,
                       .drift = static_cast<uint8_t>(rules.drift),
                       .allow_list = rules.allow_list,
                       .flags = static_cast<uint8_t>(rules.record ? RW_RECORD : 0)};
  if (rules.needs_agent) entries.container.flags |= RW_NEEDS_AGENT;
  PutFiles(set, rules, entries);
  TRY(PutNames(set, rules, entries));
  TRY(PutArguments(set, rules, entries));
  // A program of many applets under an allow list is judged by names even if there are none.
  if (rules.allow_list) entries.container.flags |= RW_HAS_NAMES;
  return entries;
}

}  // namespace runward
