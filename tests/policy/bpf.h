#pragma once

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace runward::test {

// What the kernel's interpreter of classic BPF does with a filter of system calls
// (Documentation/networking/filter.rst; seccomp(2)). Throws for an instruction that libseccomp does
// not make, or one that the kernel would refuse.
class BpfMachine {
 public:
  explicit BpfMachine(std::vector<sock_filter> program) : program_(std::move(program)) {}

  [[nodiscard]] uint32_t Run(const seccomp_data& data) const {
    State state;
    for (size_t at = 0; at < program_.size(); ++at) {
      const sock_filter& op = program_[at];
      switch (BPF_CLASS(op.code)) {
        case BPF_RET:
          return op.k;
        case BPF_JMP:
          at += Jump(op, state);
          break;
        default:
          Step(op, state, data);
      }
    }
    throw std::runtime_error("the filter ends without a verdict");
  }

 private:
  struct State {
    uint32_t a = 0;
    uint32_t x = 0;
    std::array<uint32_t, BPF_MEMWORDS> memory{};
  };

  static size_t Jump(const sock_filter& op, const State& state) {
    if (BPF_OP(op.code) == BPF_JA) return op.k;
    const uint32_t value = BPF_SRC(op.code) == BPF_X ? state.x : op.k;
    switch (BPF_OP(op.code)) {
      case BPF_JEQ:
        return state.a == value ? op.jt : op.jf;
      case BPF_JGT:
        return state.a > value ? op.jt : op.jf;
      case BPF_JGE:
        return state.a >= value ? op.jt : op.jf;
      case BPF_JSET:
        return (state.a & value) != 0 ? op.jt : op.jf;
      default:
        throw std::runtime_error("unknown jump");
    }
  }

  static void Step(const sock_filter& op, State& state, const seccomp_data& data) {
    switch (op.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (op.k % 4 != 0 || op.k + 4 > sizeof data) throw std::runtime_error("bad load");
        std::memcpy(&state.a, reinterpret_cast<const char*>(&data) + op.k, 4);
        break;
      case BPF_LD | BPF_MEM:
        state.a = state.memory.at(op.k);
        break;
      case BPF_ST:
        state.memory.at(op.k) = state.a;
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        state.a &= op.k;
        break;
      case BPF_MISC | BPF_TAX:
        state.x = state.a;
        break;
      case BPF_MISC | BPF_TXA:
        state.a = state.x;
        break;
      default:
        throw std::runtime_error("unknown instruction");
    }
  }

  std::vector<sock_filter> program_;
};

}  // namespace runward::test
