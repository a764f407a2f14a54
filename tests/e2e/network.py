"""A container's network, its peer's, and what is tried between them, for tests of network rules."""

import json
import subprocess
import sys
import time

from bundle import Installation

SERVER = """
import socket, sys, threading
def tcp(port):
    s = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        c, _ = s.accept()
        c.sendall(b"hello"); c.close()
def udp(port):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(("::", port))
    while True:
        data, peer = s.recvfrom(65536)
        s.sendto(b"hello", peer)
threads = [threading.Thread(target=tcp if w[0] == "t" else udp, args=(int(w[1:]),)) for w in sys.argv[1:]]
for t in threads: t.start()
print("ready", flush=True)
"""

# Tries, in the network namespace that it is started in, and prints a JSON list of booleans.
PROBE = """
import concurrent.futures, json, os, socket, struct, sys
def tcp(host, port):
    with socket.create_connection((host, port), timeout=1) as s:
        return s.recv(16) == b"hello"
def udp(host, port, size=4, options=False):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(1)
        if options:  # a destination options header of padding
            s.setsockopt(socket.IPPROTO_IPV6, 59, bytes([0, 0, 1, 4, 0, 0, 0, 0]))
        s.sendto(b"x" * size, (host, port))
        return s.recv(16) == b"hello"
def ping(host):
    six = ":" in host
    kind = 58 if six else 1
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW, kind) as s:
        s.settimeout(1)
        s.connect((host, 0))
        body = struct.pack("!HH", os.getpid() & 0xffff, 1)  # what was tracked before is another
        if six:
            packet = struct.pack("!BBH", 128, 0, 0) + body
        else:
            total = 0x0800 + sum(struct.unpack("!HH", body))
            packet = struct.pack("!BBH", 8, 0, ~((total & 0xffff) + (total >> 16)) & 0xffff) + body
        s.send(packet)
        while True:
            answer, origin = s.recvfrom(256)  # another's, too, before the connect
            if origin[0] == host and (answer[0] if six else answer[20]) == (129 if six else 0): return True
def tried(one):
    kind, *words = one
    try:
        return bool({"tcp": tcp, "udp": udp, "ping": ping}[kind](*words))
    except OSError:
        return False
tries = json.loads(sys.argv[1])
with concurrent.futures.ThreadPoolExecutor(len(tries) if sys.argv[2] == "together" else 1) as pool:
    print(json.dumps(list(pool.map(tried, tries))))
"""


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


def serve(*ports, space=None):
    """A server of tcp ("t443") and udp ("u53") ports that says hello."""
    inside = ["ip", "netns", "exec", space] if space else []
    server = subprocess.Popen([*inside, sys.executable, "-c", SERVER, *ports],
                              stdout=subprocess.PIPE, text=True)
    server.stdout.readline()
    return server


def stop(server):
    server.kill()
    server.wait()
    server.stdout.close()


def probe(tries, space, together=False):
    """Whether each passes; one after the other, or all at once."""
    done = subprocess.run(["ip", "netns", "exec", space, sys.executable, "-c", PROBE,
                           json.dumps(tries), "together" if together else ""], capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def lay_cable():
    """The network namespaces "box" and "peer", which has two addresses of each family."""
    for space in ("box", "peer"):
        ip("netns", "add", space)
        ip("-n", space, "link", "set", "lo", "up")
    ip("link", "add", "v0", "netns", "box", "type", "veth", "peer", "name", "v1", "netns", "peer")
    for space, link, host in (("box", "v0", 2), ("peer", "v1", 1), ("peer", "v1", 9)):
        ip("-n", space, "addr", "add", f"10.77.0.{host}/24", "dev", link)
        # Nobody sends from fd77::9 on its own account.
        ip("-n", space, "addr", "add", f"fd77::{host}/64", "dev", link, "nodad",
           *(["preferred_lft", "0"] if host == 9 else []))
        ip("-n", space, "link", "set", link, "up")
    # Before a link is ready, it loses what IPv6 sends first.
    for _ in range(20):
        if probe([["ping", "fd77::1"]], "box") == [True]:
            return
        time.sleep(0.1)
    raise AssertionError("the cable carries no IPv6")


def take_cable():
    for space in ("box", "peer"):
        subprocess.run(["ip", "netns", "del", space], check=False)


class Network(Installation):
    """A bundle whose container lives in the network namespace "box", with "peer" behind a cable."""

    def __init__(self, runtime="runc"):
        super().__init__(runtime)
        self.servers = []
        self.lay()
        self.servers.append(serve("t443", "t80", "u53", "u54", space="peer"))

    def lay(self):
        lay_cable()

    def rules(self, mode="enforce", groups=(), **network):
        profile = {"name": "plain", "match": {"rootfs": [str(self.bundle / "rootfs")]}, "mode": mode,
                   "network": network}
        text = json.dumps({"version": 1, "trust": [], "addressGroups": list(groups),
                           "profiles": [profile]})
        new = self.root / "policy.json.new"
        new.write_text(text)
        new.rename(self.root / "policy.json")

    def config(self, args, joins="/run/netns/box", capabilities=()):
        config = self.configure(args, root={"path": "rootfs", "readonly": False})
        spaces = [one for one in config["linux"]["namespaces"] if one["type"] != "network"]
        if joins:
            spaces.append({"type": "network", "path": joins} if joins != "new" else {"type": "network"})
        config["linux"]["namespaces"] = spaces
        for names in config["process"]["capabilities"].values():
            names[:] = sorted({*names, *capabilities} if capabilities else names)
        self.configure(args, linux=config["linux"], process={**config["process"], "args": list(args)})

    def end(self):
        for name in self.containers():
            self.real("delete", "--force", name)
        for server in self.servers:
            stop(server)
        take_cable()
        self.remove()
