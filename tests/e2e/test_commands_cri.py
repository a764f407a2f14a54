"""Command rules under Kubernetes' way to a container: containerd's CRI plugin."""

import unittest

from cri import CallFailed, CriTest
from engine_commands import Notified, WithAgent


class CriCommands(WithAgent, CriTest):
    def rules(self, **rules):
        self.set_policy(self.pause_profile, self.profile(**rules))

    def exec(self, container, *words):
        try:
            code, out = self.one.exec_in(container, *words)
        except CallFailed as failed:
            return 1, str(failed)
        return code, out

    def test_rules_hold_for_containers_of_a_pod_and_exec(self):
        image = self.good_image()
        self.rules(deny=["nc", "wget"], drift="deny", exec={"allow": ["sh", "cat"]})
        _, container = self.running(image)
        self.assert_denied(*self.exec(container, "sh", "-c",
                                      "cp /bin/busybox /tmp/cat; /tmp/cat /etc/number 2>&1"))
        self.assertEqual(self.exec(container, "cat", "/etc/number")[0], 0)
        self.assert_denied(*self.exec(container, "sh", "-c", "/bin/nc 2>&1"))
        self.assertNotEqual(self.exec(container, "ls")[0], 0)
        self.decision(rule="commands.exec.allow", decision="denied", operation="command")

    def test_each_of_two_containers_of_a_pod_has_its_own(self):
        strict, free = self.good_image(), self.good_image()
        # The pod's containers share what Kubernetes makes them share, and not their rules.
        self.set_policy(self.pause_profile,
                        {**self.profile(deny=["nc"]), "name": "strict",
                         "match": {"images": [strict.name]}},
                        {"name": "all", "match": {}, "mode": "enforce"})
        sandbox = self.one.run_pod("pod")
        made = {}
        for name, image in (("s", strict), ("f", free)):
            made[name] = self.one.create(("pod", sandbox), name, image.name, "sleep", "1000")
            self.one.start_container(made[name])
        self.assert_denied(*self.exec(made["s"], "sh", "-c", "/bin/nc 2>&1"))
        self.assertNotIn("not permitted", self.exec(made["f"], "sh", "-c", "/bin/nc 2>&1")[1])


class CriNotified(Notified, CriCommands):
    pass


if __name__ == "__main__":
    unittest.main()
