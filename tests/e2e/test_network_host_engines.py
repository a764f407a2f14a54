"""docker, ctr and podman with containers on the host's network, which is the cell's here."""

import pathlib
import subprocess

import network
from commands import AGENT
from gate import GateTest, engines, unittest
from network import ip
from podman import PodmanTest

RULES = {"hostNetwork": "cgroup", "egress": {"default": "deny", "allow": [
    {"to": ["10.78.0.1", "fd78::1"], "ports": ["443/tcp"]}]}}
TRY = ("nc -w 3 10.78.0.1 443 </dev/null; echo; nc -w 3 fd78::1 443 </dev/null; echo; "
       "nc -w 1 10.78.0.1 80 </dev/null || echo no80; nc -w 1 fd78::9 443 </dev/null || echo no9")
HELD = "hello\nhello\nno80\nno9\n"
FREE = "hello\nhello\nhellohello"


class OnHost:
    def setUp(self):
        super().setUp()
        ip("netns", "add", "peer")
        ip("link", "add", "h0", "type", "veth", "peer", "name", "h1", "netns", "peer")
        for space, link, host in (([], "h0", 2), (["-n", "peer"], "h1", 1), (["-n", "peer"], "h1", 9)):
            ip(*space, "addr", "add", f"10.78.0.{host}/24", "dev", link)
            ip(*space, "addr", "add", f"fd78::{host}/64", "dev", link, "nodad")
            ip(*space, "link", "set", link, "up")
        self.addCleanup(subprocess.run, ["ip", "netns", "del", "peer"], check=False)
        self.addCleanup(subprocess.run, ["ip", "link", "del", "h0"], check=False)
        server = network.serve("t443", "t80", space="peer")
        self.addCleanup(network.stop, server)
        self.image_ = self.good_image()
        self.agent = self.start_agent()
        self.addCleanup(self.stop_agent)
        self.set_policy({"name": "all", "match": {}, "mode": "enforce", "network": RULES})

    def start_agent(self):
        agent = subprocess.Popen([AGENT, f"--runward-root={self.one.home}"])
        engines.wait_for("the agent", pathlib.Path(self.one.home, "run/agent.sock").exists)
        return agent

    def stop_agent(self):
        self.agent.terminate()
        self.agent.wait()
        subprocess.run(["umount", f"{self.one.home}/run/bpf-network"], check=False, capture_output=True)

    def pins(self):
        return [one for one in pathlib.Path(self.one.home, "run/bpf-network").iterdir() if one.is_dir()]

    def test_rules_hold_from_the_first_packet_and_go_with_the_container(self):
        self.assert_runs(self.run_on_host(self.image_.name, "sh", "-c", TRY), HELD)
        engines.wait_for("the pins' end", lambda: not self.pins())
        host = subprocess.run(["busybox", "sh", "-c", TRY.replace("nc -w", "busybox nc -w")],
                              capture_output=True, text=True, check=False)
        self.assertEqual(host.stdout, FREE)

    def test_without_an_agent_it_is_refused(self):
        self.stop_agent()
        done = self.run_on_host(self.image_.name, "true")
        self.assertNotEqual(done.returncode, 0)
        self.assert_told(done.stderr, "network.install")


class Docker(OnHost, GateTest):
    default_runtime = "runc"

    def run_on_host(self, *words):
        return self.docker_run("--network", "host", *words)

    def test_exec_and_another_start_are_held_and_other_containers_are_not(self):
        self.one.docker("run", "-d", "--name", "held", "--network", "host", "--runtime", "runward",
                        self.image_.name, "sleep", "1000")
        self.assertEqual(self.docker("exec", "held", "sh", "-c", TRY).stdout, HELD)
        self.assert_runs(self.docker_run("--network", "host", self.image_.name, "sh", "-c", TRY,
                                         runtime="runc"), FREE)
        self.one.docker("restart", "-t", "0", "held")
        self.assertEqual(self.docker("exec", "held", "sh", "-c", TRY).stdout, HELD)
        engines.wait_for("the first one's end", lambda: len(self.pins()) == 1)

    def test_who_is_privileged_is_held_or_refused(self):
        done = self.docker_run("--network", "host", "--privileged", self.image_.name, "sh", "-c", TRY)
        if done.returncode == 0:
            self.assertEqual(done.stdout, HELD)
        else:
            self.assert_told(done.stderr, "network.host")
        self.assertEqual(self.docker_run(
            "--network", "host", "-v", "/sys/fs/cgroup:/mnt", self.image_.name, "true").returncode, 125)


class Ctr(OnHost, GateTest):
    docker_needed = False
    count = 0

    def run_on_host(self, *words):
        Ctr.count += 1
        image, *command = words
        return self.one.ctr_run("--rm", "--net-host", image, f"h{Ctr.count}", *command)


class Podman(OnHost, PodmanTest):
    def run_on_host(self, *words):
        return self.podman("--runtime", "runward", "run", "--rm", "--network", "host", *words)


if __name__ == "__main__":
    unittest.main()
