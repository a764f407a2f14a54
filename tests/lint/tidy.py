#!/usr/bin/env python3
"""Runs clang-tidy on every source of the project, in parallel.

Usage: tidy.py ROOT BUILD [NAME...]     exit 1 if clang-tidy has a complaint.

A file that was clean is not looked at again until something that it includes, its flags or
.clang-tidy changes: BUILD/tidy-cache holds an empty file for each clean state, named by its hash.
NAME limits the run to sources whose path contains it.

Most of the time goes into the standard library's and GoogleTest's headers. Unit tests are therefore
looked at several in one translation unit, each copied into a namespace of its own; those of a unit
that has a complaint, or does not compile, once more alone.
"""

import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

TIDY = "clang-tidy"
CLANG = "clang++"
TOGETHER = 12  # tests in one translation unit
OPENING = re.compile(r"^namespace (runward(::testing)?) {$", re.M)


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
        keep = [w for at, w in enumerate(words)
                if w.startswith(("-I", "-D", "-std", "-isystem")) or words[at - 1] == "-isystem"]
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


def clang_tidy(path, command, *options):
    """What it complains of, or ""."""
    run = subprocess.run([TIDY, "--quiet", *options, str(path), "--", *command[1:-2]],
                         capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return ""
    return run.stdout + "\n".join(
        line for line in run.stderr.splitlines() if "warnings generated" not in line)


def together(root, directory, number, group):
    """Whether these tests are clean as one translation unit."""
    place = pathlib.Path(directory, str(number), "tests")
    place.mkdir(parents=True)
    shutil.copy(root / ".clang-tidy", place.parent)
    shutil.copy(root / "tests/.clang-tidy", place)
    lines = []
    for index, (path, _) in enumerate(group):
        text = path.read_text(encoding="utf-8")
        copy = place / f"{index}_{path.name}"
        copy.write_text(OPENING.sub(rf"namespace \1::test{index} {{", text, count=1))
        lines.append(f'#include "{copy}"  // NOLINT(bugprone-suspicious-include)\n')
    unit = place / "unit.cc"
    unit.write_text("".join(lines))
    own = re.search(r"^HeaderFilterRegex: '(.*)'$", (root / ".clang-tidy").read_text(), re.M)[1]
    return not clang_tidy(unit, group[0][1], f"--header-filter={own}|{place}/.*_test\\.cc$")


def tidy(root, cache, directory, number, group):
    """[(path, complaint)] of those that are not clean."""
    names = {path: state(root, path, command) for path, command in group}
    group = [(p, c) for p, c in group if not (names[p] and (cache / names[p]).exists())]
    found = []
    if len(group) < 2 or not together(root, directory, number, group):
        found = [(p, clang_tidy(p, c)) for p, c in group]
    found = [(path, complaint) for path, complaint in found if complaint]
    for path, _ in group:
        if names[path] and path not in dict(found):
            (cache / names[path]).touch()
    return found


def groups(todo):
    """Tests of the same flags together, other sources alone."""
    tests = collections.defaultdict(list)
    for path, command in todo:
        if path.name.endswith("_test.cc") and len(OPENING.findall(path.read_text(encoding="utf-8"))) == 1:
            tests[tuple(command[:-1])].append((path, command))
        else:
            yield [(path, command)]
    for same in tests.values():
        parts = -(-len(same) // TOGETHER)
        yield from (same[part::parts] for part in range(parts))


def main():
    root, build = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
    cache = build / "tidy-cache"
    cache.mkdir(exist_ok=True)
    todo = [(p, c) for p, c in commands(root, build)
            if not sys.argv[3:] or any(name in str(p) for name in sys.argv[3:])]
    failed = 0
    with tempfile.TemporaryDirectory() as directory, \
            concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        jobs = [pool.submit(tidy, root, cache, directory, number, group)
                for number, group in enumerate(sorted(groups(todo), key=len, reverse=True))]
        for job in concurrent.futures.as_completed(jobs):
            for path, complaint in job.result():
                failed += 1
                print(f"{path.relative_to(root)}:\n{complaint}", flush=True)
    print(f"tidy: {len(todo)} files, {failed} with complaints")
    return 1 if failed or not todo else 0


if __name__ == "__main__":
    sys.exit(main())
