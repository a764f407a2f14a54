"""Network rules held at the host's end of the cables of a real dockerd's containers."""

import json
import pathlib
import subprocess

import network
from commands import AGENT
from gate import GateTest, engines, unittest
from network import ip

GATEWAY = "10.231.0.1"  # of the bridge (engines.py), where the test's servers listen
RULES = {"capabilities": "veth",
         "egress": {"default": "deny", "allow": [{"to": [GATEWAY], "ports": ["443/tcp", "53/udp"]},
                                                 {"to": ["10.232.0.0/24"], "ports": ["443/tcp"]}]},
         "ingress": {"default": "deny", "allow": [{"ports": ["8080/tcp"]}]}}
TRY = f"nc -w 3 {GATEWAY} 443 </dev/null; echo; nc -w 1 {GATEWAY} 80 </dev/null || echo no"
PROGRAMS = ("-v", "/usr:/usr:ro", "-v", "/usr/lib:/lib:ro", "-v", "/usr/lib64:/lib64:ro")
# To the gateway's ports 53 and 54, and with a VLAN's tag, by a packet socket.
FRAMES = f"""
import socket, struct
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0))
own = s.getsockname()[4]
def udp(port, text):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(text), 1, 0, 64, 17, 0,
                       socket.inet_aton(socket.gethostbyname(socket.gethostname())), socket.inet_aton("{GATEWAY}"))
    total = sum(struct.unpack("!10H", head)); total = (total & 0xffff) + (total >> 16)
    return head[:10] + struct.pack("!H", ~total & 0xffff) + head[12:] + struct.pack(
        "!4H", 4444, port, 8 + len(text), 0) + text
for port in (53, 54):
    s.send(b"\\xff" * 6 + own + b"\\x08\\x00" + udp(port, b"by AF_PACKET"))
s.send(b"\\xff" * 6 + own + b"\\x81\\x00\\0\\x05\\x08\\x00" + udp(53, b"tagged"))
print("ok")
"""
RECORD = """
import socket, sys, threading
def listen(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("", port))
    while True: print(port, s.recv(65536).decode(errors="replace"), file=out, flush=True)
out = open(sys.argv[1], "w")
for port in (53, 54): threading.Thread(target=listen, args=(port,)).start()
print("ready", flush=True)
"""


class Docker(GateTest):
    default_runtime = "runc"

    def setUp(self):
        super().setUp()
        server = network.serve("t443", "t80")
        self.addCleanup(network.stop, server)
        self.image_ = self.good_image()
        self.agent = self.start_agent()
        self.addCleanup(self.stop_agent)
        self.set_policy({"name": "all", "match": {}, "mode": "enforce", "network": RULES})

    def start_agent(self):
        agent = subprocess.Popen([AGENT, f"--runward-root={self.one.home}"])
        engines.wait_for("the agent", pathlib.Path(self.one.home, "run/agent.sock").exists)
        return agent

    def stop_agent(self):
        self.agent.terminate()
        self.agent.wait()
        subprocess.run(["umount", f"{self.one.home}/run/bpf-veth"], check=False, capture_output=True)

    def start(self, *words, name="held"):
        return self.one.docker("run", "-d", "--name", name, "--runtime", "runward", *words, self.image_.name,
                               "sleep", "1000")

    @staticmethod
    def held():
        """The interfaces of the host's whose filters are ours."""
        links = json.loads(subprocess.run(["ip", "-json", "link"], capture_output=True, text=True, check=True).stdout)
        found = []
        for link in (link["ifname"] for link in links):
            shown = [subprocess.run(["tc", "filter", "show", "dev", link, side], capture_output=True, text=True,
                                    check=False).stdout for side in ("ingress", "egress")]
            if "runward_out:[" in shown[0] and "runward_in:[" in shown[1]:
                found.append(link)
        return found

    def test_rules_hold_from_the_first_packet_and_at_another_start(self):
        done = self.docker_run(self.image_.name, "sh", "-c", TRY)
        self.assert_runs(done, "hello\nno\n")
        self.start()
        self.assertEqual(len(self.held()), 1)
        self.assertEqual(self.docker("exec", "held", "sh", "-c", TRY).stdout, "hello\nno\n")
        self.one.docker("restart", "-t", "0", "held")
        self.assertEqual(len(self.held()), 1)
        self.assertEqual(self.docker("exec", "held", "sh", "-c", TRY).stdout, "hello\nno\n")
        self.assert_runs(self.docker_run(self.image_.name, "sh", "-c", TRY.replace("|| echo no", ""), runtime="runc"),
                         "hello\nhello")

    def test_packet_sockets_send_what_rules_allow_alone(self):
        file = pathlib.Path(self.one.dir, "arrived")
        recorder = subprocess.Popen(["/usr/bin/python3", "-c", RECORD, str(file)], stdout=subprocess.PIPE, text=True)
        self.addCleanup(network.stop, recorder)
        recorder.stdout.readline()
        words = (*PROGRAMS, self.image_.name, "/usr/bin/python3", "-c", FRAMES)
        self.assert_runs(self.docker_run(*words))
        engines.wait_for("the frame", lambda: file.read_text())
        self.assertEqual(file.read_text(), "53 by AF_PACKET\n")
        self.assert_runs(self.docker_run(*words, runtime="runc"))
        engines.wait_for("the frames", lambda: "54 by AF_PACKET\n" in file.read_text())

    def test_net_raw_stays_and_net_admin_goes(self):
        self.start("--cap-add", "NET_ADMIN")
        out = self.docker("exec", "held", "grep", "CapBnd", "/proc/self/status").stdout
        self.assertEqual(int(out.split()[1], 16) >> 12 & 3, 2, out)
        done = self.docker("exec", "--privileged", "held", "grep", "CapBnd", "/proc/self/status")
        if done.returncode == 0:  # where the machine has all capabilities itself
            self.assertEqual(int(done.stdout.split()[1], 16) >> 12 & 1, 0, done)

    def test_another_network_is_held_when_it_is_connected(self):
        self.one.docker("network", "create", "--subnet", "10.232.0.0/24", "second")
        self.addCleanup(self.docker, "network", "rm", "second")
        self.start()
        self.addCleanup(self.docker, "rm", "-f", "held")
        self.one.docker("network", "connect", "second", "held")
        engines.wait_for("the new cable's filters", lambda: len(self.held()) == 2)
        pid = self.inspect("held", "{{.State.Pid}}")
        subprocess.run(["nsenter", "-t", pid, "-n", "nft", "flush", "ruleset"], check=True)
        self.assertEqual(self.docker("exec", "held", "sh", "-c", TRY.replace(GATEWAY, "10.232.0.1")).stdout,
                         "hello\nno\n")
        self.one.docker("network", "disconnect", "second", "held")
        engines.wait_for("the cable's end", lambda: len(self.held()) == 1)

    def test_a_shared_network_is_refused_and_none_has_nothing_to_hold(self):
        self.set_policy({"name": "all", "match": {}, "mode": "enforce"})
        self.start(name="first")
        self.set_policy({"name": "all", "match": {}, "mode": "enforce", "network": RULES})
        done = self.docker_run("--network", "container:first", self.image_.name, "true")
        self.assertNotEqual(done.returncode, 0)
        self.assert_told(done.stderr, "network.install")
        self.assert_runs(self.docker_run("--network", "none", self.image_.name, "echo", "ok"))

    def test_a_macvlan_network_is_refused(self):
        ip("link", "add", "par0", "type", "veth", "peer", "name", "par1")
        self.addCleanup(subprocess.run, ["ip", "link", "del", "par0"], check=False)
        ip("link", "set", "par0", "up")
        self.one.docker("network", "create", "-d", "macvlan", "--subnet", "10.233.0.0/24", "-o", "parent=par0", "flat")
        self.addCleanup(self.docker, "network", "rm", "flat")
        done = self.docker_run("--network", "flat", self.image_.name, "true")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("(macvlan)", done.stderr)


if __name__ == "__main__":
    unittest.main()
