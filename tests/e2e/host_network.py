"""A container on the host's network, which in a test's cell is the cell's own, for tests of what its
control group holds it to."""

import json
import pathlib
import subprocess
import unittest

import bundle
import network
from named_network import NamedNetwork
from network import ip

PYTHON = "/usr/bin/python3"
# As network.PROBE, with pings that need no raw socket; waits for a line before the first try where
# it is told to, so that whoever started it can move it elsewhere.
PROBE = network.PROBE.replace("socket.SOCK_RAW, kind", "socket.SOCK_DGRAM, kind").replace(
    "answer[0] if six else answer[20]", "answer[0]").replace(
    "tries = json", "if sys.argv[3:]: print(os.getpid(), flush=True); input()\ntries = json")
HOST4, HOST6 = "10.78.0.2", "fd78::2"
PEER4, PEER6, FAR4, FAR6 = "10.78.0.1", "fd78::1", "10.78.0.9", "fd78::9"


class HostNetwork(NamedNetwork):
    """The cell has the addresses HOST4 and HOST6; behind a cable there are PEER and FAR."""

    def __init__(self, runtime="runc"):
        super().__init__(runtime)
        ip("link", "add", "h0", "type", "veth", "peer", "name", "h1", "netns", "peer")
        for space, link, host in (([], "h0", 2), (["-n", "peer"], "h1", 1), (["-n", "peer"], "h1", 9)):
            ip(*space, "addr", "add", f"10.78.0.{host}/24", "dev", link)
            ip(*space, "addr", "add", f"fd78::{host}/64", "dev", link, "nodad",
               *(["preferred_lft", "0"] if host == 9 else []))
            ip(*space, "link", "set", link, "up")
        pathlib.Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647")
        self.wait_for(lambda: self.tries([["ping", PEER6]]) == [True])

    def tries(self, tries):
        """What passes for a process of the host."""
        done = subprocess.run([PYTHON, "-c", PROBE, json.dumps(tries), "together"],
                              capture_output=True, text=True, timeout=60, check=True)
        return json.loads(done.stdout)

    def config(self, args, joins=None, capabilities=(), mounts=()):
        super().config(args, joins, capabilities)
        path = self.bundle / "config.json"
        config = json.loads(path.read_text())
        known = {mount["destination"] for mount in config["mounts"]}
        for place in ("/usr", "/lib", "/lib64"):  # for PYTHON
            if place not in known and pathlib.Path(place).exists():
                config["mounts"].append({"destination": place, "source": place, "type": "bind",
                                         "options": ["rbind", "rro"]})
        config["mounts"] = [one for one in config["mounts"] if one["destination"] not in
                            {mount["destination"] for mount in mounts}] + list(mounts)
        path.write_text(json.dumps(config))

    def command_in(self, name, tries, *words):
        return self.command("exec", name, PYTHON, "-c", PROBE, json.dumps(tries), "together", *words)

    def tries_in(self, tries, name="c1"):
        """What passes for a process that is executed in the container."""
        done = subprocess.run(self.command_in(name, tries), capture_output=True, text=True, timeout=60,
                              check=False, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise AssertionError(done)
        return json.loads(done.stdout)

    def pid(self, name="c1"):
        return json.loads(self.real("state", name).stdout)["pid"]

    def group(self, name="c1"):
        """The container's directory in the unified hierarchy."""
        lines = pathlib.Path(f"/proc/{self.pid(name)}/cgroup").read_text().splitlines()
        path = next(line[3:] for line in lines if line.startswith("0::"))
        place = pathlib.Path("/sys/fs/cgroup/unified")
        return (place if place.exists() else place.parent) / path[1:]

    def pins(self):
        folder = self.root / "run" / "bpf-network"
        return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.exists() else []

    def end(self):
        for name in self.containers():
            self.real("delete", "--force", name)
        self.kill_agents()
        subprocess.run(["umount", self.root / "run" / "bpf-network"], check=False, capture_output=True)
        super().end()
        subprocess.run(["ip", "link", "del", "h0"], check=False, capture_output=True)


def why_not():
    return bundle.needs("/usr/sbin/runc", "/usr/sbin/ip", "/usr/sbin/nft", "/usr/sbin/dnsmasq", PYTHON,
                        bundle.BUILD / "bin" / "runward-agent", bundle.BUILD / "bin" / "runward-hook")


class HostNetworkTest(unittest.TestCase):
    def setUp(self):
        if why := why_not():
            self.skipTest(why)
        self.one = HostNetwork()
        self.addCleanup(self.one.end)
        self.one.bundle.joinpath("rootfs/bin/nc").symlink_to("busybox")

    def rules(self, mode="enforce", **rules):
        self.one.rules(mode, **{"hostNetwork": "cgroup", **rules})

    def start(self, name="c1", **config):
        self.one.config(["sleep", "1000"], **config)
        code, out = self.one.create(name)
        self.assertEqual(code, 0, out)
        self.assertEqual(self.one.call("start", name).returncode, 0)

    def refusal(self, **config):
        self.one.config(["true"], **config)
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.one.containers(), [])
        return done.stdout + done.stderr

    def of_network(self):
        return [event for event in self.one.logged()
                if event["unmapped"]["runward"]["operation"] == "network"]
