"""Containers of one pod, each with the network rules of its own profile."""

import subprocess
import unittest

import engines
import network
from commands import AGENT
from cri import CriTest
from named_network import NameServer

GATEWAY = "10.241.0.1"  # of cri.py's bridge


class Pod(CriTest):
    def setUp(self):
        super().setUp()
        server = network.serve("t443", "t80")
        self.addCleanup(network.stop, server)

    def govern(self, image, **rules):
        """That image is held to the rules, and nothing else of the pod."""
        held = {"name": "held", "match": {"images": [image.name]}, "mode": "enforce", "network": rules}
        self.set_policy(self.pause_profile, held, self.rest)

    def pod(self, *images):
        sandbox = self.one.run_pod("pod", host_network=False)
        made = []
        for number, image in enumerate(images):
            container = self.one.create(("pod", sandbox), f"c{number}", image.name, "sleep", "1000")
            self.one.start_container(container)
            made.append(container)
        return made

    def says(self, container, port):
        """Whether the server at that port of the gateway is reached."""
        return self.one.exec_in(container, "nc", "-w", "2", GATEWAY, str(port)) == (0, "hello")

    def test_each_container_of_a_pod_has_its_own_rules(self):
        held, free = self.good_image(), self.good_image()
        self.govern(held, egress={"default": "deny", "allow": [{"to": [GATEWAY], "ports": ["443/tcp"]}]})
        first, second = self.pod(held, free)
        self.assertEqual([self.says(first, 443), self.says(first, 80)], [True, False])
        self.assertEqual([self.says(second, 443), self.says(second, 80)], [True, True])

    def serving(self, name, image):
        """A pod whose container serves at port 80, and its address."""
        sandbox = self.one.run_pod(name, host_network=False)
        container = self.one.create((name, sandbox), name, image.name, "sh", "-c",
                                    "while true; do echo -n hello | nc -l -p 80; done")
        self.one.start_container(container)
        status = self.one.call("PodSandboxStatus", {"1": sandbox})["1"][0]
        return sandbox, status["5"][0]["1"][0]

    def test_pods_are_peers_when_all_that_is_in_them_is_listed(self):
        agent = subprocess.Popen([AGENT, f"--runward-root={self.one.home}"])
        self.addCleanup(lambda: (agent.terminate(), agent.wait()))
        engines.wait_for("the agent", engines.pathlib.Path(self.one.home, "run/agent.sock").exists)
        web, db, other = self.good_image(), self.good_image(), self.good_image()
        to = {"default": "deny", "allow": [{"to": [f"image:{db.name}", "profile:pause"]}]}
        self.set_policy(self.pause_profile, {"name": "web", "match": {"images": [web.name]}, "mode": "enforce",
                                             "network": {"egress": to}}, self.rest)
        sandbox, address = self.serving("db", db)
        _, foreign = self.serving("other", other)
        box = self.one.run_pod("web", host_network=False)
        container = self.one.create(("web", box), "web", web.name, "sleep", "1000")
        self.one.start_container(container)

        def reaches(where):
            return self.one.exec_in(container, "nc", "-w", "2", where, "80") == (0, "hello")
        engines.wait_for("the server", lambda: reaches(address))
        self.assertFalse(reaches(foreign))
        # Another container in the pod of the one that is let through.
        second = self.one.create(("db", sandbox), "second", other.name, "sleep", "1000")
        self.one.start_container(second)
        self.assertFalse(reaches(address))

    def test_a_pods_names_are_resolved_by_each_containers_rules(self):
        engines.require("dnsmasq")
        names = NameServer(self.one.dir)
        self.addCleanup(names.end)
        agent = subprocess.Popen([AGENT, f"--runward-root={self.one.home}"])
        self.addCleanup(lambda: (agent.terminate(), agent.wait()))
        engines.wait_for("the agent", engines.pathlib.Path(self.one.home, "run/agent.sock").exists)
        held, free = self.good_image(), self.good_image()
        self.govern(held, egress={"default": "deny", "allow": [{"to": ["dns:pub.example.org"]}]})
        first, second = self.pod(held, free)

        def look_up(container, name):  # of whom does not matter
            return self.one.exec_in(container, "nslookup", name, GATEWAY)
        self.assertIn("8.8.4.4", look_up(first, "pub.example.org")[1])
        self.assertNotEqual(look_up(first, "api.example.com")[0], 0)
        self.assertNotIn("api.example.com", names.asked())
        # The other one's questions go where it sends them: nobody is there.
        self.assertNotEqual(look_up(second, "pub.example.org")[0], 0)


if __name__ == "__main__":
    unittest.main()
