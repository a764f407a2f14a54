"""Containers as peers of network rules (`profile:`): real ones on a bridge, as they come and go."""

import concurrent.futures
import json
import os
import pathlib
import signal
import subprocess
import unittest

import bundle
from network import ip, probe
from peer_network import PREFIX4, PREFIX6, PeerNetwork

TO_DB = {"egress": {"default": "deny", "allow": [{"name": "db", "to": ["profile:db"], "ports": ["80/tcp"]}]}}
DB4, DB6 = ["tcp", PREFIX4 + "11", 80], ["tcp", PREFIX6 + "11", 80]


class NetworkPeersTest(unittest.TestCase):
    def setUp(self):
        why = bundle.needs("/usr/sbin/nft", "/usr/sbin/dnsmasq", "/usr/sbin/runc", "/usr/sbin/ip")
        if why:
            self.skipTest(why)
        self.one = PeerNetwork()
        self.addCleanup(self.one.end)
        self.one.space("s1", 11)
        self.one.space("s2", 12)

    def begin(self, web=None, mode="enforce", agent=True):
        """A container "web" in the box, whose rules have those of profile "db" as peers."""
        self.one.profiles(mode, web=web or TO_DB, db={}, other={})
        if agent:
            self.one.start_agent()
        code, out = self.one.start("web", "web", "box")
        self.assertEqual(code, 0, out)

    def join(self, name, profile, space):
        code, out = self.one.start(name, profile, space)
        self.assertEqual(code, 0, (out, self.one.logged()[-3:]))

    def leave(self, name):
        self.assertEqual(self.one.call("delete", "--force", name).returncode, 0)

    def sets(self, space="box"):
        """The elements of the sets of peers, by the sets' names."""
        listed = subprocess.run(["ip", "netns", "exec", space, "nft", "-j", "list", "ruleset"],
                                capture_output=True, text=True, check=True).stdout
        return {one["set"]["name"]: sorted(one["set"].get("elem", [])) for one in json.loads(listed)["nftables"]
                if "set" in one and "peer" in one["set"]["name"]}

    def empty(self, space="box"):
        return not any(self.sets(space).values())

    def assert_soon(self, condition, about=""):
        self.assertTrue(self.one.wait_for(condition), (about, self.sets()))

    def test_who_starts_later_is_let_through_from_its_first_packet_and_gone_when_it_ends(self):
        self.begin()
        self.assertTrue(self.empty())
        self.join("db1", "db", "s1")
        self.assertEqual(self.sets(), {"e0_peer4": [PREFIX4 + "11"], "e0_peer6": [PREFIX6 + "11"]})
        self.join("x1", "other", "s2")
        for space in ("s1", "s2"):
            self.one.serve(space)
        self.assertEqual(probe([DB4, DB6, ["udp", PREFIX4 + "11", 53], ["tcp", PREFIX4 + "12", 80],
                                ["tcp", PREFIX6 + "12", 80]], "box"), [True, True, False, False, False])
        self.leave("db1")
        self.assert_soon(self.empty)
        self.assertEqual(probe([DB4, DB6], "box"), [False, False])

    def test_who_runs_already_is_let_through_at_once(self):
        self.one.profiles(web=TO_DB, db={})
        self.one.start_agent()
        self.join("db1", "db", "s1")
        self.one.serve("s1")
        self.join("web", "web", "box")
        self.assertEqual(probe([DB4, DB6], "box"), [True, True])

    def test_many_that_come_and_go_are_each_there_when_they_may_speak(self):
        """It asks the container that let it in, in the very moment that it starts."""
        self.begin({"ingress": {"default": "deny", "allow": [{"from": ["profile:db"]}]}})
        server = self.one.serve("box")
        self.assertIsNone(server.poll())
        for number in range(20):
            self.join(f"db{number}", "db", "s1")
            self.assertEqual(probe([["tcp", PREFIX4 + "2", 80]], "s1"), [True], number)
            self.leave(f"db{number}")
        self.assert_soon(self.empty)
        self.assertEqual(probe([["tcp", PREFIX4 + "2", 80], ["tcp", PREFIX6 + "2", 80]], "s1"), [False, False])

    def test_a_dozen_that_start_and_end_at_once_are_all_known_to_each_other(self):
        peers = {"egress": {"default": "deny", "allow": [{"to": ["profile:web"]}]}}
        spaces = {f"n{host}": host for host in range(21, 33)}
        for name, host in spaces.items():
            self.one.space(name, host)
        self.begin(peers)
        config = self.one.dir / "web" / "config.json"
        text = json.loads(config.read_text())
        bundles = {}
        for name in spaces:
            for one in text["linux"]["namespaces"]:
                if one["type"] == "network":
                    one["path"] = f"/run/netns/{name}"
            bundles[name] = self.one.dir / f"at-{name}"
            bundles[name].mkdir()
            (bundles[name] / "config.json").write_text(json.dumps(
                {**text, "root": {"path": str(self.one.dir / "web" / "rootfs"), "readonly": True}}))

        def create(name):
            with open(self.one.dir / f"{name}.out", "w", encoding="utf-8") as output:
                return subprocess.run(self.one.command("create", "--bundle", bundles[name], name), check=False,
                                      stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=60).returncode
        with concurrent.futures.ThreadPoolExecutor(len(spaces)) as pool:
            self.assertEqual(set(pool.map(create, spaces)), {0}, self.one.logged()[-1:])
            for space, own in {**spaces, "box": 2}.items():
                self.assertEqual(self.sets(space)["e0_peer4"],
                                 sorted(f"{PREFIX4}{host}" for host in {2, *spaces.values()} - {own}), space)
            list(pool.map(self.leave, spaces))
        self.assert_soon(self.empty)

    def test_an_address_that_another_gets_is_not_let_through_even_while_no_agent_lives(self):
        for agent in ("lives", "stands still", "is dead"):
            with self.subTest(agent=agent):
                self.begin()
                (process,) = self.one.agents
                self.join("db1", "db", "s1")
                self.assertFalse(self.empty())
                all_of_it = [process.pid, *self.one.children(process)]
                if agent == "stands still":
                    for pid in all_of_it:
                        os.kill(pid, signal.SIGSTOP)
                if agent == "is dead":
                    self.one.kill_agents()
                self.leave("db1")
                self.join("x1", "other", "s1")
                self.assertTrue(self.empty(), self.sets())
                for pid in all_of_it if agent == "stands still" else ():
                    os.kill(pid, signal.SIGCONT)
                self.leave("x1")
                self.leave("web")
                self.one.kill_agents()

    def test_sets_stay_while_the_agent_is_dead_and_are_brought_up_to_date_by_the_next(self):
        self.begin()
        self.join("db1", "db", "s1")
        self.join("db2", "db", "s2")
        self.one.kill_agents()
        self.assertEqual(len(self.sets()["e0_peer4"]), 2)
        self.leave("db1")
        self.assertEqual(len(self.sets()["e0_peer4"]), 2)  # nobody looks
        self.one.start_agent()
        self.assert_soon(lambda: self.sets()["e0_peer4"] == [PREFIX4 + "12"])
        self.leave("db2")
        self.assert_soon(self.empty)

    def test_whom_an_engines_hook_alone_lets_start_is_a_peer_too(self):
        self.begin()
        self.assertEqual(self.one.start_alone("db1", "db", "s1").returncode, 0)
        self.assertEqual(self.sets(), {"e0_peer4": [PREFIX4 + "11"], "e0_peer6": [PREFIX6 + "11"]})
        self.one.real("delete", "--force", "db1")
        self.assert_soon(self.empty)

    def test_without_an_agent_it_is_refused_and_in_audit_mode_told_of(self):
        self.one.profiles(web=TO_DB, db={})
        code, out = self.one.start("web", "web", "box")
        self.assertNotEqual(code, 0, out)
        self.assertIn("name containers, whose ends an agent has to follow", json.dumps(self.one.logged()))
        self.one.profiles("audit", web=TO_DB, db={})
        self.join("web", "web", "box")

    def test_an_address_that_it_takes_itself_or_loses_is_not_let_through(self):
        self.begin()
        self.join("db1", "db", "s1")
        ip("-n", "s1", "addr", "add", PREFIX4 + "50/24", "dev", "e1")
        ip("-n", "s1", "addr", "del", PREFIX4 + "11/24", "dev", "e1")
        self.assert_soon(lambda: self.sets()["e0_peer4"] == [])
        self.assertEqual(self.sets()["e0_peer6"], [PREFIX6 + "11"])
        ip("-n", "s1", "addr", "add", PREFIX4 + "11/24", "dev", "e1")
        self.join("db2", "db", "s2")
        self.assertEqual(self.sets()["e0_peer4"], [PREFIX4 + "12"])

    def test_one_that_takes_address_after_address_is_nobodys_peer_and_in_nobodys_way(self):
        self.begin()
        self.join("db1", "db", "s1")
        batch = "".join(f"addr add 2001:db8:7::{n:x}/128 dev e1 nodad\n" for n in range(1, 3001))
        subprocess.run(["ip", "-n", "s1", "-6", "-batch", "-"], input=batch, text=True, check=True)
        self.assert_soon(self.empty)
        self.join("db2", "db", "s2")
        self.assertEqual(self.sets()["e0_peer4"], [PREFIX4 + "12"])
        for entry in pathlib.Path(self.one.root, "run/peers").iterdir():
            self.assertLess(entry.stat().st_size, 100_000)

    def test_an_address_of_several_or_of_a_network_that_is_not_its_own_is_let_through_for_none(self):
        self.begin()
        ip("-n", "s1", "addr", "add", "203.0.113.7/24", "dev", "e1")
        self.join("db1", "db", "s1")
        self.assertEqual(self.sets()["e0_peer4"], [PREFIX4 + "11"])
        self.join("x1", "other", "s1")  # in the network of the first
        self.assertTrue(self.empty(), self.sets())
        self.join("db3", "db", "s2")
        self.assertEqual(self.sets()["e0_peer4"], [PREFIX4 + "12"])

    def test_those_that_share_a_network_count_together(self):
        self.begin()
        self.join("db1", "db", "s1")
        ip("-n", "s1", "addr", "add", PREFIX4 + "60/24", "dev", "e1")  # as who has NET_ADMIN can
        self.join("db2", "db", "s1")
        self.assertEqual(self.sets()["e0_peer4"], [PREFIX4 + "11"])
        self.leave("db1")
        self.assert_soon(lambda: len(list(pathlib.Path(self.one.root, "run/peers").iterdir())) == 2)
        self.assertEqual(self.sets()["e0_peer4"], [PREFIX4 + "11"])
        self.one.serve("s1")
        self.assertEqual(probe([DB4], "box"), [True])
        self.join("x1", "other", "s1")
        self.assertEqual(probe([DB4], "box"), [False])
        self.leave("x1")
        self.assert_soon(lambda: self.sets()["e0_peer4"] == [PREFIX4 + "11"])
        self.join("db3", "db", "s1")  # the server has no entry, and may be behind what it reaches
        self.assertTrue(self.empty(), self.sets())

    def test_what_is_denied_is_each_address_that_such_a_container_has(self):
        self.begin({"egress": {"deny": [{"to": ["profile:db"]}]}})
        for space in ("s1", "s2"):
            self.one.serve(space)  # which makes it one that started in a shared network
        self.assertEqual(probe([DB4], "box"), [True])
        self.join("db1", "db", "s1")
        self.assertEqual(probe([DB4, DB6, ["tcp", PREFIX4 + "12", 80]], "box"), [False, False, True])
        ip("-n", "s1", "addr", "add", PREFIX4 + "50/24", "dev", "e1")
        self.assert_soon(lambda: PREFIX4 + "50" in self.sets()["e0_peer4"])
        self.assertTrue(any(one.startswith("fe80") for one in self.sets()["e0_peer6"]), self.sets())
        self.leave("db1")
        self.assert_soon(self.empty)
        self.assertEqual(probe([DB4], "box"), [True])

    def test_in_audit_mode_what_is_none_of_its_peers_is_told_of(self):
        self.begin(mode="audit")
        self.join("db1", "db", "s1")
        self.join("x1", "other", "s2")
        for space in ("s1", "s2"):
            self.one.serve(space)
        self.assertEqual(probe([DB4, ["tcp", PREFIX4 + "12", 80]], "box"), [True, True])

        def flows():
            return {(event["dst_endpoint"].get("ip"), event["unmapped"]["runward"]["decision"],
                     event["status_code"]) for event in self.one.events()
                    if event.get("class_uid") == 4001}
        expected = {(PREFIX4 + "11", "allowed", "network.egress.allow[0]"),
                    (PREFIX4 + "12", "would-deny", "network.egress.default")}
        self.assertTrue(self.one.wait_for(lambda: expected <= flows()), flows())
        report = subprocess.run([bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}", "report",
                                 "network", "--json"], capture_output=True, text=True, check=True).stdout
        self.assertIn("network.egress.allow[0]", report)

    def test_changed_rules_begin_with_the_containers_that_they_name(self):
        self.begin({"onChange": "cut", **TO_DB})
        self.join("db1", "db", "s1")
        self.join("x1", "other", "s2")
        for space in ("s1", "s2"):
            self.one.serve(space)
        apply = [bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}", "policy", "apply", "--json"]
        self.one.profiles(web={"onChange": "cut", "egress": {"default": "deny", "allow": [
            {"to": ["profile:other"], "ports": ["80/tcp"]}]}}, db={}, other={})
        subprocess.run(apply, check=True, capture_output=True)
        self.assertEqual(probe([DB4, ["tcp", PREFIX4 + "12", 80]], "box"), [False, True])
        self.leave("x1")
        self.assert_soon(self.empty)
        # One that had none gets such rules.
        self.one.profiles(web={"egress": {"default": "deny"}}, db={}, other={})
        subprocess.run(apply, check=True, capture_output=True)
        self.assertEqual(self.sets(), {})
        self.one.profiles(web=TO_DB, db={}, other={})
        subprocess.run(apply, check=True, capture_output=True)
        self.assertEqual(probe([DB4], "box"), [True])
        self.leave("db1")
        self.assert_soon(self.empty)

    def test_explain_prints_the_sets_and_check_finds_what_is_not_there(self):
        self.one.profiles(web={"egress": {"default": "deny", "allow": [{"to": ["profile:bd"]}]}}, db={})
        tool = [bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}", "policy"]
        done = subprocess.run([*tool, "check", self.one.root / "policy.json"], capture_output=True, text=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('did you mean "profile:db"?', done.stdout + done.stderr)
        self.begin()
        done = subprocess.run([*tool, "explain", "--container", "web"], capture_output=True, text=True, check=False)
        self.assertIn("ip daddr @e0_peer4", done.stdout, done)

    def test_what_is_damaged_refuses_a_start_and_says_so(self):
        self.begin()
        entries = pathlib.Path(self.one.root, "run/peers")
        (entry,) = entries.iterdir()
        entry.write_text("{}")
        code, out = self.one.start("x1", "other", "s2")
        self.assertNotEqual(code, 0, out)
        self.assertIn("network.peers", json.dumps(self.one.logged()))


if __name__ == "__main__":
    unittest.main()
