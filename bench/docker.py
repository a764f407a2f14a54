#!/usr/bin/env python3
"""docker run through runward against plain docker run, with a dockerd of the benchmark's own.

Usage: docker.py BIN RUNS     as a program, inside a cell (tests/parity/cell.py): prints the samples
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(SOURCE / "bench"), str(SOURCE / "tests" / "e2e")]
LAYERS = 10
SECONDS = 1800


def compare(options, measure):
    """(Comparison, ""), or (None, why it could not be measured)."""
    import in_cell
    if why := in_cell.missing():
        return None, why
    binaries = str(options.build / "bin")
    env = dict(os.environ, RUNWARD_BIN_DIR=binaries, TMPDIR="/run", PATH=in_cell.SYSTEM_PATH)
    done = subprocess.run(
        [sys.executable, "-B", str(in_cell.CELL), f"runward-bench-{os.getpid()}", str(SECONDS),
         sys.executable, "-B", __file__, binaries, str(options.runs)],
        env=env, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        return None, f"exit code {done.returncode}"
    plain, ours = json.loads(done.stdout.splitlines()[-1])
    return measure.Comparison(*([measure.Sample(ns, 0) for ns in series]
                                for series in (plain, ours))), ""


def timed(one, runtime, image):
    def action():
        start = time.monotonic_ns()
        one.docker("run", "--rm", "--runtime", runtime, "--network", "none", image, "true")
        return time.monotonic_ns() - start
    return action


def installed():
    """Gives the cell an installation in runward's own places, in memory over the machine's.

    Not one under --runward-root: round a runtime with arguments dockerd writes a shell script, and
    every call would pay for a shell.
    """
    for place in ("/etc", "/var/lib", "/var/log"):
        work = pathlib.Path("/run/over", place.replace("/", "-"))
        (work / "upper").mkdir(parents=True)
        (work / "work").mkdir()
        subprocess.run(["mount", "-t", "overlay", "-o", f"lowerdir={place},upperdir={work}/upper,"
                        f"workdir={work}/work", "overlay", place], check=True)
        shutil.rmtree(f"{place}/runward", ignore_errors=True)
        os.mkdir(f"{place}/runward", 0o755)


def inside(runs):
    import in_cell
    in_cell.private_run()
    installed()
    from engines import RUNWARD, RUNWARDCTL, Engines, Image, base_layer, require, run, text_layer
    from measure import interleave
    require()
    one = Engines()
    one.settings = {"runtimes": {"runward": {"path": RUNWARD}}}
    try:
        one.start()
        image = one.load(Image("bench/web:1", [base_layer()] + [
            text_layer({f"etc/layer{n}": f"{n}\n"}) for n in range(LAYERS - 1)]))
        keys = pathlib.Path("/etc/runward/keys")
        keys.mkdir()
        run(RUNWARDCTL, "verdict", "keygen", "--out", keys / "ci")
        pathlib.Path("/etc/runward/policy.json").write_text(json.dumps(
            {"version": 1, "trust": [{"name": "ci", "key": "keys/ci.pub", "images": ["bench/*"]}],
             "profiles": [{"name": "bench", "match": {}, "mode": "enforce"}]}), encoding="utf-8")
        if one.docker("run", "--rm", "--runtime", "runward", image.name, check=False).returncode == 0:
            raise AssertionError("without a verdict it starts: nothing is decided")
        run(RUNWARDCTL, "verdict", "sign", "--key", keys / "ci.key", "--result", "PASSED", "--image",
                image.name, "--docker-root", one.data_root, "--expires", "7d", "--add")
        print(json.dumps(interleave(runs, *(timed(one, r, image.name) for r in ("runc", "runward")))))
    finally:
        one.stop()
    return 0


if __name__ == "__main__":
    sys.exit(inside(int(sys.argv[2])))
