"""Network rules on a real dockerd's bridge."""

import network
from gate import GateTest, unittest

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

    def test_exec_cannot_go_round_and_other_networks_are_refused(self):
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
        shared = self.docker_run("--network", "container:net", image.name, "true")
        self.assertNotEqual(shared.returncode, 0)
        self.assertIn("it shares the network of process", str(self.one.events()[-1]))
        self.assert_runs(self.docker_run("--network", "none", image.name, "echo", "ok"))


if __name__ == "__main__":
    unittest.main()
