#!/usr/bin/env python3
"""Runs one file of end-to-end tests where it can touch nothing of the host, nor leave anything.

Usage: in_cell.py [--bin DIR] [--seconds N] TEST.py [unittest's arguments...]

The tests get tests/parity/cell.py's namespaces (processes, mounts, network, control groups) and a
/run of their own in memory, in which they keep everything: engines, images, policies, sockets. When
they end, however they end, the kernel takes all of it back. Exit: 0 passed, 77 nothing ran.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
CELL = HERE.parent / "parity" / "cell.py"
SKIPPED = 77
NEEDED = ("unshare", "nsenter", "mount", "ip")
# Debian's own programs first: what the project promises is promised for them.
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:" + os.environ.get("PATH", "")
MARK = "/run/runward-e2e"  # engines.py starts nothing where this is not


def private_run():
    """/run in memory, and what programs expect of it. What they write to /var/lib without being told
    to (podman's cache of blobs) goes there too."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "runward-e2e", "/run"], check=True)
    os.mkdir(MARK)
    os.mkdir("/run/lock")
    for name in ("upper", "work"):
        os.makedirs(f"{MARK}/var-lib/{name}")
    layers = f"lowerdir=/var/lib,upperdir={MARK}/var-lib/upper,workdir={MARK}/var-lib/work"
    subprocess.run(["mount", "-t", "overlay", "-o", layers, "runward-e2e", "/var/lib"], check=True)


def run_tests(path, words):
    private_run()
    sys.path[:0] = [str(HERE), str(path.parent)]
    program = unittest.main(module=path.stem, argv=[path.name, *words], exit=False, verbosity=2)
    result = program.result
    for test, why in result.skipped:
        print(f"skipped: {test}: {why}", file=sys.stderr)
    if not result.wasSuccessful():
        return 1
    if result.testsRun == 0:
        print("no test ran", file=sys.stderr)
        return 1
    return SKIPPED if len(result.skipped) == result.testsRun else 0


def missing():
    """Why no cell can be made here, or ""."""
    lacking = [name for name in NEEDED if shutil.which(name, path=SYSTEM_PATH) is None]
    if os.geteuid() != 0:
        return "needs root"
    return f"not installed: {', '.join(lacking)}" if lacking else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--bin", default=os.environ.get("RUNWARD_BIN_DIR", ""))
    parser.add_argument("--seconds", default="900")
    parser.add_argument("test")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    path = pathlib.Path(options.test).resolve()
    if options.inside:
        return run_tests(path, options.words)
    if why := missing():
        print(f"skipped: {path.name}: {why}")
        return SKIPPED
    name = f"runward-e2e-{os.getpid()}-{path.stem}"
    binaries = pathlib.Path(options.bin or HERE.parents[1] / "build" / "bin").resolve()
    env = dict(os.environ, RUNWARD_BIN_DIR=str(binaries), RUNWARD_BUILD=str(binaries.parent),
               TMPDIR="/run", PATH=SYSTEM_PATH)
    os.execve(sys.executable, [sys.executable, "-B", str(CELL), name, options.seconds,
                               sys.executable, "-B", __file__, "--inside", str(path),
                               *options.words], env)


if __name__ == "__main__":
    sys.exit(main())
