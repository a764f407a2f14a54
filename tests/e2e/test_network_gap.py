"""Denied packets are counted exactly, also those that no agent was there to tell of."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import unittest

import bundle
from network import Network

SEND = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(int(sys.argv[2])):
    try: s.sendto(b"x", ("10.77.0.1", int(sys.argv[1])))
    except OSError: pass  # a drop at output is told to the sender
"""
DENY = {"default": "deny"}


class Gap(unittest.TestCase):
    def setUp(self):
        why = bundle.needs("/usr/sbin/runc", "/usr/sbin/ip", "/usr/sbin/nft")
        if why:
            self.skipTest(why)
        self.one = Network()
        self.addCleanup(self.one.end)
        self.agents = []
        self.addCleanup(self.kill_agents)

    def start_agent(self):
        agent = subprocess.Popen([bundle.BUILD / "bin" / "runward-agent",
                                  f"--runward-root={self.one.root}"], stderr=subprocess.DEVNULL)
        self.agents.append(agent)
        self.assertTrue(self.one.wait_for((self.one.root / "run" / "agent.sock").exists))

    def kill_agents(self):
        """Keeper and worker, at once and without a word."""
        for agent in self.agents:
            children = pathlib.Path(f"/proc/{agent.pid}/task/{agent.pid}/children").read_text().split()
            for pid in (agent.pid, *map(int, children)):
                os.kill(pid, signal.SIGKILL)
            agent.wait()
            for pid in children:
                self.one.wait_for(lambda pid=pid: not pathlib.Path(f"/proc/{pid}/ns/net").exists())
        self.agents.clear()
        (self.one.root / "run" / "agent.sock").unlink(missing_ok=True)

    def start(self, mode="enforce", **network):
        self.one.rules(mode, **network)
        self.one.config(["sleep", "1000"])
        code, out = self.one.create("c1")
        self.assertEqual(code, 0, out)
        self.assertEqual(self.one.call("start", "c1").returncode, 0)

    def send(self, port, count):
        subprocess.run(["ip", "netns", "exec", "box", sys.executable, "-c", SEND, str(port), str(count)],
                       check=True, timeout=60)

    def told(self, reason=""):
        return sum(event["count"] for event in self.one.events()
                   if event["unmapped"]["runward"]["decision"] in ("denied", "would-deny")
                   and event["unmapped"]["runward"]["operation"] == "network"
                   and reason in event["status_detail"])

    def counted(self):
        listed = subprocess.run(["ip", "netns", "exec", "box", "nft", "list", "ruleset"],
                                capture_output=True, text=True, check=True).stdout
        return sum(map(int, re.findall(r"counter packets (\d+)", listed)))

    @staticmethod
    def memory(pid):
        """In kB."""
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def assert_told(self, count, reason=""):
        self.assertTrue(self.one.wait_for(lambda: self.told(reason) >= count, 20),
                        (self.told(reason), count))
        self.assertEqual(self.told(reason), count)

    def test_an_agent_that_is_started_later_takes_the_container_in(self):
        self.start(egress=DENY)
        self.send(9, 7)
        self.start_agent()
        self.assert_told(7, "while no agent told of them")
        self.send(10, 3)
        self.assert_told(10)
        (gap,) = [event for event in self.one.events() if "while no agent" in event["status_detail"]]
        self.assertEqual(gap["status_code"], "network.egress.default")
        self.assertEqual(gap["container"]["uid"], "c1")

    def test_what_is_denied_between_two_agents_is_counted_exactly(self):
        self.start_agent()
        self.start(egress={"default": "deny", "deny": [{"to": ["10.77.0.1"], "ports": ["53/udp"]}]})
        for more in (2, 5, 1):
            before = self.told()
            self.send(9, 4)
            self.assert_told(before + 4)
            self.one.wait_for(lambda: False, 1.5)  # its note is written with the second's end
            self.kill_agents()
            self.send(53, more)
            self.send(9, 1)
            self.start_agent()
            self.assert_told(before + 4 + more + 1)
        self.assertEqual(self.told("while no agent told of them"), 2 + 5 + 1 + 3)
        self.assertEqual(self.counted(), self.told())

    def test_beyond_what_is_logged_counts_are_exact(self):
        self.start_agent()
        self.start("audit", egress=DENY)
        (agent,) = self.agents
        (worker,) = pathlib.Path(f"/proc/{agent.pid}/task/{agent.pid}/children").read_text().split()
        before = self.memory(worker)
        threads = [threading.Thread(target=self.send, args=(port, 100_000)) for port in (9, 10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertGreaterEqual(self.counted(), 200_000)
        self.assert_told(self.counted())
        self.assertGreater(self.told("more than there was room"), 0)
        self.assertLess(self.memory(worker) - before, 2048)

    def test_the_end_of_a_container_loses_no_count(self):
        self.start_agent()
        self.start(egress=DENY)
        self.send(9, 45)
        self.one.call("delete", "--force", "c1")
        self.assert_told(45)
        self.assertEqual(self.told("more than there was room"), 0)
        self.assertTrue(self.one.wait_for(lambda: not list((self.one.root / "run" / "network").iterdir())))
        self.assertFalse((self.one.root / "run" / "containers").exists()
                         and list((self.one.root / "run" / "containers").iterdir()))

    def test_a_hanging_agent_delays_a_start_by_two_seconds_at_most(self):
        self.start_agent()
        (agent,) = self.agents
        children = pathlib.Path(f"/proc/{agent.pid}/task/{agent.pid}/children").read_text().split()
        for pid in map(int, children):
            os.kill(pid, signal.SIGSTOP)
        self.start(egress=DENY)
        (event,) = [event for event in self.one.events() if event["status_code"] == "network.agent"]
        self.assertIn("no answer within 2 seconds", event["status_detail"])
        self.send(9, 6)
        for pid in map(int, children):
            os.kill(pid, signal.SIGCONT)
        self.assertEqual(self.counted(), 6)


if __name__ == "__main__":
    unittest.main()
