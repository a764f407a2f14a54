#!/usr/bin/env python3
"""What the agent's resolving for a container adds to its DNS server's own time, asked in turn.

Usage: names.py --build DIR [--runs N]     needs root, runc, nft, dnsmasq; takes a cell of its own
"""

import argparse
import ctypes
import os
import pathlib
import random
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(SOURCE / "bench"), str(SOURCE / "tests" / "e2e")]
SECONDS = 600
NAME = "api.example.com"


def query(number):
    labels = b"".join(bytes([len(word)]) + word.encode() for word in NAME.split("."))
    return struct.pack("!HHHHHH", number, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", 1, 1)


def socket_in(space, server):
    """Connected to the server's port 53, in that network namespace (a path; None: this one)."""
    made = []

    def make():
        if space:
            with open(space, "rb") as file:
                if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0x40000000) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
        made.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        made[0].settimeout(5)
        made[0].connect((server, 53))
    thread = threading.Thread(target=make)  # a thread's namespace ends with it
    thread.start()
    thread.join()
    return made[0]


def ask(made):
    number = random.randrange(65536)
    start = time.perf_counter_ns()
    made.send(query(number))
    answer = made.recv(4096)
    took = time.perf_counter_ns() - start
    if answer[:2] != struct.pack("!H", number) or answer[3] & 15 or answer[7] == 0:
        raise RuntimeError("that is no answer: " + answer.hex())
    return took / 1e6


def measure(runs):
    from measure import interleave, percentile
    from named_network import SERVER, NamedNetwork
    one = NamedNetwork()
    try:
        one.start_agent()
        one.rules(egress={"default": "deny", "allow": [
            {"to": ["dns:" + NAME], "privateAddresses": True}]})
        one.config(["sleep", "1000"])
        code, out = one.create("c1")
        if code != 0:
            raise RuntimeError(out)
        direct, ours = socket_in(None, SERVER), socket_in("/run/netns/box", SERVER)
        plain, proxied = interleave(runs, lambda: ask(direct), lambda: ask(ours))
    finally:
        one.end()
    added = statistics.median(o - p for p, o in zip(plain, proxied))
    for word, series in (("the server alone", plain), ("through the agent", proxied)):
        print(f"{word:18} p50 {statistics.median(series):.3f} ms  p90 {percentile(series, 0.9):.3f} ms")
    print(f"{'ok' if added < 0.5 else 'MISSED'}: at most 0.5 ms added: {added:.3f} ms "
          f"(median of {runs} pairs)")
    return 0 if added < 0.5 else 1


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--build", type=pathlib.Path, required=True)
    options.add_argument("--runs", type=int, default=2000)
    options.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    import in_cell
    if given.inside:
        in_cell.private_run()
        return measure(given.runs)
    if why := in_cell.missing():
        print(why)
        return 77
    build = given.build.resolve()
    env = dict(os.environ, RUNWARD_BIN_DIR=str(build / "bin"), RUNWARD_BUILD=str(build), TMPDIR="/run",
               PATH=in_cell.SYSTEM_PATH)
    return subprocess.run(
        [sys.executable, "-B", str(in_cell.CELL), f"runward-bench-{os.getpid()}", str(SECONDS),
         sys.executable, "-B", __file__, "--inside", "--build", str(given.build), "--runs",
         str(given.runs)], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
