#!/usr/bin/env python3
"""The tour of ./demo: every command is shown, run, and must end as it should.

Usage: demo.py BIN     BIN holds runward, runward-hook and runwardctl
"""

import json
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SOURCE / "tests" / "e2e"))

import in_cell  # noqa: E402

ROOT = "/run/demo"
SIGNER = "/run/ci"  # where verdicts are made: the private key never needs to be on a node
POLICY = {
    "version": 1,
    "trust": [{"name": "ci", "key": "keys/ci.pub", "images": ["shop/*"]}],
    "profiles": [{"name": "shop", "match": {}, "mode": "enforce", "verdict": {"maxAge": "7d"}}],
}


class Tour:
    def __init__(self):
        self.wrong = []

    def say(self, text):
        print(f"\n# {text}", flush=True)

    def run(self, command, code=0):
        """Shows and runs a shell command; `code` is the exit code that it must have."""
        print(f"$ {command}", flush=True)
        done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            print(f"[exit code {done.returncode}]", flush=True)
        if done.returncode != code:
            self.wrong.append(f"{command}: exit code {done.returncode}, not {code}")

    def show_file(self, path, text):
        print(f"$ cat {path}\n{text}", flush=True)


def tour(one):
    from engines import Image, base_layer, text_layer
    base = base_layer()
    for name, text in (("shop/web:1", "the shop"), ("shop/odd:1", "something else")):
        one.load(Image(name, [base, text_layer({"page": f"{text}\n"})], Cmd=["cat", "/page"]))
    os.environ["DOCKER_HOST"] = f"unix://{one.socket}"
    os.makedirs(f"{ROOT}/keys")
    ctl = f"runwardctl --runward-root={ROOT}"
    here = Tour()
    here.say("This dockerd's daemon.json makes runward its default runtime:")
    config = json.loads(pathlib.Path(one.dir, "daemon.json").read_text())
    print(json.dumps({k: config[k] for k in ("runtimes", "default-runtime")}, indent=2))
    here.say("Without a policy nothing starts.")
    here.run("docker run --rm shop/web:1", code=125)
    here.say("A key for verdicts, and a policy that trusts it for images named shop/*:")
    here.run(f"{ctl} verdict keygen --out {SIGNER}/ci")
    here.run(f"cp {SIGNER}/ci.pub {ROOT}/keys/")
    text = json.dumps(POLICY, indent=2)
    pathlib.Path(ROOT, "policy.json").write_text(text + "\n", encoding="utf-8")
    here.show_file(f"{ROOT}/policy.json", text)
    here.run(f"{ctl} policy check")
    here.say("An image without a verdict is refused, and the person reads why:")
    here.run("docker run --rm shop/web:1", code=125)
    here.say("Its scan was good, so the pipeline signs a verdict, and the node gets it:")
    here.run(f"{ctl} verdict sign --key {SIGNER}/ci.key --result PASSED --image shop/web:1 "
             f"--docker-root {one.data_root} --expires 7d --add")
    here.run("docker run --rm shop/web:1")
    here.say("A good name does not help another image:")
    here.run("docker tag shop/odd:1 shop/web:1")
    here.run("docker run --rm shop/web:1", code=125)
    here.say("What happened, and whether the log is whole:")
    here.run(f"{ctl} report events")
    here.run(f"{ctl} report summary")
    here.run(f"{ctl} report verify")
    return here.wrong


def inside():
    in_cell.private_run()
    os.mkdir(ROOT)
    os.mkdir(SIGNER, 0o700)
    from engines import Engines
    one = Engines(default_runtime="runward", home=ROOT)
    try:
        one.start()
        wrong = tour(one)
    finally:
        one.stop()
    for line in wrong:
        print(f"demo: {line}", file=sys.stderr)
    print("\n# The engines are stopped, and everything is removed.", flush=True)
    return 1 if wrong else 0


def main():
    if sys.argv[1] == "--inside":
        return inside()
    if why := in_cell.missing():
        print(f"demo: {why}", file=sys.stderr)
        return 1
    binaries = str(pathlib.Path(sys.argv[1]).resolve())
    env = dict(os.environ, RUNWARD_BIN_DIR=binaries, TMPDIR="/run",
               PATH=f"{binaries}:{in_cell.SYSTEM_PATH}")
    return subprocess.run(
        [sys.executable, "-B", str(in_cell.CELL), f"runward-demo-{os.getpid()}", "300",
         sys.executable, "-B", __file__, "--inside"], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
