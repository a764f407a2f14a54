#!/usr/bin/env python3
"""How many instructions the programs in the kernel (agent/bpf) take for one exec, LSM hooks among them.

Usage: kernel_instructions.py BUILD

In a virtual machine (tests/e2e/vm.py) whose clock counts instructions instead of time (qemu's -icount), the
kernel's own measure of a program's run time is the number of instructions that it executed, its helpers
and the measuring included. That says nothing of caches and clocks: it compares the programs with each
other, of which one, `executed`, runs on other kernels too. Prints; it judges nothing.
"""

import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "e2e"))

import vm  # noqa: E402

SECONDS = 500


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if why := vm.lacking():
        sys.exit(f"kernel_instructions: {why}")
    build = pathlib.Path(sys.argv[1])
    programs = {f"/{name}": build / "bench" / name
                for name in ("bench_kernel_cost", "bench_execs", "bench_nothing")}
    programs["/attack_allowed"] = build / "bin" / "attack_allowed"
    with tempfile.TemporaryDirectory() as place:
        text, status = vm.boot(pathlib.Path(place), programs, "/bench_kernel_cost own-time",
                               "lsm=landlock,bpf", SECONDS, options=("-icount", "shift=0"))
    lines = [line for line in text.splitlines() if line.startswith("tier ") or "median" in line]
    print("\n".join(line.replace(" ns", " instructions") for line in lines) or text[-2000:])
    if status != 0:
        sys.exit(f"kernel_instructions: the virtual machine ended with {status}")


if __name__ == "__main__":
    main()
