#!/usr/bin/env python3
"""Runs clang-tidy on every source of the project, in parallel.

Usage: tidy.py ROOT BUILD [NAME...]     exit 1 if clang-tidy has a complaint.

A file that was clean is not looked at again until something that it includes, its flags or
.clang-tidy changes: BUILD/tidy-cache holds an empty file for each clean state, named by its hash.
NAME limits the run to sources whose path contains it.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

TIDY = "clang-tidy"
CLANG = "clang++"


def commands(root, build):
    """Our sources with clang's arguments; GoogleTest's precompiled headers are g++'s own."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if path.is_relative_to(build) or not path.is_relative_to(root):
            continue
        words = shlex.split(entry["command"])
        while "-include" in words:
            at = words.index("-include")
            del words[at:at + 2]
        keep = [w for w in words if w.startswith(("-I", "-D", "-std", "-isystem"))]
        yield path, [CLANG, "-Wno-everything", *keep, "-c", str(path)]


def state(root, path, command):
    """What clang-tidy's answer depends on, or None where the file does not even preprocess."""
    text = subprocess.run([*command, "-E", "-o", "-"], capture_output=True, check=False)
    if text.returncode != 0:
        return None
    digest = hashlib.sha256(text.stdout + "\0".join(command).encode())
    for config in (root / ".clang-tidy", root / "tests/.clang-tidy"):
        digest.update(config.read_bytes())
    # NOLINT comments are not in the preprocessed text.
    digest.update(path.read_bytes())
    return digest.hexdigest()


def tidy(root, cache, database, path, command):
    name = state(root, path, command)
    if name and (cache / name).exists():
        return path, ""
    run = subprocess.run([TIDY, "-p", database, "--quiet", str(path)], capture_output=True,
                         text=True, check=False)
    if run.returncode == 0:
        if name:
            (cache / name).touch()
        return path, ""
    return path, run.stdout + "\n".join(
        line for line in run.stderr.splitlines() if "warnings generated" not in line)


def main():
    root, build = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
    cache = build / "tidy-cache"
    cache.mkdir(exist_ok=True)
    todo = [(p, c) for p, c in commands(root, build)
            if not sys.argv[3:] or any(name in str(p) for name in sys.argv[3:])]
    failed = 0
    with tempfile.TemporaryDirectory() as database, \
            concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        entries = [{"directory": str(build), "file": str(p), "arguments": c} for p, c in todo]
        pathlib.Path(database, "compile_commands.json").write_text(json.dumps(entries))
        jobs = [pool.submit(tidy, root, cache, database, p, c) for p, c in todo]
        for job in concurrent.futures.as_completed(jobs):
            path, complaint = job.result()
            if complaint:
                failed += 1
                print(f"{path.relative_to(root)}:\n{complaint}", flush=True)
    print(f"tidy: {len(todo)} files, {failed} with complaints")
    return 1 if failed or not todo else 0


if __name__ == "__main__":
    sys.exit(main())
