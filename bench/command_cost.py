"""What command rules cost: one exec of a tiny static program, bare and ruled in turn; a
registration; the agent's idle processor time; and the agent's memory with 500 containers.

tests/e2e/in_cell.py --bin build/release/bin bench/command_cost.py     prints; it judges nothing
"""

import json
import pathlib
import socket
import statistics
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "e2e"))
import commands  # noqa: E402
from commands import Commands  # noqa: E402

HELPERS = commands.BUILD / "bench"
BLOCKS = 12
EXECS = 2000


class Series:
    """A container in which blocks of execs are measured."""

    def __init__(self, one, name, **rules):
        self.one = one
        one.rules(**rules)
        one.configure(["/bin/execs", "/bin/nothing"])
        self.process = subprocess.Popen(
            one.command("run", "--bundle", one.bundle, name), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self.p10, self.median = [], []

    def block(self):
        self.process.stdin.write(f"{EXECS}\n")
        self.process.stdin.flush()
        p10, median = map(int, self.process.stdout.readline().split())
        self.p10.append(p10 / 1000)
        self.median.append(median / 1000)

    def end(self):
        self.process.communicate(timeout=10)


class Cost(unittest.TestCase):
    def make(self, *words):
        one = Commands()
        self.addCleanup(one.end)
        for helper in ("execs", "nothing"):
            one.add(f"/bin/{helper}", HELPERS / f"bench_{helper}")
        one.remount()
        one.start_agent(*words)
        return one

    def compare(self, *agent, **rules):
        bare, ruled = self.make(*agent), self.make(*agent)
        series = [Series(bare, "bare"), Series(ruled, "ruled", **rules)]
        for number in range(BLOCKS + 1):
            for one in series if number % 2 else reversed(series):
                one.block()
        for one in series:
            one.end()
        tier = ruled.status()["tier"]
        words = ", ".join(word for word in rules if word != "advisory")
        p10 = [statistics.median(one.p10[1:]) for one in series]
        median = [statistics.median(one.median[1:]) for one in series]
        print(f"exec, {tier}, {words:14} bare p10 {p10[0]:6.1f} us  ruled p10 {p10[1]:6.1f} us  "
              f"ratio of p10 {p10[1] / p10[0]:.3f}  of medians {median[1] / median[0]:.3f}")

    def test_execs(self):
        self.compare(deny=["nc", "wget"])
        self.compare(drift="deny")

    def test_notified_execs(self):
        self.compare("--notify", deny=["nc", "wget"], advisory=True)
        self.compare("--notify", drift="deny", advisory=True)

    def test_registration_and_memory(self):
        self.registration(deny=["nc"], drift="deny")

    def test_registration_and_memory_where_volumes_are_asked_about(self):
        self.registration(20, deny=["nc"], users=[{"users": ["non-root"], "deny": ["wget"]}])

    def registration(self, volumes=0, **rules):
        one = self.make()
        volume = one.dir / "volume"
        volume.mkdir()
        config = one.configure(["/bin/execs", "/bin/nothing"], root={"path": "rootfs", "readonly": False})
        one.configure(config["process"]["args"], mounts=config["mounts"] + [
            {"destination": f"/volume{number}", "type": "bind", "options": ["bind"], "source": str(volume)}
            for number in range(volumes)])
        print(", ".join(rules), f"and {volumes} volumes:")
        took = {"with": [], "without": []}
        for number in range(21):
            for kind in took:
                one.rules(**(rules if kind == "with" else {}))
                start = time.monotonic()
                self.assertEqual(one.create(f"{kind}{number}")[0], 0)
                took[kind].append(1000 * (time.monotonic() - start))
                one.call("delete", "--force", f"{kind}{number}")
        added = statistics.median(a - b for a, b in zip(took["with"][1:], took["without"][1:]))
        print(f"create: with rules {statistics.median(took['with']):.1f} ms, without "
              f"{statistics.median(took['without']):.1f} ms, added {added:+.2f} ms")
        worker = one.worker()
        one.rules(**rules)
        self.assertEqual(one.create("c")[0], 0)
        (note,) = (one.root / "run" / "agent").iterdir()
        plan = one.root / "run" / "containers" / note.name / "plan.json"
        pid = json.loads(note.read_text())["pid"]
        before = self.processor(worker)
        for number in range(500):
            key = f"{number:064x}"
            (plan.parents[1] / key).mkdir()
            (plan.parents[1] / key / "plan.json").write_text(plan.read_text())
            (plan.parents[1] / key / "plan.json").chmod(0o600)
            self.register(one, key, pid)
        took = (self.processor(worker) - before) / 500
        print(f"agent: {1000 * took:.2f} ms of processor a registration")
        before = self.processor(worker)
        time.sleep(2.5)  # what it does once a second after something happened
        busy = self.processor(worker)
        time.sleep(2)
        print(f"agent: {1000 * (self.processor(worker) - busy):.2f} ms of processor in two idle seconds, "
              f"{1000 * (busy - before):.2f} ms in those after the last registration")
        status = pathlib.Path(f"/proc/{worker}/status").read_text(encoding="utf-8")
        resident = ", ".join(" ".join(line.split()) for line in status.splitlines()
                             if line.startswith(("VmRSS", "RssAnon", "RssFile")))
        print(f"agent with {one.status()['containers']} containers: {resident}")

    @staticmethod
    def processor(process):
        """Seconds that it has had."""
        return int(pathlib.Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9

    @staticmethod
    def register(one, key, pid):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.connect(str(one.root / "run" / "agent.sock"))
            client.send(json.dumps({"protocol": 1, "ask": "register", "key": key,
                                    "pid": pid}).encode())
            assert json.loads(client.recv(65536))["ok"]


if __name__ == "__main__":
    unittest.main()
