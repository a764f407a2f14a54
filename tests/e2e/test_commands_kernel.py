"""Command rules where fanotify cannot see, and the kernel's programs can."""

import json
import unittest

import test_commands


class Kernel(test_commands.CommandsTest):
    def setUp(self):
        super().setUp()
        self.one.rules(drift="deny")
        self.one.start_agent()
        if self.one.status()["tier"] == "fanotify":
            self.skipTest("no BPF program loads here")

    def killed(self, script):
        out = self.sh(f"{script} && echo RAN; echo status $?", check=None)
        self.assertNotIn("RAN", out)
        self.assertIn("status 137", out)
        event = self.last()
        self.assertEqual(event["decision"], "denied")
        return event

    def test_drift_on_what_the_host_shares(self):
        volume = self.one.dir / "volume"
        volume.mkdir()
        config = json.loads((self.one.bundle / "config.json").read_text())
        mounts = config["mounts"] + [{"destination": "/vol", "type": "bind", "source": str(volume),
                                      "options": ["rbind", "rw"]}]
        self.one.configure(["sh"], mounts=mounts)
        event = self.killed("cp /bin/busybox /vol/true; /vol/true")
        self.assertEqual((event["rule"], event["executable"]), ("commands.drift", "/vol/true"))

    def test_drift_on_an_overlay_or_tmpfs_of_a_user_namespace(self):
        config = json.loads((self.one.bundle / "config.json").read_text())
        config["process"]["capabilities"] = {
            name: ["CAP_SYS_ADMIN"] for name in ("bounding", "effective", "permitted", "inheritable")}
        self.one.configure(["sh"], process=config["process"])
        self.killed("mkdir /tmp/m; mount -t tmpfs none /tmp/m; cp /bin/busybox /tmp/m/true; /tmp/m/true")

    def test_the_dynamic_loader_by_itself(self):
        self.one.add("/lib64/ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2")
        self.one.remount()
        event = self.killed("cp /bin/busybox /tmp/true; /lib64/ld-linux-x86-64.so.2 /tmp/true")
        self.assertEqual(event["rule"], "commands.loader")

    def test_the_dynamic_loader_goes_round_no_rule(self):
        self.one.add("/lib64/ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2")
        self.one.remount()
        for rules in ({"allow": ["sh"]}, {"deny": ["ping"]}, {"exec": {"allow": ["sh"]}},
                      {"users": [{"users": ["5"], "deny": ["/opt/echo"]}]},
                      {"arguments": [{"command": "/opt/echo", "deny": ["RAN"]}]}):
            self.one.rules(**rules)
            event = self.killed("/lib64/ld-linux-x86-64.so.2 /opt/echo RAN")
            self.assertEqual(event["rule"], "commands.loader", rules)

    def test_applets_by_their_name(self):
        self.one.rules(deny=["ls"])
        # Its own name as an argument: no name that fanotify is told of.
        out = self.sh("/bin/busybox ls /; echo status $?", check=None)
        self.assertTrue("not permitted" in out or "status 137" in out, out)


if __name__ == "__main__":
    unittest.main()
