"""What secrets cost a container's start: ten of a vault of 10,000, the agent unlocked or the key file,
against none, and against none but a hook that does nothing; all in turn. First how long a start takes, then
how much of a processor it takes, the agent's part included. The same for a container whose profile has rules
already, for which the hook and the agent have something to do anyway: with secrets against without.

tests/e2e/in_cell.py --bin build/release/bin bench/secret_cost.py     prints; it judges nothing
"""

import json
import pathlib
import resource
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
from secret_vault import BUILD, Vault, secret  # noqa: E402

ROUNDS = 100
ENTRIES = 10_000
SECRETS = 10
NOTHING = BUILD / "bench" / "bench_nothing"


class Run:
    peak_mib = 0

    def __init__(self, ms, processor):
        self.ms, self.processor = ms, processor

    def of_processor(self):
        return Run(self.processor, 0)


class World(Installation):
    def __init__(self, secrets, agent=False, hooks=(), **rules):
        super().__init__()
        self.agents = []
        self.layered = "commands" in rules  # which are enforced on an overlay alone
        if self.layered:
            self.image = self.bundle / "image"
            (self.bundle / "rootfs").rename(self.image)
            for name in ("rootfs", "upper", "work"):
                (self.bundle / name).mkdir()
            Commands.mount(self)
        profile = {"name": "plain", "match": {"rootfs": [str(self.bundle / "rootfs")]}, **rules}
        if secrets:
            Vault(self.root).call("fill", str(ENTRIES))
            profile["secrets"] = secrets
        (self.root / "policy.json").write_text(
            json.dumps({"version": 1, "trust": [], "profiles": [profile]}))
        for name in ("answers", "status", "agent_log"):
            setattr(self, name, getattr(Commands, name).__get__(self))
        if agent:
            Commands.start_agent(self, "--no-bpf")
        self.worker = self.status()["pid"] if agent else None
        self.configure(["/bin/true"], hooks={"createRuntime": [{"path": str(hook)} for hook in hooks]})

    def start(self):
        command = self.command("run", "--bundle", self.bundle, "c1")
        used, before = self.processor(), time.perf_counter()
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        took = (time.perf_counter() - before) * 1000
        return Run(took, self.processor() - used)

    def processor(self):
        """Milliseconds of all that was started here, and of the agent."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = (ended.ru_utime + ended.ru_stime) * 1000
        if self.worker is None:
            return took
        agent = pathlib.Path(f"/proc/{self.worker}/schedstat").read_text().split()[0]
        return took + int(agent) / 1e6

    def end(self):
        Commands.stop_agents(self)
        if self.layered:
            subprocess.run(["umount", "-l", self.bundle / "rootfs"], check=False)
        self.remove()


LISTED = [secret(f"fill/n{i * 999}#k", f"/run/secrets/s{i}") for i in range(SECRETS)]
NETWORK = {"egress": {"default": "deny", "allow": [{"to": ["10.0.0.0/8"], "ports": ["443/tcp"]}]}}
COMMANDS = {"deny": ["nc", "wget"]}


class Cost(unittest.TestCase):
    def make(self, *args, **options):
        one = World(*args, **options)
        self.addCleanup(one.end)
        return one

    def measure(self, worlds, beyond=()):
        """Each against the first, and others against each other: (title, plain, ours)."""
        samples = interleave(ROUNDS, *(one.start for one in worlds.values()))
        first, *others = worlds
        rows = [(name, first, name) for name in others] + list(beyond)
        for series in (samples, [[run.of_processor() for run in one] for one in samples]):
            runs = dict(zip(worlds, series))
            print(f"\n{HEADER}")
            for title, plain, ours in rows:
                print(f"{title:34}  {Comparison(runs[plain], runs[ours]).row()}")

    def test_secrets(self):
        nothing, agent = "a hook that does nothing", "10 secrets by the agent"
        self.measure({"none": self.make(None), nothing: self.make(None, hooks=[NOTHING]),
                      agent: self.make(LISTED, agent=True),
                      "10 secrets by the key file": self.make(LISTED)},
                     beyond=[("10 secrets beyond such a hook", nothing, agent)])

    def test_secrets_beside_network_rules(self):
        self.measure({"network rules": self.make(None, agent=True, network=NETWORK),
                      "and 10 secrets": self.make(LISTED, agent=True, network=NETWORK)})

    def test_secrets_beside_command_rules(self):
        self.measure({"command rules": self.make(None, agent=True, commands=COMMANDS),
                      "and 10 secrets": self.make(LISTED, agent=True, commands=COMMANDS)})


if __name__ == "__main__":
    if not commands.AGENT.exists():
        sys.exit("no runward-agent")
    unittest.main()
