"""Network rules under ctr and podman, in a network that was made before: as engines' plugins do."""

import network
from gate import GateTest, unittest
from podman import PodmanTest

RULES = {"egress": {"default": "deny",
                    "allow": [{"to": ["10.77.0.1", "fd77::1"], "ports": ["443/tcp"]}]}}
TRY = ("nc -w 3 10.77.0.1 443 </dev/null; echo; nc -w 3 fd77::1 443 </dev/null; echo; "
       "nc -w 1 10.77.0.1 80 </dev/null || echo no80; nc -w 1 fd77::9 443 </dev/null || echo no9")
HELD = "hello\nhello\nno80\nno9\n"


class Cable:
    def setUp(self):
        super().setUp()
        network.lay_cable()
        self.addCleanup(network.take_cable)
        server = network.serve("t443", "t80", space="peer")
        self.addCleanup(network.stop, server)
        self.image_ = self.good_image()

    def profile(self, **members):
        self.set_policy({"name": "all", "match": {}, "mode": "enforce", **members})

    def test_rules_hold_from_the_first_packet(self):
        self.profile(network=RULES)
        self.assert_runs(self.run_in_box(self.image_.name, "sh", "-c", TRY), HELD)

    def test_without_rules_everything_passes(self):
        self.profile()
        self.assert_runs(self.run_in_box(self.image_.name, "nc", "-w", "3", "10.77.0.1", "80"), "hello")

    def test_the_hosts_network_is_refused(self):
        self.profile(network=RULES)
        done = self.run_on_host(self.image_.name, "true")
        self.assertNotEqual(done.returncode, 0)
        self.assert_told(done.stderr, "network.host")


class Ctr(Cable, GateTest):
    docker_needed = False
    count = 0

    def ctr_run(self, words, image, *command):
        Ctr.count += 1
        return self.one.ctr_run("--rm", *words, image, f"n{Ctr.count}", *command)

    def run_in_box(self, *words):
        return self.ctr_run(["--with-ns", "network:/run/netns/box"], *words)

    def run_on_host(self, *words):
        return self.ctr_run(["--net-host"], *words)


class Podman(Cable, PodmanTest):
    def run_in_box(self, *words):
        return self.podman("--runtime", "runward", "run", "--rm", "--network", "ns:/run/netns/box",
                           *words)

    def run_on_host(self, *words):
        return self.podman("--runtime", "runward", "run", "--rm", "--network", "host", *words)


if __name__ == "__main__":
    unittest.main()
