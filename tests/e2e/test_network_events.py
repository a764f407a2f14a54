"""What the agent tells of a container's network, with real packets under rules in nft's syntax."""

import signal
import os
import socket
import threading
import time
import unittest

import commands
from network_events import GUEST4, HOST4, Network, mark, KEY

RULES = f"""table inet TABLE {{
  chain output {{
    type filter hook output priority 0
    oifname "lo" accept
    ct state established,related accept
    ip daddr {HOST4} tcp dport 8080 ct mark set {mark(KEY, False, 0)} accept
    log prefix "rw:d:e:default" group GROUP snaplen 128 queue-threshold 32
    drop
  }}
  chain input {{
    type filter hook input priority 0
    iifname "lo" accept
    ct state established,related accept
    log prefix "rw:d:i:default" group GROUP snaplen 128 queue-threshold 32
    drop
  }}
}}
"""
SECTION = {"egress": {"default": "deny", "allow": [{"to": [HOST4], "ports": ["8080/tcp"]}]},
           "ingress": {"default": "deny"}}
SEND = ("import socket,sys\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
        "for i in range(int(sys.argv[3])):\n try: s.sendto(b'x',(sys.argv[1],int(sys.argv[2])))\n"
        " except OSError: pass  # a drop at output is told to the sender")


class NetworkEventsTest(unittest.TestCase):
    def setUp(self):
        why = commands.needs("/usr/sbin/nft", "/usr/sbin/runc")
        if why:
            self.skipTest(why)
        self.one = Network()
        self.addCleanup(self.one.end)
        self.one.start_agent()
        self.one.record(SECTION)
        self.one.register()
        self.one.nft(RULES)

    def denied(self, **wanted):
        """How many packets were told to be denied to that port."""
        return sum(event["count"] for event in self.one.network()
                   if event["unmapped"]["runward"]["decision"] == "denied"
                   and event["dst_endpoint"].get("port") == wanted["port"])

    def send(self, port, count=1):
        done = self.one.inside("python3", "-c", SEND, HOST4, str(port), str(count))
        self.assertIn(done.returncode, (0, 1), done)

    def test_a_denied_packet_is_an_event(self):
        self.send(9)
        self.assertTrue(self.one.wait_for(lambda: self.denied(port=9) == 1))
        (event,) = self.one.network()
        self.assertEqual(event["class_uid"], 4001)
        self.assertEqual(event["activity_name"], "Refuse")
        self.assertEqual(event["status_code"], "network.egress.default")
        self.assertEqual(event["dst_endpoint"], {"ip": HOST4, "port": 9})
        self.assertEqual(event["connection_info"]["protocol_name"], "udp")
        self.assertEqual(event["connection_info"]["direction"], "Outbound")
        self.assertEqual(event["container"]["uid"], "guest")
        self.assertEqual(event["container"]["image"]["name"], "shop/web:1")
        self.assertEqual(event["policy"]["name"], "web")

    def test_what_comes_in_is_told_with_who_sent_it(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", (GUEST4, 7777))
        self.assertTrue(self.one.wait_for(lambda: self.denied(port=7777) == 1))
        (event,) = self.one.network()
        self.assertEqual(event["connection_info"]["direction"], "Inbound")
        self.assertEqual(event["src_endpoint"]["ip"], HOST4)
        self.assertEqual(event["status_code"], "network.ingress.default")

    def test_a_connection_is_told_with_its_bytes_and_its_rule(self):
        server = socket.create_server((HOST4, 8080))
        self.addCleanup(server.close)

        def serve():
            with server.accept()[0] as client:
                client.sendall(b"y" * len(client.recv(10)) * 1000)

        threading.Thread(target=serve, daemon=True).start()
        script = ("import socket,sys\ns=socket.create_connection((sys.argv[1],8080))\n"
                  "s.sendall(b'x'*10)\nn=0\nwhile n<10000: n+=len(s.recv(4096))\n")
        done = self.one.inside("python3", "-c", script, HOST4)
        self.assertEqual(done.returncode, 0, done)
        self.assertTrue(self.one.wait_for(lambda: self.one.network()))
        self.one.guest.kill()  # its end tells the bytes of what the kernel still tracks
        self.one.guest.wait()
        self.assertTrue(self.one.wait_for(
            lambda: sum(e["traffic"]["bytes_in"] for e in self.one.network()) >= 10000))
        events = self.one.network()
        self.assertEqual(sum(event["count"] for event in events), 1)
        self.assertEqual({event["status_code"] for event in events}, {"network.egress.allow[0]"})
        self.assertEqual({event["activity_name"] for event in events}, {"Traffic"})
        self.assertEqual({event["dst_endpoint"]["port"] for event in events}, {8080})

    def test_a_flood_is_counted_exactly_in_few_events(self):
        count = 50000
        self.send(9, count)
        self.assertTrue(self.one.wait_for(lambda: self.denied(port=9) >= count, 30),
                        self.denied(port=9))
        time.sleep(1.5)
        self.assertEqual(self.denied(port=9), count)
        self.assertLess(len(self.one.network()), 20)

    def test_many_peers_do_not_make_many_events_or_much_memory(self):
        script = ("import socket\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
                  "for p in range(1,20001):\n try: s.sendto(b'x',('198.51.100.1',p))\n except OSError: pass")
        worker = self.one.worker()
        before = self.memory(worker)
        self.one.inside("python3", "-c", script)

        def told():
            return sum(event["count"] for event in self.one.network())

        # 8080 is allowed to TCP alone.
        self.assertTrue(self.one.wait_for(lambda: told() == 20000, 40), told())
        self.assertLess(len(self.one.network()), 600)
        self.assertLess(self.memory(worker) - before, 2048)

    @staticmethod
    def memory(pid):
        with open(f"/proc/{pid}/status", encoding="utf-8") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def test_rules_outlive_the_agent_and_events_resume(self):
        self.send(9)
        self.assertTrue(self.one.wait_for(lambda: self.denied(port=9) == 1))
        for agent in self.one.agents:
            os.kill(self.one.worker(), signal.SIGKILL)
        self.assertTrue(self.one.wait_for(self.one.answers))
        self.send(10)
        self.assertTrue(self.one.wait_for(lambda: self.denied(port=10) == 1))
        rules = self.one.inside("nft", "list", "tables").stdout
        self.assertIn("runward_", rules)

    def test_the_end_of_the_container_lets_its_network_go(self):
        notes = self.one.root / "run" / "network"
        self.assertEqual([path.name for path in notes.iterdir()], [KEY])
        self.one.guest.kill()
        self.one.guest.wait()
        self.assertTrue(self.one.wait_for(lambda: not list(notes.iterdir())))

    def test_nonsense_is_answered_with_an_error(self):
        for request in ({"key": "../../x", "pid": 1}, {"key": "0" * 64, "pid": 1}, {"pid": 1},
                        {"key": KEY, "pid": -1}, {"key": KEY, "pid": os.getpid()}):
            answer = self.one.ask({"protocol": 1, "ask": "network", **request})
            self.assertIs(answer["ok"], False, request)
            self.assertTrue(answer["error"], request)
        self.assertTrue(self.one.answers())


if __name__ == "__main__":
    unittest.main()
