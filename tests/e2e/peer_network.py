"""Containers on one bridge, each in a network of its own, for tests of containers as peers."""

import json
import subprocess

from bundle import BUILD
from named_network import NamedNetwork
from network import ip, serve, stop

HOOK = BUILD / "bin" / "runward-hook"
PREFIX4, PREFIX6 = "10.88.0.", "fd88::"


class PeerNetwork(NamedNetwork):
    """Beside network.py's "box" (host 2): "lan" with the bridge, and as many others as are asked for."""

    def __init__(self, runtime="runc"):
        super().__init__(runtime)
        self.spaces, self.kept = ["lan"], []
        ip("netns", "add", "lan")
        ip("-n", "lan", "link", "add", "bridge0", "type", "bridge")
        ip("-n", "lan", "link", "set", "bridge0", "up")
        self.plug("box", 2)

    def plug(self, space, host):
        ip("link", "add", "e1", "netns", space, "type", "veth", "peer", "name", f"p{host}", "netns", "lan")
        ip("-n", "lan", "link", "set", f"p{host}", "master", "bridge0", "up")
        for address in (f"{PREFIX4}{host}/24", f"{PREFIX6}{host}/64"):
            ip("-n", space, "addr", "add", address, "dev", "e1", *(["nodad"] if ":" in address else []))
        ip("-n", space, "link", "set", "e1", "up")

    def space(self, name, host):
        """A network namespace on the bridge."""
        ip("netns", "add", name)
        self.spaces.append(name)
        ip("-n", name, "link", "set", "lo", "up")
        self.plug(name, host)

    def profiles(self, mode="enforce", **sections):
        """A profile for each bundle, by its name, with its network section or none ({})."""
        profiles = [{"name": name, "match": {"rootfs": [str(self.dir / name / "rootfs")]}, "mode": mode,
                     **({"network": section} if section else {})} for name, section in sections.items()]
        new = self.root / "policy.json.new"
        new.write_text(json.dumps({"version": 1, "trust": [], "profiles": profiles}))
        new.rename(self.root / "policy.json")

    def start(self, name, profile, space, start=True):
        """Creates (and starts) a container of that profile's bundle in that network: code and output."""
        bundle = self.dir / profile
        if not bundle.exists():
            self.make_bundle(profile)
        before, self.bundle = self.bundle, bundle
        try:
            self.config(["sleep", "1000"], joins=f"/run/netns/{space}")
            code, out = self.create(name)
        finally:
            self.bundle = before
        if code == 0 and start:
            done = self.call("start", name)
            assert done.returncode == 0, done
        return code, out

    def start_alone(self, name, profile, space):
        """The same without runward before the runtime: its hook decides, by hooks.d."""
        bundle = self.make_bundle(profile)
        before, self.bundle = self.bundle, bundle
        self.config(["sleep", "1000"], joins=f"/run/netns/{space}")
        self.bundle = before
        file = bundle / "config.json"
        hook = {"path": str(HOOK), "args": ["runward-hook", f"--runward-root={self.root}", "decide"]}
        file.write_text(json.dumps({**json.loads(file.read_text()), "hooks": {"createRuntime": [hook]}}))
        # A container holds its standard streams open: into a file, not a pipe.
        with open(self.dir / f"{name}.out", "w", encoding="utf-8") as output:
            return subprocess.run([self.program, "--root", self.state, "create", "--bundle", bundle, name],
                                  stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=60, check=False)

    def serve(self, space):
        server = serve("t80", "u53", space=space)
        self.kept.append(server)
        return server

    def end(self):
        for name in self.containers():
            self.real("delete", "--force", name)
        for server in self.kept:
            stop(server)
        for name in self.spaces:
            subprocess.run(["ip", "netns", "del", name], check=False)
        super().end()
