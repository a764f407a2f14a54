"""A container whose cable ends on a bridge of the host's, which in a test's cell is the cell's own, for
tests of what is held at that end."""

import json
import pathlib
import subprocess
import time
import unittest

import bundle
import network
from network import ip
from named_network import NamedNetwork

PYTHON = "/usr/bin/python3"
PEER4, PEER6, FAR4, FAR6 = "10.77.0.1", "fd77::1", "10.77.0.9", "fd77::9"
BOX4, BOX6 = "10.77.0.2", "fd77::2"
BRIDGE = "cables0"

RULES = {"default": "deny", "allow": [
    {"to": [PEER4, PEER6], "ports": ["443/tcp", "53/udp"]}, {"to": [PEER4, PEER6], "icmp": ["echo-request"]}]}
# Each with whether the rules let it pass; without them, all of it does.
TRIES = [(["tcp", PEER4, 443], True), (["tcp", PEER6, 443], True), (["tcp", PEER4, 80], False),
         (["tcp", PEER6, 80], False), (["tcp", FAR4, 443], False), (["tcp", FAR6, 443], False),
         (["udp", PEER4, 53], True), (["udp", PEER6, 53], True), (["udp", PEER4, 54], False),
         (["udp", PEER6, 54], False), (["udp", PEER4, 53, 9000], True), (["udp", PEER6, 53, 9000], True),
         (["udp", PEER4, 54, 9000], False), (["udp", PEER6, 54, 9000], False), (["udp", FAR6, 53], False),
         (["ping", PEER4], True), (["ping", PEER6], True), (["ping", FAR4], False), (["ping", FAR6], False)]
WORDS = [words for words, _ in TRIES]
HELD = [passes for _, passes in TRIES]
BOTH = ("CAP_NET_ADMIN", "CAP_NET_RAW")
# Plugs a cable into the network of the container that starts, as an engine's plugin does.
PLUG = f"""#!/bin/sh
PATH=/usr/sbin:/usr/bin
pid=$(tr ',' '\\n' | sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p')
ip link del hv0 2>/dev/null
ip link add hv0 type veth peer name v0 netns $pid || exit 1
ip link set hv0 master {BRIDGE} up
inside="nsenter -t $pid -n ip"
$inside link set lo up
$inside addr add {BOX4}/24 dev v0
$inside addr add {BOX6}/64 dev v0 nodad
$inside link set v0 up
"""


class CableNetwork(NamedNetwork):
    """The network namespaces "box" and "peer" have a cable each that ends on the host's bridge."""

    def lay(self):
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("link", "set", BRIDGE, "up")
        ip("link", "set", "lo", "up")
        for space, link, far in (("box", "v0", "hv0"), ("peer", "v1", "pv0")):
            ip("netns", "add", space)
            ip("-n", space, "link", "set", "lo", "up")
            self.plug(space, link, far)
        for space, link, host in (("box", "v0", 2), ("peer", "v1", 1), ("peer", "v1", 9)):
            ip("-n", space, "addr", "add", f"10.77.0.{host}/24", "dev", link)
            ip("-n", space, "addr", "add", f"fd77::{host}/64", "dev", link, "nodad",
               *(["preferred_lft", "0"] if host == 9 else []))
        if not self.wait_for(lambda: network.probe([["ping", "fd77::1"]], "box") == [True]):
            raise AssertionError("the cable carries no IPv6")

    @staticmethod
    def plug(space, link, far):
        ip("link", "add", far, "type", "veth", "peer", "name", link, "netns", space)
        ip("link", "set", far, "master", BRIDGE, "up")
        ip("-n", space, "link", "set", link, "up")

    def config(self, args, joins="/run/netns/box", capabilities=("CAP_NET_RAW",), users=False):
        """With `users` it has a user namespace and a network of its own, which a hook plugs a cable
        into; its programs are the host's."""
        super().config(args, "new" if users else joins, capabilities)
        path = self.bundle / "config.json"
        config = json.loads(path.read_text())
        known = {mount["destination"] for mount in config["mounts"]}
        for place in ("/usr", "/lib", "/lib64", "/sbin"):
            if place not in known and pathlib.Path(place).exists():
                config["mounts"].append({"destination": place, "source": str(pathlib.Path(place).resolve()),
                                         "type": "bind", "options": ["rbind", "ro"]})
        config.pop("hooks", None)
        spaces = [one for one in config["linux"]["namespaces"] if one["type"] != "user"]
        for key in ("uidMappings", "gidMappings"):
            config["linux"].pop(key, None)
        if users:
            spaces.append({"type": "user"})
            config["linux"] |= {key: [{"containerID": 0, "hostID": 0, "size": 65536}]
                                for key in ("uidMappings", "gidMappings")}
            hook = self.dir / "plug"
            hook.write_text(PLUG)
            hook.chmod(0o755)
            config["hooks"] = {"createRuntime": [{"path": str(hook)}]}
        config["linux"]["namespaces"] = spaces
        path.write_text(json.dumps(config))

    def inside(self, name, *words, **options):
        return subprocess.run(self.command("exec", name, *words), capture_output=True, text=True, timeout=60,
                              check=False, stdin=subprocess.DEVNULL, **options)

    def as_its_root(self, script, name="c1"):
        """Runs it in the container's network with all capabilities, which nothing in the container has."""
        pid = json.loads(self.real("state", name).stdout)["pid"]
        return subprocess.run(["nsenter", "-t", str(pid), "-n", "sh", "-c", script], capture_output=True, text=True,
                              timeout=60, check=False, stdin=subprocess.DEVNULL)

    def tries_in(self, tries, name="c1", together=True):
        done = self.inside(name, PYTHON, "-c", network.PROBE, json.dumps(tries), "together" if together else "")
        if done.returncode:
            raise AssertionError(done)
        return json.loads(done.stdout)

    def pins(self):
        folder = self.root / "run" / "bpf-veth"
        return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.exists() else []

    def filters(self, link="hv0"):
        """The names of the programs at both sides of an interface of the host's."""
        names = []
        for side in ("ingress", "egress"):
            out = subprocess.run(["tc", "filter", "show", "dev", link, side], capture_output=True, text=True,
                                 check=False).stdout
            names += [word.split(":")[0] for word in out.split() if word.startswith("runward_") and ":[" in word]
        return names

    def end(self):
        for name in self.containers():
            self.real("delete", "--force", name)
        self.kill_agents()
        time.sleep(0.1)
        for folder in ("bpf-veth", "bpf-network"):
            subprocess.run(["umount", self.root / "run" / folder], check=False, capture_output=True)
        for link in (BRIDGE, "hv0", "hv2", "pv0"):
            subprocess.run(["ip", "link", "del", link], check=False, capture_output=True)
        super().end()


def why_not():
    return bundle.needs("/usr/sbin/runc", "/usr/sbin/ip", "/usr/sbin/tc", "/usr/sbin/nft", "/usr/sbin/dnsmasq", PYTHON,
                        bundle.BUILD / "bin" / "runward-agent", bundle.BUILD / "bin" / "runward-hook")


class CableTest(unittest.TestCase):
    def setUp(self):
        if why := why_not():
            self.skipTest(why)
        self.one = CableNetwork()
        self.addCleanup(self.one.end)

    def rules(self, mode="enforce", **rules):
        self.one.rules(mode, **{"capabilities": "veth", **rules})

    def start(self, name="c1", args=("sleep", "1000"), **config):
        self.one.config(list(args), **config)
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
