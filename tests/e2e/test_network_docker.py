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


if __name__ == "__main__":
    unittest.main()
