"""Containers that share a network: the rules of each hold for its own control group."""

import json
import pathlib
import subprocess
import unittest

import bundle
import network
from named_network import NamedNetwork
from network import probe

TO_PEER = {"default": "deny", "allow": [{"to": ["10.77.0.1"], "ports": ["443/tcp"]}]}


class NetworkSharedTest(unittest.TestCase):
    def setUp(self):
        why = bundle.needs("/usr/sbin/runc", "/usr/sbin/ip", "/usr/sbin/nft", "/usr/sbin/dnsmasq")
        if why:
            self.skipTest(why)
        self.one = NamedNetwork()
        self.addCleanup(self.one.end)
        self.one.bundle.joinpath("rootfs/bin/nc").symlink_to("busybox")
        self.one.bundle.joinpath("rootfs/bin/nslookup").symlink_to("busybox")
        # Who was in the network before, and has no rules.
        self.other = network.serve("t90", space="box")
        self.addCleanup(network.stop, self.other)

    def start(self, **rules):
        self.one.rules(**rules)
        self.one.config(["sleep", "1000"])
        code, out = self.one.create("c1")
        self.assertEqual(code, 0, out)
        self.assertEqual(self.one.call("start", "c1").returncode, 0)

    def inside(self, script):
        done = self.one.call("exec", "c1", "sh", "-c", script)
        return done.stdout

    def tables(self):
        return subprocess.run(["ip", "netns", "exec", "box", "nft", "list", "tables"],
                              capture_output=True, text=True, check=True).stdout.split()

    def test_the_rules_hold_for_the_container_alone(self):
        self.start(egress=TO_PEER)
        out = self.inside("nc -w 2 10.77.0.1 443 </dev/null; echo; nc -w 1 10.77.0.1 80 </dev/null || echo no;"
                          " nc -w 1 fd77::1 443 </dev/null || echo no6")
        self.assertEqual(out, "hello\nno\nno6\n", self.one.logged())
        self.assertEqual(probe([["tcp", "10.77.0.1", 80], ["udp", "fd77::1", 54], ["ping", "10.77.0.9"]],
                               "box"), [True, True, True])

    def test_ingress_is_held_for_its_own_sockets(self):
        self.start(ingress={"default": "deny", "allow": [{"ports": ["81/tcp"]}]})
        for port in (80, 81):
            self.inside(f"(while true; do echo -n hello | nc -l -p {port}; done) >/dev/null 2>&1 &")
        self.assertTrue(self.one.wait_for(lambda: probe([["tcp", "10.77.0.2", 81]], "peer") == [True]))
        self.assertEqual(probe([["tcp", "10.77.0.2", 80], ["tcp", "10.77.0.2", 90]], "peer"), [False, True])

    def test_each_resolves_by_its_own_rules(self):
        self.one.start_agent()
        self.start(egress={"default": "deny", "allow": [
            {"to": ["dns:api.example.com"], "ports": ["443/tcp"], "privateAddresses": True}]})
        (self.one.bundle / "rootfs/etc/resolv.conf").write_text("nameserver 192.0.2.1\n")
        self.assertEqual(self.inside("nc -w 2 api.example.com 443 </dev/null; echo; nslookup other.example.com "
                                     ">/dev/null 2>&1 || echo none"), "hello\nnone\n")
        self.assertIn("none", self.one.ask("api.example.com"))  # asks whom it asked before: nobody is there

    def test_its_rules_go_when_it_goes(self):
        self.one.start_agent()
        self.start(egress=TO_PEER)
        self.assertEqual(len(self.tables()), 3)
        self.one.call("delete", "--force", "c1")
        self.assertTrue(self.one.wait_for(lambda: self.tables() == []), self.tables())

    def test_changed_rules_hold_for_it_alone_too(self):
        self.start(egress=TO_PEER, onChange="cut")
        # An exchange of the other's, which the container's rules deny.
        self.assertEqual(probe([["udp", "10.77.0.1", 54]], "box"), [True])
        self.one.rules(egress={"default": "deny", "allow": [{"to": ["10.77.0.1"], "ports": ["80/tcp"]}]},
                       onChange="cut")
        done = subprocess.run([bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}",
                               "policy", "apply", "--json"], capture_output=True, text=True, check=False)
        (told,) = json.loads(done.stdout)
        self.assertEqual((told["result"], told["connections_cut"]), ("changed", 0), done)
        self.assertEqual(self.inside("nc -w 2 10.77.0.1 80 </dev/null; echo; "
                                     "nc -w 1 10.77.0.1 443 </dev/null || echo no"), "hello\nno\n")
        self.assertEqual(probe([["tcp", "10.77.0.1", 443]], "box"), [True])

    def test_without_a_control_group_of_its_own_it_is_refused(self):
        self.one.rules(egress=TO_PEER)
        self.one.config(["true"])
        config = json.loads((self.one.bundle / "config.json").read_text())
        config["linux"]["cgroupsPath"] = "/taken"
        (self.one.bundle / "config.json").write_text(json.dumps(config))
        taken = pathlib.Path("/sys/fs/cgroup/unified/taken")
        taken.mkdir()
        self.addCleanup(taken.rmdir)
        sleeper = subprocess.Popen(["sleep", "100"])
        self.addCleanup(sleeper.wait)
        self.addCleanup(sleeper.kill)
        (taken / "cgroup.procs").write_text(str(sleeper.pid))
        code, out = self.one.create("c1")
        self.assertNotEqual(code, 0, out)
        self.assertIn("shares the network of process", json.dumps(self.one.logged()))


if __name__ == "__main__":
    unittest.main()
