#!/usr/bin/env python3
"""Runs the tests of one suite with one runtime, inside a cell, and writes what they printed.

Usage: suite.py KIND SOURCE RUNTIME OUT SECONDS NAME...

KIND bats: SOURCE is runc's source tree, a NAME a file of tests/integration, without its ending, or
FILE:REGEX for some of its tests. KIND validation: SOURCE is the directory with the built programs
of runtime-tools, a NAME one of them. OUT gets NAME.tap, with all that the tests said.
SECONDS is what a single NAME may take.
"""

import os
import pathlib
import subprocess
import sys


def bats_command(source, name):
    file, _, regex = name.partition(":")
    chosen = ["--filter", regex] if regex else []
    return ["bats", "--tap", *chosen, str(source / "tests/integration" / f"{file}.bats")]


def all_names(kind, source):
    if kind == "bats":
        return sorted(p.stem for p in (source / "tests/integration").glob("*.bats"))
    return sorted(p.stem for p in source.glob("*.t"))


def run(command, directory, runtime, log, seconds):
    env = dict(os.environ, RUNC=runtime, RUNTIME=runtime)
    with open(log, "wb") as out:
        try:
            subprocess.run(command, cwd=directory, env=env, stdout=out, stderr=subprocess.STDOUT,
                           timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            out.write(f"\n# stopped after {seconds} s\n".encode())


def main():
    kind, source, runtime, out, seconds = sys.argv[1:6]
    source = pathlib.Path(source)
    for name in sys.argv[6:]:
        command = bats_command(source, name) if kind == "bats" else [str(source / f"{name}.t")]
        log = pathlib.Path(out, name.partition(":")[0] + ".tap")
        run(command, source, runtime, log, float(seconds))


if __name__ == "__main__":
    main()
