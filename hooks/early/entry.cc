// Where runward-hook begins: with what can be done before the C library starts, and if that was not
// all of it, at the C library's own beginning, with the stack as the kernel made it.

#include "hooks/early_calls.h"
#include "hooks/early_supply.h"

// The System V ABI's process stack: how many arguments there are, and they.
extern "C" void RunwardHookEarly(const long* stack);
void RunwardHookEarly(const long* stack) {
  const auto* args = reinterpret_cast<const char* const*>(stack + 1);
  if (stack[0] > 0 && runward::SupplyEarly(args)) (void)runward::EarlyCall(SYS_exit_group, 0);
}

asm(R"(
  .pushsection .text.RunwardHookEntry, "ax", @progbits
  .globl RunwardHookEntry
  .type RunwardHookEntry, @function
RunwardHookEntry:
  endbr64
  xorl %ebp, %ebp
  movq %rsp, %rbx
  movq %rdx, %r12
  movq %rsp, %rdi
  andq $-16, %rsp
  call RunwardHookEarly
  movq %rbx, %rsp
  movq %r12, %rdx
  jmp _start
  .size RunwardHookEntry, .-RunwardHookEntry
  .popsection
)");
