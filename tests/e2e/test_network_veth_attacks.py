"""Ways round the rules at a cable, tried from inside containers that have NET_RAW, and, as if they had NET_ADMIN
as well, which is withheld, by root in their networks."""

import ctypes
import fcntl
import json
import socket
import struct
import subprocess
import sys
import time
import unittest

import network
from cable_network import BOTH, PYTHON, RULES, CableNetwork, why_not
from test_network_attacks import ATTACK, PACKET, RECORD

# All that arrives at the peer's end of its cable and says where it came from.
SNIFF = """
import re, socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind((sys.argv[1], 0))
out = open(sys.argv[2], "w")
print("ready", flush=True)
while True:
    try: frame, origin = s.recvfrom(65536)
    except OSError: break  # the interface goes
    for word in re.findall(rb"marker-[a-z0-9]+", frame) if origin[2] != 4 else ():
        print(word.decode()[7:], file=out, flush=True)
"""

# Frames of each kind by a packet socket, each with what a rule would let pass within.
FRAMES = """
import socket, struct, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("v0", 0))
def udp(port, text):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(text), 1, 0, 64, 17, 0, socket.inet_aton("10.77.0.2"),
                       socket.inet_aton("10.77.0.1"))
    total = sum(struct.unpack("!10H", head)); total = (total & 0xffff) + (total >> 16)
    return head[:10] + struct.pack("!H", ~total & 0xffff) + head[12:] + struct.pack(
        "!4H", 4444, port, 8 + len(text), 0) + text
def frame(kind, body): s.send(b"\\xff" * 6 + b"\\x02" + b"\\0" * 5 + kind + body)
frame(b"\\x08\\x00", udp(53, b"marker-allowed"))
frame(b"\\x08\\x00", udp(54, b"marker-denied"))
frame(b"\\x81\\x00\\0\\x05\\x08\\x00", udp(53, b"marker-vlan"))
frame(b"\\x88\\xa8\\0\\x05\\x81\\0\\0\\x06\\x08\\x00", udp(53, b"marker-qinq"))
frame(b"\\x88\\xb5", b"marker-experiment" + bytes(40))
frame(b"\\x00\\x26", b"marker-llc" + bytes(40))
frame(b"\\x88\\x47\\0\\0\\1\\x40", udp(53, b"marker-mpls"))
frame(b"\\x88\\x64\\x11\\0\\0\\1\\0\\x2a\\0\\x21", udp(53, b"marker-pppoe"))
"""

# With a checksum that is to be written where the port is, or the address: what the words behind are chosen for.
CHECKSUMS = """
import socket, struct, sys
def total(data):
    data += b"\\0" * (len(data) % 2)
    s = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while s >> 16: s = (s & 0xffff) + (s >> 16)
    return s
def udp(text, before=b"", comes_to=None):
    text += b"\\0" * (2 - len(text) % 2)
    part = struct.pack("!4H", 4444, 53, 8 + len(text) + 2, 0) + text
    return part + struct.pack("!H", ((~(comes_to or 0) & 0xffff) - total(before + part)) % 0xffff)
def four(part):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(part), 1, 0, 64, 17, 0, socket.inet_aton("10.77.0.2"),
                       socket.inet_aton("10.77.0.1"))
    return head[:10] + struct.pack("!H", ~total(head) & 0xffff) + head[12:] + part
def six(part):
    return struct.pack("!IHBB", 6 << 28, len(part), 17, 64) + own + peer + part
own, peer = socket.inet_pton(socket.AF_INET6, "fd77::2"), socket.inet_pton(socket.AF_INET6, "fd77::1")
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.setsockopt(263, 15, 1)  # SOL_PACKET, PACKET_VNET_HDR
s.bind(("v0", 0))
def send(kind, packet, start=0, offset=0):
    s.send(struct.pack("=BBHHHH", start != 0, 0, 0, 0, start, offset) +
           bytes.fromhex(sys.argv[1]) + s.getsockname()[4] + kind + packet)
send(b"\\x08\\0", four(udp(b"marker-plain")))
send(b"\\x08\\0", four(udp(b"marker-own")), 34, 6)
send(b"\\x08\\0", four(udp(b"marker-port", comes_to=54)), 34, 2)
send(b"\\x86\\xdd", six(udp(b"marker-own6")), 54, 6)
send(b"\\x86\\xdd", six(udp(b"marker-address", peer, 9)), 38, 14)
send(b"\\x08\\x06", bytes(28) + b"marker-arp", 20, 2)
"""

# From interfaces that NET_ADMIN makes: by a tunnel, a VLAN's neighbour and another address.
WAYS = """
set -x; PATH=/usr/sbin:/usr/bin:/sbin:/bin
nft flush ruleset
ip link add x0 type vxlan id 7 remote 10.77.0.9 dstport 4789 dev v0
ip addr add 10.99.0.2/24 dev x0; ip link set x0 up
ip link add m0 link v0 type macvlan mode bridge
ip addr add 10.77.0.66/24 dev m0; ip link set m0 up
ip addr add 10.77.0.67/24 dev v0
python3 - <<'END'
import socket
def send(text, to, source=None):
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if source: s.bind((source, 0))
            for _ in range(3): s.sendto(text, to)
    except OSError as error: print(text, error)
send(b"marker-vxlan", ("10.99.0.255", 53))
send(b"marker-macvlan", ("10.77.0.1", 54), "10.77.0.66")
send(b"marker-second", ("10.77.0.1", 54), "10.77.0.67")
send(b"marker-broadcast", ("10.77.0.255", 54))
send(b"marker-allowed", ("10.77.0.1", 53), "10.77.0.67")
END
sleep 1
"""

# Into a network of its own, with the cable.
MOVE = """
PATH=/usr/sbin:/usr/bin:/sbin:/bin
unshare -n sleep 20 & own=$!
sleep 0.5
ip link set v0 netns $own
inside="nsenter -t $own -n"
$inside ip addr add 10.77.0.2/24 dev v0
$inside ip addr add fd77::2/64 dev v0 nodad
$inside ip link set v0 up
sleep 0.5
$inside python3 - <<'END'
import socket
for port, text in ((54, b"marker-moved"), (53, b"marker-allowed")):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(2): s.sendto(text, ("10.77.0.1", port))
END
kill $own
"""


class Attacks(unittest.TestCase):
    def setUp(self):
        if why := why_not():
            self.skipTest(why)
        self.one = CableNetwork()
        self.addCleanup(self.one.end)
        network.stop(self.one.servers.pop())
        self.file, self.frames = self.one.dir / "arrived", self.one.dir / "frames"
        for script, words in ((RECORD, [str(self.file)]), (SNIFF, ["v1", str(self.frames)])):
            server = subprocess.Popen(["ip", "netns", "exec", "peer", sys.executable, "-c", script, *words],
                                      stdout=subprocess.PIPE, text=True)
            server.stdout.readline()
            self.one.servers.append(server)
        self.one.start_agent()

    def run_inside(self, *args, rules=True, **config):
        if rules:
            self.one.rules(capabilities="veth", egress=RULES)
        else:
            self.one.policy()
        self.one.config(args, **config)
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        time.sleep(0.5)
        return done

    def as_its_root(self, script, rules=True):
        if rules:
            self.one.rules(capabilities="veth", egress=RULES)
        else:
            self.one.policy()
        self.one.config(["sleep", "1000"], users=True, capabilities=BOTH)
        code, out = self.one.create("c1")
        self.assertEqual(code, 0, out)
        done = self.one.as_its_root(script)
        time.sleep(0.5)
        return done

    def test_packet_sockets_send_what_rules_allow_alone(self):
        done = self.run_inside(PYTHON, "-c", FRAMES, capabilities=("CAP_NET_RAW",))
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(self.frames.read_text().split(), ["allowed"])
        done = self.run_inside(PYTHON, "-c", PACKET, capabilities=("CAP_NET_RAW",))
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(self.file.read_text(), "53 marker-allowed\n")

    def test_without_rules_all_of_them_arrive(self):
        done = self.run_inside(PYTHON, "-c", FRAMES, rules=False, capabilities=("CAP_NET_RAW",))
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(set(self.frames.read_text().split()),
                         {"allowed", "denied", "vlan", "qinq", "experiment", "llc", "mpls", "pppoe"})

    def checksums(self, rules):
        # Written by software on the peer's cable: as by a device that does not know of such ones.
        off = ctypes.create_string_buffer(struct.pack("II", 0x17, 0))  # ETHTOOL_STXCSUM
        with socket.socket() as any_one:
            fcntl.ioctl(any_one, 0x8946, struct.pack("16sP8x", b"pv0", ctypes.addressof(off)))
        link = subprocess.run(["ip", "-n", "peer", "-json", "link", "show", "v1"], capture_output=True, check=True)
        mac = json.loads(link.stdout)[0]["address"].replace(":", "")
        done = self.run_inside(PYTHON, "-c", CHECKSUMS, mac, rules=rules, capabilities=("CAP_NET_RAW",))
        self.assertEqual(done.returncode, 0, done)
        return sorted(self.frames.read_text().split()), self.file.read_text().splitlines()

    def test_no_checksum_is_written_over_what_was_judged(self):
        self.assertEqual(self.checksums(rules=True)[0], ["own", "own6", "plain"])

    def test_without_rules_it_is(self):
        frames, arrived = self.checksums(rules=False)
        self.assertEqual(frames, ["address", "arp", "own", "own6", "plain", "port"])
        self.assertTrue(any(one.startswith("54 marker-port") for one in arrived), arrived)

    def test_raw_sockets_fragments_and_extension_headers_behind_a_flush(self):
        self.assertEqual(self.as_its_root("nft flush ruleset").returncode, 0)
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        done = self.one.inside("c1", PYTHON, "-c", ATTACK, "nodefrag")
        self.assertEqual(done.returncode, 0, done)
        self.one.wait_for(lambda: "53 many" in self.file.read_text())
        arrived = set(self.file.read_text().splitlines())
        self.assertEqual([one for one in arrived if one.startswith("54")], [])
        for form in ("spoofed", "fragments", "options", "atomic", "many"):
            self.assertIn(f"53 {form}", arrived)

    def test_tunnels_addresses_and_interfaces_of_its_own(self):
        done = self.as_its_root(WAYS)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(set(self.frames.read_text().split()), {"allowed"}, done)

    def test_without_rules_those_arrive_too(self):
        done = self.as_its_root(WAYS, rules=False)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(set(self.frames.read_text().split()),
                         {"allowed", "vxlan", "macvlan", "second", "broadcast"}, done)

    def test_a_cable_that_is_moved_into_another_network_is_held(self):
        done = self.as_its_root(MOVE)
        self.assertEqual(set(self.frames.read_text().split()), {"allowed"}, done)

    def test_no_interface_can_be_made_that_hides_packets(self):
        # What an ifb has sent on the kernel classifies nowhere, at the host's end neither.
        script = "ip link add ifb0 type ifb && echo made; ip link add d0 type dummy && echo made; echo end"
        for users in (True, False):
            done = self.run_inside("sh", "-c", f"PATH=/usr/sbin:/usr/bin; {script}", users=users, capabilities=BOTH)
            self.assertEqual(done.stdout, "end\n", done)
            self.assertEqual(done.stderr.count("Operation not permitted"), 2, done)

    def test_no_interface_of_the_hosts_can_be_made(self):
        # By number, a network whose user namespace is one's own takes interfaces of NET_ADMIN's.
        script = ("ip link show >/dev/null; ip link add link-netnsid 0 name x9 type vxlan id 9 remote 10.77.0.9 "
                  "dstport 4789 && echo made; ip link show x9 >/dev/null 2>&1 && echo there; echo end")
        done = self.run_inside("sh", "-c", f"PATH=/usr/sbin:/usr/bin; {script}", users=True, capabilities=BOTH)
        self.assertEqual(done.stdout, "end\n", done)
        self.assertIn("Operation not permitted", done.stderr)
        done = self.run_inside("sh", "-c", f"PATH=/usr/sbin:/usr/bin; {script}", capabilities=BOTH)
        self.assertEqual(done.stdout, "end\n", done)


if __name__ == "__main__":
    unittest.main()
