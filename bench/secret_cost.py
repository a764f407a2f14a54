"""What secrets cost a container's start: ten of a vault of 10,000, the agent unlocked, against none; the
two in turn.

tests/e2e/in_cell.py --bin build/release/bin bench/secret_cost.py     prints; it judges nothing
"""

import json
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "e2e"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import commands  # noqa: E402
from bundle import Installation  # noqa: E402
from commands import Commands  # noqa: E402
from measure import HEADER, Comparison, interleave  # noqa: E402
from secret_vault import Vault, secret  # noqa: E402

ROUNDS = 100
ENTRIES = 10_000
SECRETS = 10


class Run:
    def __init__(self, ms):
        self.ms, self.peak_mib = ms, 0


class World(Installation):
    def __init__(self, secrets, agent=True):
        super().__init__()
        self.agents = []
        profile = {"name": "plain", "match": {"rootfs": [str(self.bundle / "rootfs")]}}
        if secrets:
            Vault(self.root).call("fill", str(ENTRIES))
            profile["secrets"] = secrets
        (self.root / "policy.json").write_text(
            json.dumps({"version": 1, "trust": [], "profiles": [profile]}))
        for name in ("answers", "status", "agent_log"):
            setattr(self, name, getattr(Commands, name).__get__(self))
        if agent:
            Commands.start_agent(self, "--no-bpf")
        self.configure(["/bin/true"])

    def start(self):
        command = self.command("run", "--bundle", self.bundle, "c1")
        before = time.perf_counter()
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        return Run((time.perf_counter() - before) * 1000)

    def end(self):
        Commands.stop_agents(self)
        self.remove()


class Cost(unittest.TestCase):
    def make(self, *args, **options):
        one = World(*args, **options)
        self.addCleanup(one.end)
        return one

    def test_secrets(self):
        listed = [secret(f"fill/n{i * 999}#k", f"/run/secrets/s{i}") for i in range(SECRETS)]
        plain = self.make(None)
        print(f"\n{HEADER}")
        for name, agent in (("by the agent", True), ("by the key file", False)):
            given = self.make(listed, agent=agent)
            result = Comparison(*interleave(ROUNDS, plain.start, given.start))
            print(f"{f'{SECRETS} secrets {name}':34}  {result.row()}")


if __name__ == "__main__":
    if not commands.AGENT.exists():
        sys.exit("no runward-agent")
    unittest.main()
