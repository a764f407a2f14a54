#!/usr/bin/env python3
"""Whatever passes with plain runc passes with runward: runs the suites with both and compares.

Usage: run.py --runward FILE --cache DIR [--runc FILE] [--suite bats|validation] [NAME...]

Each suite runs with plain runc, with runward under an audit policy and under an enforce policy
that permits its bundles, all three at once, each in a cell. docs/parity.md says more. Exit: 0 no
difference, 1 a difference that known_differences.json does not explain, 77 nothing could be had
to run.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import suite as suites
import tap
import variants

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
SUITES = {"bats": "runc", "validation": "validation"}  # the suite's directory in the cache
NAME_SECONDS = {"bats": 240, "validation": 60}
SUITE_SECONDS = 900
CONTROL = {"bats": "start_hello", "validation": "create"}  # starts containers, whatever the host
REPEATED = 15  # differences in more files than this are not a matter of timing
CELLS = 2  # for each variant: tests mostly wait
NEEDED = ("bats", "go", "jq", "gawk", "gcc", "busybox", "unshare", "ip")


def prepare(cache, tools):
    """The cache's directory, or None where the tests' sources cannot be had."""
    missing = [tool for tool in NEEDED if not shutil.which(tool)]
    if missing:
        print(f"skipped: not installed: {', '.join(missing)} (see docs/parity.md)")
        return False
    command = ["sh", str(HERE / "prepare.sh"), str(cache), *([tools] if tools else [])]
    if subprocess.run(command, check=False).returncode != 0:
        print("skipped: no test sources: no deb-src mirror answers")
        return False
    return True


def start(suite, cache, variant, names):
    """A cell with some of the suite's tests."""
    cell = f"runward-parity-{os.getpid()}-{variant.name}"
    env = dict(os.environ, TMPDIR=str(variant.bundles))
    return subprocess.Popen(
        [sys.executable, "-B", str(HERE / "cell.py"), cell, str(SUITE_SECONDS),
         sys.executable, "-B", str(HERE / "suite.py"), suite, str(cache / SUITES[suite]),
         variant.runtime, str(variant.out), str(NAME_SECONDS[suite]), *names], env=env)


def stop(processes):
    for process in processes:
        if process.poll() is None:
            process.terminate()
            process.wait()


def results(made):
    """{(file, test): (outcome, detail)} of all that these variants' runs wrote."""
    found = {}
    for path in sorted(path for variant in made for path in variant.out.glob("*.tap")):
        text = path.read_text(encoding="utf-8", errors="replace")
        for test, result in tap.parse(text).items():
            found[(path.stem, test)] = result
        if not tap.whole(text):
            found[(path.stem, "(did not finish)")] = ("fail", text[-2000:])
    return found


def run_all(suite, cache, directory, options, kinds, names):
    """{kind: its results}, {kind: number of events}."""
    names = names or suites.all_names(suite, cache / SUITES[suite])
    shares = [share for share in (names[i::CELLS] for i in range(CELLS)) if share]
    # Cells that share the host's control groups would meet there: one after the other.
    concurrent = not pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists()
    made = {kind: [variants.Variant(kind, i, directory, options) for i in range(len(shares))]
            for kind in kinds}
    processes = []
    try:
        for variant, share in ((v, s) for each in made.values() for v, s in zip(each, shares)):
            processes.append(start(suite, cache, variant, share))
            if not concurrent:
                processes[-1].wait()
        for process in processes:
            process.wait()
    finally:
        stop(processes)
    return ({kind: results(each) for kind, each in made.items()},
            {kind: sum(variant.events() for variant in each) for kind, each in made.items()})


def worse(plain, other):
    """Tests that passed with plain runc and not here."""
    return [key for key, (result, _) in plain.items()
            if result == "pass" and other.get(key, ("absent", ""))[0] != "pass"]


def again(suite, cache, directory, options, kind, keys):
    """Those of `keys` that differ in a second run too: a busy machine fails tests of timing."""
    files = sorted({file for file, _ in keys})
    outcome, _ = run_all(suite, cache, directory, options, ["plain", kind], files)
    return [key for key in worse(outcome["plain"], outcome[kind]) if key in keys], outcome[kind]


def detail(found, key):
    """What there is to say of a test: that of its file where the test itself never came."""
    return found.get(key, found.get((key[0], "(did not finish)"), ("", "absent")))[1]


def known(suite, kind):
    listed = json.loads((HERE / "known_differences.json").read_text())
    return {(entry["file"], entry["test"]): entry["reason"] for entry in listed
            if entry["suite"] == suite and kind in entry["policies"]}


def judge(suite, cache, directory, options, kind, outcome):
    """The number of unexplained differences, which it prints."""
    reasons = known(suite, kind)
    for key in worse(outcome[kind], outcome["plain"]):
        print(f"{suite} {kind}: passes here, yet not with plain runc: {key[0]}: {key[1]}")
    differing = worse(outcome["plain"], outcome[kind])
    unexplained = [key for key in differing if key not in reasons]
    for key in (k for k in differing if k in reasons):
        print(f"{suite} {kind}: known: {key[0]}: {key[1]}: {reasons[key]}")
    for key in (k for k in reasons if k in outcome["plain"] and k not in differing):
        print(f"{suite} {kind}: listed as known, yet no difference: {key[0]}: {key[1]}")
    if not unexplained:
        return 0
    if len({file for file, _ in unexplained}) > REPEATED:
        for key in unexplained:
            print(f"{suite} {kind}: DIFFERS: {key[0]}: {key[1]}")
        print(detail(outcome[kind], unexplained[0]))
        return len(unexplained)
    repeated, found = again(suite, cache, directory / f"again-{kind}", options, kind, unexplained)
    for key in (k for k in unexplained if k not in repeated):
        print(f"{suite} {kind}: passed when repeated: {key[0]}: {key[1]}")
    for key in repeated:
        print(f"{suite} {kind}: DIFFERS: {key[0]}: {key[1]}\n{detail(found, key)}")
    return len(repeated)


def control(suite, cache, directory, options, plain):
    """Under a policy that permits nothing, tests that start containers must fail, or this run would
    show no more than that runc equals runc. (A validation program also reports on its own steps.)
    """
    name = CONTROL[suite]
    outcome, _ = run_all(suite, cache, directory / "control", options, ["closed"], [name])
    ran = {key: result for key, result in plain.items() if key[0] == name}
    if worse(ran, outcome["closed"]):
        return 0
    print(f"{suite} control: {name} passes though nothing is permitted: the gate was not in the way")
    return 1


def run_suite(suite, cache, directory, options):
    kinds = ["plain", "audit", "enforce"]
    outcome, events = run_all(suite, cache, directory, options, kinds, options.names)
    problems = 0
    for kind in kinds:
        tally = {}
        for result, _ in outcome[kind].values():
            tally[result] = tally.get(result, 0) + 1
        summary = ", ".join(f"{count} {result}" for result, count in sorted(tally.items()))
        print(f"{suite} {kind}: {summary}; {events[kind]} events", flush=True)
        if kind != "plain":
            problems += events[kind] == 0
            problems += judge(suite, cache, directory, options, kind, outcome)
    if not any(result == "pass" for result, _ in outcome["plain"].values()):
        print(f"{suite}: nothing passes with plain runc here, so nothing is compared")
        return 1
    if not options.names:
        problems += control(suite, cache, directory, options, outcome["plain"])
    return problems


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--runward", required=True, type=pathlib.Path)
    parser.add_argument("--cache", required=True, type=pathlib.Path)
    parser.add_argument("--runc", default=variants.real_runc())
    parser.add_argument("--suite", choices=SUITES)
    parser.add_argument("--runtime-tools", help="an unpacked source tree, not fetched")
    parser.add_argument("--keep", action="store_true", help="keep the directory with the outputs")
    parser.add_argument("names", nargs="*")
    return parser.parse_args()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # through the cleaning up
    options = arguments()
    if os.geteuid() != 0 or not options.runc:
        print("skipped: needs root and runc")
        return SKIPPED
    if not prepare(options.cache, options.runtime_tools):
        return SKIPPED
    # Not in /tmp: runward takes a policy only from where nobody but root may write.
    directory = pathlib.Path(tempfile.mkdtemp(prefix="runward-parity-", dir="/var/lib"))
    directory.chmod(0o755)  # containers with user namespaces pass through it
    problems = 0
    try:
        for suite, part in SUITES.items():
            if options.suite not in (None, suite):
                continue
            if not (options.cache / part).is_dir():
                print(f"{suite}: skipped: its source package cannot be had here")
                continue
            problems += run_suite(suite, options.cache.resolve(), directory / suite, options)
    finally:
        if options.keep:
            print(f"kept: {directory}")
        else:
            shutil.rmtree(directory)
    print(f"parity: {problems} problems" if problems else "parity: no difference")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
