#!/usr/bin/env python3
"""Checks that what of runward-hook runs before the C library starts calls nothing of it: not even memcpy, which
a compiler puts in where it copies, and which leads nowhere until the library has chosen one.

Usage: early.py RUNWARD-HOOK OBJECT...     prints one line a violation; exit 1 if there is one.
"""

import re
import subprocess
import sys

ENTRY = "RunwardHookEntry"


def symbols(*words):
    done = subprocess.run(["nm", *words], capture_output=True, text=True, check=True)
    return [line.split() for line in done.stdout.splitlines() if line.strip()]


def problems(program, objects):
    ours = {"_start", *(symbol for name in objects for *_, symbol in symbols("--defined-only", name))}
    for name in objects:
        for *_, symbol in symbols("--undefined-only", name):
            if symbol not in ours:
                yield f"{name}: it calls {symbol}"
    places = {symbol: int(place, 16) for place, _, symbol in symbols("--defined-only", program)}
    header = subprocess.run(["readelf", "-hW", program], capture_output=True, text=True, check=True)
    entry = int(re.search(r"Entry point address: +0x([0-9a-f]+)", header.stdout)[1], 16)
    if places.get(ENTRY) != entry:
        yield f"{program}: it does not begin at {ENTRY}"


def main():
    found = list(problems(sys.argv[1], sys.argv[2:]))
    print("\n".join(found) if found else "early: clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
