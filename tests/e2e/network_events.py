"""A container's network in the agent's eyes, for end-to-end tests: a process in a network namespace
of its own behind a veth pair, its record, and its rules in nft's syntax."""

import json
import os
import socket
import subprocess

from commands import Commands

HOST4, GUEST4 = "198.51.100.1", "198.51.100.2"
KEY = "ab" * 32


def run(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60, **options)


def log_group(key):
    return 1024 + int(key[:15], 16) % 64000


def mark(key, ingress, rule):
    number = 0xffff if rule is None else rule + 1
    return (log_group(key) & 0x7fff) << 17 | (0x10000 if ingress else 0) | number


class Network(Commands):
    """`guest` is the container's first process; `inside` runs a program beside it."""

    def __init__(self, key=KEY, name="guest"):
        super().__init__()
        self.key, self.name = key, name
        run("ip", "netns", "add", name)
        self.guest = subprocess.Popen(["ip", "netns", "exec", name, "sleep", "600"])
        # No neighbour discovery of its own accord: only what a test sends is told of.
        self.inside("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6; "
                    "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6")
        run("ip", "link", "add", "veth0", "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "address", "add", f"{HOST4}/24", "dev", "veth0")
        run("ip", "link", "set", "veth0", "up")
        for words in (["link", "set", "lo", "up"], ["address", "add", f"{GUEST4}/24", "dev", "eth0"],
                      ["link", "set", "eth0", "up"], ["route", "add", "default", "via", HOST4]):
            run("ip", "-n", name, *words)
        self.wait_for(lambda: self.netns(self.guest.pid) != self.netns(os.getpid()))

    @staticmethod
    def netns(pid):
        return os.readlink(f"/proc/{pid}/ns/net")

    def inside(self, *words, timeout=20):
        return subprocess.run(["ip", "netns", "exec", self.name, *words], capture_output=True,
                              text=True, timeout=timeout, check=False)

    def record(self, network, mode="enforce"):
        """As runward writes it for a container whose profile has that section."""
        place = self.root / "run" / "containers" / self.key
        place.mkdir(parents=True, exist_ok=True)
        texts = ("root", "bundle", "event", "time", "rule", "policySha256", "imageConfig",
                 "imageStore", "verdictSha256", "key", "run", "userProfile", "userRun", "rootfs",
                 "commands", "secrets")
        text = dict.fromkeys(texts, "") | {
            "version": 4, "id": self.name, "profile": "web", "image": "shop/web:1",
            "imageChain": "sha256:" + "1" * 64, "mode": mode, "wouldDeny": False, "creator": 1,
            "creatorStart": 1, "creatorNamespace": 1,
            "network": json.dumps({"network": network, "addressGroups": []}) if network else "",
            "events": {"required": True, "fdatasync": False, "rotateBytes": 67108864, "keep": 16}}
        (place / "plan.json").write_text(json.dumps(text))
        os.chmod(place / "plan.json", 0o600)

    def ask(self, request):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.settimeout(5)
            client.connect(str(self.root / "run" / "agent.sock"))
            client.send(json.dumps(request).encode())
            return json.loads(client.recv(65536))

    def register(self):
        answer = self.ask({"protocol": 1, "ask": "network", "key": self.key, "pid": self.guest.pid})
        if not answer.get("ok"):
            raise AssertionError(answer)

    def nft(self, rules):
        """What runward-hook installs, in nft's syntax; {table}, {group} and {mark} filled in."""
        table = "runward_" + self.key[:16]
        subprocess.run(["ip", "netns", "exec", self.name, "nft", "-f", "-"],
                       input=rules.replace("TABLE", table).replace("GROUP", str(log_group(self.key))),
                       text=True, check=True, timeout=20)

    def network(self, operation="network"):
        return [event for event in self.logged()
                if event["unmapped"]["runward"]["operation"] == operation]

    def end(self):
        self.guest.kill()
        self.guest.wait()
        super().end()
        subprocess.run(["ip", "netns", "delete", self.name], check=False)
        subprocess.run(["ip", "link", "delete", "veth0"], check=False, stderr=subprocess.DEVNULL)
