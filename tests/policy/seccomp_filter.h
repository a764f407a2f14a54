#pragma once

#include <fcntl.h>
#include <seccomp.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/policy/bpf.h"

namespace runward::test {

using Json = nlohmann::json;

inline uint32_t ArchOf(const std::string& name) {
  static const std::map<std::string, uint32_t> kArchs = {
      {"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64}, {"SCMP_ARCH_X86", SCMP_ARCH_X86},
      {"SCMP_ARCH_X32", SCMP_ARCH_X32},       {"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64},
      {"SCMP_ARCH_ARM", SCMP_ARCH_ARM},       {"SCMP_ARCH_S390X", SCMP_ARCH_S390X}};
  return kArchs.at(name);
}

inline uint32_t ActionOf(const std::string& action, const Json& errno_ret) {
  const uint32_t code = errno_ret.is_number() ? errno_ret.get<uint32_t>() : uint32_t{EPERM};
  if (action == "SCMP_ACT_ERRNO") return SCMP_ACT_ERRNO(code);
  if (action == "SCMP_ACT_TRACE") return SCMP_ACT_TRACE(code);
  static const std::map<std::string, uint32_t> kActions = {
      {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
      {"SCMP_ACT_LOG", SCMP_ACT_LOG},
      {"SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD},
      {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
      {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
      {"SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY},
      {"SCMP_ACT_TRAP", SCMP_ACT_TRAP}};
  return kActions.at(action);
}

// linux.seccomp made a filter by libseccomp as runc does it (libcontainer/seccomp,
// seccomp_linux.go): unknown names and rules with the default's action are left out, and conditions
// on one argument twice are rules of their own.
class SeccompFilter {
 public:
  SeccompFilter(const Json& seccomp, uint32_t native) {
    default_ = ActionOf(seccomp.at("defaultAction"), seccomp.value("defaultErrnoRet", Json()));
    context_.reset(seccomp_init(default_));
    seccomp_arch_remove(context_.get(), SCMP_ARCH_NATIVE);
    seccomp_arch_add(context_.get(), native);
    for (const Json& arch : seccomp.value("architectures", Json::array())) {
      seccomp_arch_add(context_.get(), ArchOf(arch));
    }
    for (const Json& rule : seccomp.value("syscalls", Json::array())) AddRule(rule);
  }

  [[nodiscard]] BpfMachine Machine() const {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    // Docker's profile for three architectures has some 16 KiB; a pipe takes 64.
    const int rc = seccomp_export_bpf(context_.get(), ends[1]);
    close(ends[1]);
    std::vector<sock_filter> program(8192);
    const ssize_t bytes = read(ends[0], program.data(), program.size() * sizeof(sock_filter));
    close(ends[0]);
    if (rc != 0 || bytes <= 0) throw std::runtime_error("export");
    program.resize(static_cast<size_t>(bytes) / sizeof(sock_filter));
    return BpfMachine(std::move(program));
  }

 private:
  void AddRule(const Json& rule) {
    const uint32_t action = ActionOf(rule.at("action"), rule.value("errnoRet", Json()));
    if (action == default_) return;
    for (const Json& name : rule.at("names")) {
      const int number = seccomp_syscall_resolve_name(name.get<std::string>().c_str());
      if (number == __NR_SCMP_ERROR) continue;
      for (const auto& conditions : ConditionsOf(rule)) {
        const int rc =
            seccomp_rule_add_array(context_.get(), action, number,
                                   static_cast<unsigned>(conditions.size()), conditions.data());
        if (rc != 0) throw std::runtime_error("rule for " + name.get<std::string>());
      }
    }
  }

  static std::vector<std::vector<scmp_arg_cmp>> ConditionsOf(const Json& rule) {
    static const std::map<std::string, scmp_compare> kOps = {
        {"SCMP_CMP_NE", SCMP_CMP_NE},
        {"SCMP_CMP_LT", SCMP_CMP_LT},
        {"SCMP_CMP_LE", SCMP_CMP_LE},
        {"SCMP_CMP_EQ", SCMP_CMP_EQ},
        {"SCMP_CMP_GE", SCMP_CMP_GE},
        {"SCMP_CMP_GT", SCMP_CMP_GT},
        {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}};
    std::vector<scmp_arg_cmp> all;
    std::set<unsigned> indices;
    const Json args = rule.value("args", Json::array());
    for (const Json& arg : args) {
      const unsigned index = arg.at("index");
      indices.insert(index);
      all.push_back({index, kOps.at(arg.at("op")), arg.at("value").get<uint64_t>(),
                     arg.value("valueTwo", uint64_t{0})});
    }
    if (indices.size() == all.size()) return {all};
    std::vector<std::vector<scmp_arg_cmp>> apart;
    for (const scmp_arg_cmp& one : all) apart.push_back({one});
    return apart;
  }

  struct Release {
    void operator()(void* context) const { seccomp_release(context); }
  };
  uint32_t default_ = 0;
  std::unique_ptr<void, Release> context_;
};

}  // namespace runward::test
