"""Kubernetes' way to a container: containerd's CRI plugin, through the example drop-in."""

import os
import unittest

from cri import CallFailed, CriTest
from engines import wait_for


class Cri(CriTest):
    def assert_message(self, text, rule):
        event = self.assert_told(text, rule)
        self.assertIn("OCI runtime create failed: runward refused container", text)
        return event

    def exited(self, container):
        wait_for("the container's end", lambda: self.one.status(container)[0] == 2)
        return self.one.status(container)

    def test_a_pod_needs_its_pause_image_and_each_container_a_verdict(self):
        self.set_policy(self.rest)
        with self.assertRaises(CallFailed) as refused:
            self.one.run_pod("early")
        self.assert_message(str(refused.exception), "verdict.missing")
        self.assertIn(self.pause.chain, str(refused.exception))
        self.set_policy(self.pause_profile, self.rest)

        image = self.image()
        sandbox = self.one.run_pod("pod")
        self.assertIn("'pause'", str(self.decision(decision="allowed")))
        container = self.one.create(("pod", sandbox), "c", image.name, "echo", "ok")
        with self.assertRaises(CallFailed) as refused:
            self.one.start_container(container)
        event = self.assert_message(str(refused.exception), "verdict.missing")
        state, code, reason, message = self.one.status(container)
        # As `kubectl describe pod` shows it.
        self.assertEqual((state, code, reason), (2, 128, "StartError"))
        self.assertIn(event["metadata"]["uid"], message)

        self.sign(image)
        container = self.one.create(("pod", sandbox), "d", image.name, "sh", "-c",
                                    "echo ok; exit 3")
        self.one.start_container(container)
        self.assertEqual(self.exited(container)[1], 3)
        self.assertEqual(self.one.logs("pod", "d"), "ok\n")
        self.one.remove_pod(sandbox)
        self.assertEqual(self.one.records(), [])

    def test_exec_users_volumes_and_a_read_only_root(self):
        shared = f"{self.one.dir}/shared"
        os.makedirs(shared, exist_ok=True)
        _, container = self.running(self.good_image(), mounts=[(shared, "/shared")],
                                    security={"5": {"1": 1000}, "7": 1})
        self.assertEqual(self.one.exec_in(container, "id", "-u"), (0, "1000\n"))
        self.decision(decision="allowed", operation="exec")
        self.assertEqual(self.one.exec_in(container, "sh", "-c", "touch /x 2>/dev/null; exit 7"),
                         (7, ""))
        self.assertEqual(self.one.exec_in(container, "ls", "-d", "/shared"), (0, "/shared\n"))
        self.one.call("UpdateContainerResources", {"1": container, "2": {"4": 64 << 20}})
        self.decision(decision="allowed", operation="update")
        self.one.call("StopContainer", {"1": container, "2": 0})
        self.assertEqual(self.one.status(container)[0], 2)

    def test_a_pod_network_of_cni_works(self):
        sandbox = self.one.run_pod("pod", host_network=False)
        container = self.one.create(("pod", sandbox), "c", self.good_image().name, "ip", "-o",
                                    "-4", "addr")
        self.one.start_container(container)
        self.exited(container)
        self.assertIn("10.241.0.", self.one.logs("pod", "c"))

    def test_annotations_names_and_labels_of_others_do_not_help(self):
        good, bad = self.good_image(), self.image()
        spoof = {"io.kubernetes.cri.image-name": good.name,
                 "io.kubernetes.cri.container-type": "sandbox"}
        sandbox = self.one.run_pod("pod", annotations=spoof)
        container = self.one.create(("pod", sandbox), "pause", bad.name, "sleep", "1",
                                    annotations=spoof)
        with self.assertRaises(CallFailed) as refused:
            self.one.start_container(container)
        self.assert_message(str(refused.exception), "verdict.missing")
        self.assertIn(bad.chain, str(refused.exception))

    def test_a_runtime_class_chooses_runc_or_runward(self):
        self.set_policy(self.rest)
        # The node's operator decides whether runc stays reachable; the example keeps it.
        self.one.remove_pod(self.one.run_pod("pod", handler="runc"))
        with self.assertRaises(CallFailed):
            self.one.run_pod("pod", handler="runward")
        with self.assertRaises(CallFailed) as unknown:
            self.one.run_pod("pod", handler="other")
        self.assertIn("no runtime for \"other\" is configured", str(unknown.exception))

    def test_each_control_is_asked_for_in_kubernetes_words(self):
        """LinuxContainerSecurityContext (CRI's api.proto): 1 capabilities, 5 run_as_user,
        7 readonly_rootfs, 11 no_new_privs."""
        image = self.good_image()
        usual = {"5": {"1": 1000}, "7": 1, "11": 1}
        cases = [
            ({"users": ["non-root"]}, {**usual, "5": {"1": 0}}, "users: user 0"),
            ({"capabilities": {"allow": ["CHOWN"]}}, usual, "capabilities: AUDIT_WRITE"),
            ({"noNewPrivileges": True}, {"5": {"1": 1000}}, "noNewPrivileges"),
            ({"readOnlyRoot": True}, {"5": {"1": 1000}, "11": 1}, "readOnlyRoot"),
            ({"hostNamespaces": ["network"]}, usual, "hostNamespaces: uts"),  # comes with the network
        ]
        sandbox = self.one.run_pod("pod")
        for number, (rule, security, words) in enumerate(cases):
            with self.subTest(rule=rule):
                self.set_policy(self.pause_profile, {**self.rest, "run": rule})
                container = self.one.create(("pod", sandbox), f"bad{number}", image.name, "sleep",
                                            "1000", security=security)
                with self.assertRaises(CallFailed) as refused:
                    self.one.start_container(container)
                self.assertIn(f'profile "all" does not allow {words}', str(refused.exception))
                self.assert_message(str(refused.exception), f"run.{words.split(':')[0]}")

    def test_a_pod_that_fits_the_controls_works_and_exec_is_held_to_them(self):
        image = self.good_image()
        self.set_policy(self.pause_profile, {**self.rest, "run": {
            "users": ["non-root"], "privileged": False, "noNewPrivileges": True,
            "capabilities": {"allow": []}, "hostNamespaces": ["network", "uts"], "readOnlyRoot": True,
            "devices": {"allow": []}, "syscalls": {"deny": ["@mount", "@ptrace", "mknod", "mknodat"]}}})
        security = {"5": {"1": 1000}, "7": 1, "11": 1, "1": {"2": ["ALL"]}}
        _, container = self.running(image, security=security)
        self.assertEqual(self.one.exec_in(container, "echo", "ok"), (0, "ok\n"))
        self.decision(decision="allowed", operation="exec")
        self.assertEqual(self.one.exec_in(container, "sh", "-c", "mkfifo /tmp/f || echo no")[1], "no\n")


if __name__ == "__main__":
    unittest.main()
