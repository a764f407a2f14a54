"""Network rules of a pod: those of its sandbox hold for all of its containers."""

import unittest

import network
from cri import CriTest
from engines import wait_for

GATEWAY = "10.241.0.1"  # of cri.py's bridge


class Cri(CriTest):
    def setUp(self):
        super().setUp()
        server = network.serve("t443", "t80")
        self.addCleanup(network.stop, server)

    def running(self, image, *command, **options):
        """In a pod with a network of its own."""
        sandbox = self.one.run_pod("pod", host_network=False)
        container = self.one.create(("pod", sandbox), "c", image.name, *(command or ("sleep", "1000")), **options)
        self.one.start_container(container)
        return sandbox, container

    def rules(self, **network_rules):
        return {"egress": {"default": "deny",
                           "allow": [{"to": [GATEWAY], "ports": ["443/tcp"]}]}, **network_rules}

    def test_the_pods_rules_hold_for_its_containers_from_the_first_packet(self):
        self.set_policy({**self.pause_profile, "network": self.rules()}, self.rest)
        image = self.good_image()
        _, container = self.running(
            image, "sh", "-c", f"nc -w 3 {GATEWAY} 443 </dev/null; echo; "
            f"nc -w 1 {GATEWAY} 80 </dev/null 2>/dev/null || echo no")
        wait_for("the container's end", lambda: self.one.status(container)[0] == 2)
        self.assertEqual(self.one.logs("pod", "c"), "hello\nno\n")

    def test_an_exec_is_held_too(self):
        self.set_policy({**self.pause_profile, "network": self.rules()}, self.rest)
        _, container = self.running(self.good_image())
        self.assertEqual(self.one.exec_in(container, "nc", "-w", "3", GATEWAY, "443"), (0, "hello"))
        self.assertNotEqual(self.one.exec_in(container, "nc", "-w", "1", GATEWAY, "80")[0], 0)


if __name__ == "__main__":
    unittest.main()
