"""Containers on the host's network whose rules change, and what goes on in them meanwhile."""

import json
import subprocess

import bundle
from host_network import FAR4, PEER4, PEER6, PYTHON, HostNetworkTest

TO_PEER = {"default": "deny", "allow": [{"to": [PEER4, PEER6]}]}
DENY = {"default": "deny"}
# Keeps a TCP connection and an exchange of UDP open; for each line that it reads it says which still
# gets an answer.
HOLDER = """
import socket, sys
tcp = socket.create_connection(("PEER", 700), timeout=2)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.connect(("PEER", 700)); udp.settimeout(1); tcp.settimeout(1)
def asks(s):
    try:
        s.send(b"x"); return s.recv(1) == b"x"
    except OSError:
        return False
print(asks(tcp), asks(udp), flush=True)
for line in sys.stdin: print(asks(tcp), asks(udp), flush=True)
""".replace("PEER", PEER4)
ECHO = """
import socket, threading
def tcp():
    s = socket.create_server(("PEER", 700))
    while True:
        c, _ = s.accept()
        threading.Thread(target=lambda c=c: [c.send(d) for d in iter(lambda: c.recv(1), b"")]).start()
def udp():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("PEER", 700))
    while True:
        d, a = s.recvfrom(9); s.sendto(d, a)
for f in (tcp, udp): threading.Thread(target=f).start()
print("ready", flush=True)
""".replace("PEER", PEER4)
# Begins again and again what no rules here ever allow.
FLOOD = """
import socket
print("on", flush=True)
while True:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(9):
        try: s.sendto(b"x", ("FAR", 5454))
        except OSError: pass
    s.close()
""".replace("FAR", FAR4)
# Says how much of it has arrived when it is asked to.
COUNT = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("FAR", 5454))
print("on", flush=True); input(); s.setblocking(False)
count = 0
try:
    while True: s.recv(9); count += 1
except OSError: print(count, flush=True)
""".replace("FAR", FAR4)


class HostChangeTest(HostNetworkTest):
    def setUp(self):
        super().setUp()
        self.one.start_agent()

    def spawn(self, words):
        child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end, child)
        return child, child.stdout.readline().strip()

    @staticmethod
    def end(child):
        if child.poll() is None:
            child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            pipe.close()

    def of_peer(self, script):
        return self.spawn(["ip", "netns", "exec", "peer", PYTHON, "-u", "-c", script])

    def of_container(self, script):
        return self.spawn(self.one.command("exec", "c1", PYTHON, "-u", "-c", script))

    @staticmethod
    def ask(child):
        child.stdin.write("\n")
        child.stdin.flush()
        return child.stdout.readline().strip()

    def apply_words(self, *words):
        return [bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}", "policy", "apply",
                *words]

    def apply(self, *words, code=0):
        done = subprocess.run(self.apply_words("--json", *words), capture_output=True, text=True, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, code, done)
        return json.loads(done.stdout)

    def sets(self):
        """The sets of rules that are pinned for the one container."""
        (pin,) = self.one.pins()
        folder = self.one.root / "run" / "bpf-network" / pin
        return [path.name for path in folder.iterdir() if path.is_dir()]

    @staticmethod
    def kill(process):
        process.kill()
        process.wait()
