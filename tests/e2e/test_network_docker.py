"""Network rules on a real dockerd's bridge."""

import pathlib
import subprocess

import engines

import network
from commands import AGENT
from gate import GateTest, unittest
from named_network import NameServer

GATEWAY = "10.231.0.1"  # of the bridge (engines.py), where the test's server listens


class Docker(GateTest):
    default_runtime = "runc"

    def setUp(self):
        super().setUp()
        server = network.serve("t443", "t80")
        self.addCleanup(network.stop, server)

    def rules(self, **rules):
        self.set_policy({"name": "all", "match": {}, "mode": "enforce", "network": rules})

    def test_rules_hold_on_the_bridge_from_the_first_packet(self):
        image = self.good_image()
        self.rules(egress={"default": "deny", "allow": [{"to": [GATEWAY], "ports": ["443/tcp"]}]})
        done = self.docker_run(image.name, "sh", "-c",
                               f"nc -w 3 {GATEWAY} 443 </dev/null; echo; "
                               f"nc -w 1 {GATEWAY} 80 </dev/null || echo no")
        self.assert_runs(done, "hello\nno\n")

    def test_exec_cannot_go_round_and_other_networks_are_held_or_refused(self):
        image = self.good_image()
        self.rules(egress={"default": "deny"})
        done = self.docker("run", "-d", "--name", "net", "--runtime", "runward", image.name,
                           "sleep", "1000")
        self.assertEqual(done.returncode, 0, done.stderr)
        out = self.docker("exec", "net", "grep", "CapEff", "/proc/self/status").stdout
        self.assertIn("CapEff:", out)
        self.assertEqual(int(out.split("CapEff:")[-1].strip(), 16) & (3 << 12), 0, out)
        self.assert_docker_refuses(self.docker_run("--network", "host", image.name, "true"),
                                   "network.host")
        # What was there first is held by its own rules, who joins by both's.
        self.rules(egress={"default": "deny", "allow": [{"to": [GATEWAY]}]})
        shared = self.docker_run("--network", "container:net", image.name, "sh", "-c",
                                 f"nc -w 1 {GATEWAY} 443 </dev/null || echo no")
        self.assert_runs(shared, "no\n")
        self.assert_runs(self.docker_run("--network", "none", image.name, "echo", "ok"))

    def test_rules_of_one_that_joins_a_network_hold_for_it_alone(self):
        image = self.good_image()
        self.enforce()
        self.one.docker("run", "-d", "--name", "first", "--runtime", "runward", image.name, "sleep", "1000")
        self.rules(egress={"default": "deny", "allow": [{"to": [GATEWAY], "ports": ["443/tcp"]}]})
        done = self.docker_run("--network", "container:first", image.name, "sh", "-c",
                               f"nc -w 3 {GATEWAY} 443 </dev/null; echo; "
                               f"nc -w 1 {GATEWAY} 80 </dev/null || echo no")
        self.assert_runs(done, "hello\nno\n")
        self.assertEqual(self.docker("exec", "first", "nc", "-w", "3", GATEWAY, "80").stdout, "hello")

    def test_names_are_resolved_beside_dockers_own_resolver(self):
        engines.require("dnsmasq")
        names = NameServer(self.one.dir)
        self.addCleanup(names.end)
        agent = subprocess.Popen([AGENT, f"--runward-root={self.one.home}"])
        self.addCleanup(lambda: (agent.terminate(), agent.wait()))
        engines.wait_for("the agent", pathlib.Path(self.one.home, "run/agent.sock").exists)
        image = self.good_image()
        self.rules(egress={"default": "deny", "allow": [
            {"to": ["dns:db"], "ports": ["80/tcp"]}, {"to": ["dns:*.example.org"]}]})
        self.one.docker("network", "create", "--subnet", "10.232.0.0/24", "named")
        self.addCleanup(self.docker, "network", "rm", "named")
        run = ("run", "--runtime", "runward", "--network", "named")
        self.one.docker(*run, "-d", "--name", "db", image.name, "sh", "-c",
                        "while true; do echo hello | nc -l -p 80; done")
        # A name of Docker's own; the address of it alone; one of the Internet's; none that no rule allows.
        done = self.docker(*run, "--rm", image.name, "sh", "-c",
                           "nc -w 1 10.232.0.2 80 </dev/null || echo no; nc -w 3 db 80 </dev/null; "
                           "nslookup pub.example.org | grep -o '8[.]8[.]4[.]4' | head -n 1; "
                           "nslookup api.example.com >/dev/null 2>&1 || echo none; "
                           "nslookup private.example.org 2>&1 | grep -c 10.77.0.1")
        self.assertEqual(done.stdout, "no\nhello\n8.8.4.4\nnone\n0\n", done.stderr)
        self.assertNotIn("api.example.com", names.asked())

    # The host's programs in a container, read-only.
    PROGRAMS = ("-v", "/usr:/usr:ro", "-v", "/usr/lib:/lib:ro", "-v", "/usr/lib64:/lib64:ro")

    def ruleset(self, name):
        pid = self.inspect(name, "{{.State.Pid}}")
        return subprocess.run(["nsenter", "-t", pid, "-n", "nft", "list", "ruleset"],
                              capture_output=True, text=True, check=True).stdout

    def test_no_container_flushes_its_rules_or_goes_round_by_raw_sockets(self):
        image = self.good_image()
        raw = "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)"
        for number, words in enumerate(((), ("--cap-add", "NET_ADMIN"), ("--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE"))):
            with self.subTest(words=words):
                self.rules(egress={"default": "deny"})
                name = f"flush{number}"
                done = self.docker("run", "-d", "--name", name, "--runtime", "runward", *words, *self.PROGRAMS,
                                   image.name, "sleep", "1000")
                self.assertEqual(done.returncode, 0, done.stderr)
                for command in (("/usr/sbin/nft", "flush", "ruleset"), ("/usr/bin/python3", "-c", raw)):
                    done = self.docker("exec", name, *command)
                    self.assertNotEqual(done.returncode, 0)
                    self.assertIn("Operation not permitted", done.stderr)
                self.assertIn("table inet runward_", self.ruleset(name))

    def test_a_privileged_exec_lacks_the_two_or_is_refused(self):
        # On a machine that has not all capabilities itself, runc alone refuses any privileged exec.
        image = self.good_image()
        self.docker("run", "-d", "--name", "plain", "--runtime", "runc", image.name, "sleep", "1000")
        possible = self.docker("exec", "--privileged", "plain", "true")
        self.rules(egress={"default": "deny"})
        self.docker("run", "-d", "--name", "held", "--runtime", "runward", image.name, "sleep", "1000")
        done = self.docker("exec", "--privileged", "held", "grep", "CapEff", "/proc/self/status")
        if possible.returncode == 0:
            self.assertEqual(done.returncode, 0, done)
            self.assertEqual(int(done.stdout.split("CapEff:")[-1].strip(), 16) & (3 << 12), 0, done)
        else:
            for one in (possible, done):
                self.assertIn("unable to apply caps", one.stdout + one.stderr)
        self.assertIn("table inet runward_", self.ruleset("held"))
        self.docker("rm", "-f", "held")
        self.rules(egress={"default": "deny"}, capabilities="refuse")
        done = self.docker("run", "-d", "--name", "held", "--runtime", "runward", "--cap-drop", "NET_RAW",
                           image.name, "sleep", "1000")
        self.assertEqual(done.returncode, 0, done)
        done = self.docker("exec", "--privileged", "held", "true")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("(rule network.capabilities", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
