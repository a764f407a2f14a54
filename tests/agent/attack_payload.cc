// The code that must not run: all it does is to exit with ATTACK_STATUS, 42 (kPayload). Without a
// library, position independent and with a dynamic section, so that the kernel, ld.so and a mapping
// can each start it.
#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)
#if defined(__x86_64__)
__asm__(
    ".section .text._start,\"ax\"\n"
    ".globl _start\n"
    "_start: mov $" TEXT(ATTACK_STATUS) ", %edi\n"
    "mov $60, %eax\n"
    "syscall\n");
#elif defined(__aarch64__)
__asm__(
    ".section .text._start,\"ax\"\n"
    ".globl _start\n"
    "_start: mov x0, #" TEXT(ATTACK_STATUS) "\n"
    "mov x8, #93\n"
    "svc #0\n");
#endif
