"""Names in network rules (`dns:`): the agent's proxy between real containers and a real dnsmasq."""

import json
import os
import signal
import subprocess
import unittest

import bundle
from named_network import NamedNetwork
from network import probe

ALLOW = {"to": ["dns:api.example.com", "dns:*.wild.example.com", "dns:big.example.com"],
         "privateAddresses": True}
PUBLIC = {"to": ["dns:*.example.org"]}
SECTION = {"default": "deny", "allow": [ALLOW, PUBLIC]}
# Connects in the very moment that the name is resolved.
CONNECT = ("import socket,sys\nfor n in range(int(sys.argv[2])):\n"
           " s=socket.create_connection((f'n{n}.wild.example.com',80),1)\n s.close()\nprint('all')")
# A question by hand: type, and whether over TCP; prints the answer's code.
QUESTION = """
import socket, struct, sys
name, kind, tcp, server = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "tcp", sys.argv[4]
text = b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\\0"
query = struct.pack("!HHHHHH", 77, 0x100, 1, 0, 0, 0) + text + struct.pack("!HH", kind, 1)
s = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET,
                  socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
s.settimeout(3)
s.connect((server, 53))
s.sendall((struct.pack("!H", len(query)) if tcp else b"") + query)
answer = s.recv(4096)[2 if tcp else 0:]
print("code", answer[3] & 15, "answers", struct.unpack("!H", answer[6:8])[0])
"""


class NetworkDnsTest(unittest.TestCase):
    def setUp(self):
        why = bundle.needs("/usr/sbin/nft", "/usr/sbin/dnsmasq", "/usr/sbin/runc", "/usr/sbin/ip")
        if why:
            self.skipTest(why)
        self.one = NamedNetwork()
        self.addCleanup(self.one.end)

    def start(self, mode="enforce", agent=True, **section):
        if agent:
            self.one.start_agent()
        self.one.rules(mode, egress=section or SECTION)
        self.one.config(["sleep", "1000"])
        code, out = self.one.create("c1")
        self.assertEqual(code, 0, out)
        self.assertEqual(self.one.call("start", "c1").returncode, 0)

    def question(self, name, kind=1, how="udp", server="10.77.0.1"):
        done = subprocess.run(["ip", "netns", "exec", "box", "python3", "-c", QUESTION, name, str(kind),
                               how, server], capture_output=True, text=True, timeout=20, check=False)
        return done.stdout.strip() or done.stderr.strip().splitlines()[-1]

    def passes(self, *tries):
        return probe(list(tries), "box")

    def refusals(self):
        return [(event["query"]["hostname"], event["status_code"]) for event in self.one.events()
                if event.get("class_uid") == 4003]

    def assert_refused(self, name, rule):
        self.assertTrue(self.one.wait_for(lambda: (name, rule) in self.refusals()), self.refusals())

    def test_what_an_allowed_name_leads_to_passes_and_nothing_else(self):
        self.start()
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80], ["tcp", "fd77::1", 80]), [False, False])
        self.assertEqual(self.one.ask("api.example.com"), "10.77.0.1")
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80], ["tcp", "fd77::1", 80],
                                     ["tcp", "10.77.0.9", 80]), [True, False, False])
        self.assertEqual(self.one.ask("api.example.com", "AF_INET6"), "fd77::1")
        self.assertEqual(self.passes(["tcp", "fd77::1", 80]), [True])
        self.assertEqual(self.one.ask("www.wild.example.com"), "10.77.0.1")  # an alias

    def test_whoever_is_asked_it_is_the_agent_that_answers(self):
        self.start()
        for server in ("10.77.0.9", "fd77::9", "192.0.2.1", "127.0.0.11"):
            for how in ("udp", "tcp"):
                self.assertEqual(self.question("api.example.com", 1, how, server), "code 0 answers 1",
                                 (server, how))

    def test_names_that_no_rule_allows_are_asked_of_nobody(self):
        self.start()
        for name in ("x7f.evil.example", "wild.example.com", "other.example.com"):
            self.assertEqual(self.question(name), "code 5 answers 0")
            self.assert_refused(name, "network.dns.name")
        # What resolv.conf has allowed names searched in does not exist, and is asked of nobody either.
        self.assertEqual(self.question("api.example.com.evil.example"), "code 3 answers 0")
        self.assertNotIn("evil", self.one.names.asked())
        # Nor does an allowed one carry anything but addresses.
        self.assertEqual(self.question("api.example.com", 16), "code 0 answers 0")
        self.assertNotIn("TXT", self.one.names.asked())

    def test_domains_that_names_are_searched_in_are_in_nobodys_way(self):
        config = self.one.dir / "resolv.conf"
        config.write_text(config.read_text() + "search default.svc.cluster.local corp.example\noptions ndots:5\n")
        self.start()
        self.assertEqual(self.one.ask("api.example.com"), "10.77.0.1")
        self.assertEqual(self.question("api.example.com.corp.example"), "code 3 answers 0")
        self.assertNotIn("corp.example", self.one.names.asked())

    def test_private_addresses_are_kept_from_names_that_may_not_have_them(self):
        self.start()
        for name in ("private.example.org", "meta.example.org"):
            self.assertEqual(self.question(name), "code 5 answers 0")
            self.assert_refused(name, "network.dns.private")
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80]), [False])
        self.assertEqual(self.one.ask("pub.example.org"), "8.8.4.4")

    def test_the_clouds_addresses_are_kept_from_every_name(self):
        self.start(default="deny", allow=[{"to": ["dns:*.example.org"], "privateAddresses": True}])
        self.assertEqual(self.question("private.example.org"), "code 0 answers 1")
        self.assertEqual(self.question("meta.example.org"), "code 5 answers 0")

    def test_the_first_packet_after_an_answer_is_never_lost(self):
        self.start()
        done = subprocess.run(["ip", "netns", "exec", "box", "python3", "-c", CONNECT, "-", "200"],
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.stdout, "all\n", done)

    def test_an_answer_that_is_too_large_comes_over_tcp(self):
        self.start()
        self.assertEqual(len(self.one.ask("big.example.com").split()), 60)
        self.assertTrue(self.one.ask("big.example.com").startswith("10.77.1."))

    def test_addresses_expire_with_their_records(self):
        self.start()
        self.one.ask("api.example.com")
        listed = subprocess.run(["ip", "netns", "exec", "box", "nft", "-j", "list", "ruleset"],
                                capture_output=True, text=True, check=True).stdout
        (found,) = [element["elem"] for one in json.loads(listed)["nftables"] if "set" in one
                    and one["set"]["name"] == "e0_dns4" for element in one["set"]["elem"]]
        self.assertEqual(found["val"], "10.77.0.1")
        self.assertLessEqual(found["timeout"], 45)

    def test_without_an_agent_nothing_starts_and_names_stop_and_come_back(self):
        self.one.rules(egress=SECTION)
        self.one.config(["sleep", "1000"])
        code, out = self.one.create("c1")
        self.assertNotEqual(code, 0)
        self.assertIn("runward-agent", out + str(self.one.logged()))
        self.start()
        self.assertEqual(self.one.ask("api.example.com"), "10.77.0.1")
        self.one.kill_agents()
        self.assertIn("none", self.one.ask("www.wild.example.com"))
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80], ["tcp", "10.77.0.9", 80]), [True, False])
        self.one.start_agent()
        self.assertEqual(self.one.ask("n1.wild.example.com"), "10.77.0.1", self.one.logged())
        self.assertEqual(self.question("api.example.com", 28, "tcp"), "code 0 answers 1")

    def test_an_agent_that_takes_over_takes_the_names_over(self):
        self.start()
        (first,) = self.one.agents
        self.one.start_agent()
        self.assertTrue(self.one.wait_for(lambda: first.poll() is not None))
        self.one.agents.remove(first)
        self.assertTrue(self.one.agent_answers())  # when it has taken the containers in
        self.assertEqual(self.one.ask("api.example.com"), "10.77.0.1", self.one.logged())

    def test_a_worker_that_is_killed_is_followed_by_one_that_resolves(self):
        self.start()
        (agent,) = self.one.agents
        for _ in range(3):
            for child in self.one.children(agent):
                os.kill(child, signal.SIGKILL)
            self.assertTrue(self.one.wait_for(self.one.agent_answers))
            self.assertEqual(self.one.ask("api.example.com"), "10.77.0.1", self.one.logged())

    def test_a_resolver_that_is_gone_is_no_answer_until_it_is_back(self):
        self.start()
        self.one.names.stop()
        self.assertIn("none", self.one.ask("api.example.com"))
        self.assertTrue(self.one.agent_answers())
        self.one.names.start()
        self.assertEqual(self.one.ask("api.example.com"), "10.77.0.1")

    def test_in_audit_mode_all_is_resolved_and_told_of(self):
        self.start("audit")
        self.assertEqual(self.question("other.example.com"), "code 0 answers 1")
        self.assert_refused("other.example.com", "network.dns.name")
        self.assertEqual(self.passes(["tcp", "10.77.0.9", 80]), [True])

    def test_in_audit_mode_without_an_agent_it_starts_all_the_same(self):
        self.start("audit", agent=False)
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80]), [True])

    def test_nonsense_and_floods_do_not_stop_it(self):
        self.start()
        script = ("import socket,os,sys\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
                  "for n in range(20000): s.sendto(os.urandom(n%600),('10.77.0.1',53))")
        subprocess.run(["ip", "netns", "exec", "box", "python3", "-c", script], check=True, timeout=60)
        self.assertTrue(self.one.wait_for(lambda: self.one.ask("api.example.com") == "10.77.0.1", 30))

    def test_who_stands_in_for_dockers_resolver_opens_nothing(self):
        """A process of the container's at 127.0.0.11 that answers each name with its own address."""
        self.start(default="deny", allow=[ALLOW, PUBLIC, {"to": ["dns:db"]}])
        fake = ("import socket\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\ns.bind(('127.0.0.11',53))\n"
                "print('on',flush=True)\nwhile True:\n d,a=s.recvfrom(999)\n"
                " q=d[12:d.index(0,12)+5]; s.sendto(d[:2]+bytes([0x81,0x80,0,1,0,1,0,0,0,0])+q+bytes([0xc0,12,0,1,0,1,0,0,0,60,0,4])"
                "+socket.inet_aton('9.9.9.9'),a)")
        child = subprocess.Popen(["ip", "netns", "exec", "box", "python3", "-c", fake], stdout=subprocess.PIPE)
        self.addCleanup(lambda: (child.kill(), child.wait(), child.stdout.close()))
        child.stdout.readline()
        self.assertEqual(self.question("pub.example.org", server="127.0.0.11"), "code 0 answers 1")
        self.assertEqual(self.question("db", server="127.0.0.11"), "code 5 answers 0")
        listed = subprocess.run(["ip", "netns", "exec", "box", "nft", "list", "ruleset"],
                                capture_output=True, text=True, check=True).stdout
        self.assertIn("8.8.4.4", listed)
        self.assertNotIn("9.9.9.9", listed)

    def test_changed_rules_keep_what_they_still_allow(self):
        self.start()
        self.one.ask("api.example.com")
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80]), [True])
        apply = [bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}", "policy", "apply"]
        self.one.rules(egress={"default": "deny", "allow": [
            {"to": ["10.77.0.9"]}, {"to": ["dns:api.example.com"], "privateAddresses": True}]})
        subprocess.run(apply, check=True, capture_output=True)
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80], ["tcp", "10.77.0.9", 80]), [True, True])
        self.assertEqual(self.question("n1.wild.example.com"), "code 5 answers 0")
        self.one.rules(egress={"default": "deny", "allow": [{"to": ["10.77.0.9"]}]})
        subprocess.run(apply, check=True, capture_output=True)
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80], ["tcp", "10.77.0.9", 80]), [False, True])
        self.one.rules(egress=SECTION)
        subprocess.run(apply, check=True, capture_output=True)
        self.assertEqual(self.one.ask("api.example.com"), "10.77.0.1")
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80]), [True])

    def test_events_tell_peers_by_their_names(self):
        self.start()
        self.one.ask("api.example.com")
        self.passes(["tcp", "10.77.0.1", 80])

        def names():
            return {event["dst_endpoint"].get("hostname") for event in self.one.events()
                    if event.get("class_uid") == 4001}
        self.assertTrue(self.one.wait_for(lambda: "api.example.com" in names()), names())


if __name__ == "__main__":
    unittest.main()
