#!/usr/bin/env python3
"""Runs clang-tidy on every source of the project, in parallel.

Usage: tidy.py ROOT BUILD [NAME...]     exit 1 if clang-tidy has a complaint.

A file that was clean is not looked at again until something that it includes, its flags or
.clang-tidy changes: BUILD/tidy-cache holds an empty file for each clean state, named by its hash.
NAME limits the run to sources whose path contains it.

Most of the time goes into the standard library's and GoogleTest's headers. Several files are therefore
looked at in one translation unit: of unit tests copies, each in a namespace of its own; of a folder's
other sources, once each compiles alone, copies whose unnamed namespaces have names of their own. Those of
a unit that has a complaint, or does not compile, are looked at again in halves, and at last alone.
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
TOGETHER = 12  # files in one translation unit
UNNAMED = re.compile(r"^namespace {$(.*?)^}  // namespace$", re.M | re.S)
DECLARED = re.compile(
    r"^(?:(?:struct|class|enum class|enum|using(?=.*=)) (\w+)|"
    r"(?!using |namespace |return |template )[\w:\[][^;=(){}#/]*?[ *&](\w+)(?= *[(\[;={]))", re.M)
OPENING = re.compile(r"^namespace (runward(::fixtures)?) {$", re.M)


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


def compiles(command):
    """By itself: another file's includes do not stand in for its own."""
    return subprocess.run([*command[:-2], "-fsyntax-only", command[-1]], capture_output=True,
                          check=False).returncode == 0


def is_test(path):
    return path.name.endswith("_test.cc")


def copied(path, index):
    """Its text, with nothing in it that could meet another file's in one translation unit."""
    text = path.read_text(encoding="utf-8")
    if is_test(path):
        return OPENING.sub(rf"namespace \1::test{index} {{", text, count=1)
    names = {a or b for part in UNNAMED.findall(text) for a, b in DECLARED.findall(part)}
    if not names:
        return text
    return re.sub(rf"(?<![\w.:>])({'|'.join(sorted(names))})\b", rf"\1_{index}", text)


def together(root, directory, group):
    """Whether these files are clean as one translation unit. Sources are one text, since the analyzer
    walks no paths in what is included."""
    tests = is_test(group[0][0])
    place = pathlib.Path(tempfile.mkdtemp(dir=directory), "tests" if tests else "src")
    place.mkdir()
    shutil.copy(root / ".clang-tidy", place.parent)
    unit = place / "unit.cc"
    texts = [copied(path, index) for index, (path, _) in enumerate(group)]
    if not tests:
        unit.write_text("\n".join(texts))
        return not clang_tidy(unit, group[0][1])
    shutil.copy(root / "tests/.clang-tidy", place)
    lines = []
    for index, text in enumerate(texts):
        copy = place / f"{index}_test.cc"
        copy.write_text(text)
        lines.append(f'#include "{copy}"  // NOLINT(bugprone-suspicious-include)\n')
    unit.write_text("".join(lines))
    own = re.search(r"^HeaderFilterRegex: '(.*)'$", (root / ".clang-tidy").read_text(), re.M)[1]
    return not clang_tidy(unit, group[0][1], f"--header-filter={own}|{place}/.*_test\\.cc$")


def complaints(root, directory, group):
    """[(path, complaint)] of those that are not clean."""
    if len(group) < 2:
        return [(path, complaint) for path, command in group
                if (complaint := clang_tidy(path, command))]
    if together(root, directory, group):
        return []
    half = len(group) // 2
    return complaints(root, directory, group[:half]) + complaints(root, directory, group[half:])


def tidy(root, cache, directory, group):
    """[(path, complaint)] of those that are not clean and were not clean before."""
    names = {path: state(root, path, command) for path, command in group}
    group = [(p, c) for p, c in group if not (names[p] and (cache / names[p]).exists())]
    broken = [] if len(group) < 2 else [
        (p, c) for p, c in group if not is_test(p) and not compiles(c)]
    found = complaints(root, directory, [one for one in group if one not in broken])
    for one in broken:
        found += complaints(root, directory, [one])
    for path, _ in group:
        if names[path] and path not in dict(found):
            (cache / names[path]).touch()
    return found


def groups(todo):
    """Files of one folder and of the same flags together, as far as that can be."""
    same = collections.defaultdict(list)
    for path, command in todo:
        text = path.read_text(encoding="utf-8")
        if is_test(path):
            alone = len(OPENING.findall(text)) != 1
        else:
            alone = path.name == "main.cc" or "\n#define " in text or not OPENING.search(text)
        if alone:
            yield [(path, command)]
        else:
            same[(path.parent if not is_test(path) else "", is_test(path), *command[:-1])].append(
                (path, command))
    for files in same.values():
        parts = -(-len(files) // TOGETHER)
        yield from (files[part::parts] for part in range(parts))


def main():
    root, build = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
    cache = build / "tidy-cache"
    cache.mkdir(exist_ok=True)
    todo = [(p, c) for p, c in commands(root, build)
            if not sys.argv[3:] or any(name in str(p) for name in sys.argv[3:])]
    failed = 0
    with tempfile.TemporaryDirectory() as directory, \
            concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        jobs = [pool.submit(tidy, root, cache, directory, group)
                for group in sorted(groups(todo), key=len, reverse=True)]
        for job in concurrent.futures.as_completed(jobs):
            for path, complaint in job.result():
                failed += 1
                print(f"{path.relative_to(root)}:\n{complaint}", flush=True)
    print(f"tidy: {len(todo)} files, {failed} with complaints")
    return 1 if failed or not todo else 0


if __name__ == "__main__":
    sys.exit(main())
