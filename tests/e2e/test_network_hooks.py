"""runward-hook called by an engine's hooks.d, without runward before the real runtime."""

import json
import os
import pathlib
import subprocess
import unittest

import bundle
from network import Network, probe
from podman import PodmanTest

HOOK = bundle.BUILD / "bin" / "runward-hook"
TO_PEER = {"default": "deny", "allow": [{"to": ["10.77.0.1"], "ports": ["443/tcp"]}]}


class HookAloneTest(unittest.TestCase):
    """With the real runc, whose config.json has what hooks.d adds."""

    def setUp(self):
        why = bundle.needs(HOOK, "/usr/sbin/runc", "/usr/sbin/ip", "/usr/sbin/nft")
        if why:
            self.skipTest(why)
        self.one = Network()
        self.addCleanup(self.one.end)

    def create(self, annotations=(), **config):
        self.one.config(["sleep", "1000"], **config)
        file = self.one.bundle / "config.json"
        text = json.loads(file.read_text())
        text["hooks"] = {"createRuntime": [{"path": str(HOOK), "args": [
            "runward-hook", f"--runward-root={self.one.root}", "decide"]}]}
        text["annotations"] = dict(annotations)
        file.write_text(json.dumps(text))
        # A container holds its standard streams open: into a file, not a pipe.
        with open(self.one.dir / "create.out", "w+", encoding="utf-8") as output:
            done = subprocess.run([self.one.program, "--root", self.one.state, "create", "--bundle",
                                   self.one.bundle, "c1"], stdin=subprocess.DEVNULL, stdout=output,
                                  stderr=output, timeout=60, check=False)
            output.seek(0)
            done.stderr = output.read()
        return done

    def test_it_installs_the_rules_of_the_profile_that_governs(self):
        self.one.rules(egress=TO_PEER)
        done = self.create()
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(probe([["tcp", "10.77.0.1", 443], ["tcp", "10.77.0.1", 80]], "box"), [True, False])
        (event,) = [one for one in self.one.events() if one["activity_name"] == "Start"]
        self.assertEqual((event["status_code"], event["policy"]["name"]), ("rootfs.listed", "plain"))

    def test_what_the_policy_refuses_does_not_start_whatever_annotations_say(self):
        self.one.policy(rootfs=["/nowhere"])
        done = self.create({"io.kubernetes.cri.image-name": "plain", "runward": "allow"})
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("runward refused container c1", done.stderr)
        self.assertEqual(self.one.events()[-1]["action_id"], 2)
        self.assertEqual(self.one.containers(), [])

    def test_what_could_go_round_the_rules_is_refused(self):
        self.one.rules(egress=TO_PEER)
        done = self.create(capabilities=["CAP_NET_RAW"])
        self.assertIn("network.capabilities", done.stderr)
        done = self.create(joins=None)
        self.assertIn("network.host", done.stderr)
        self.one.rules("audit", egress=TO_PEER)
        self.assertEqual(self.create(capabilities=["CAP_NET_RAW"]).returncode, 0)
        self.assertEqual(probe([["tcp", "10.77.0.1", 80]], "box"), [True])

    def test_the_hosts_network_is_refused_however_it_is_joined(self):
        self.one.rules(hostNetwork="cgroup", egress=TO_PEER)
        for joins in (None, "/proc/1/ns/net"):
            done = self.create(joins=joins)
            self.assertNotEqual(done.returncode, 0, joins)
            self.assertIn("network.host", done.stderr)

    def test_without_a_policy_nothing_starts(self):
        (self.one.root / "policy.json").unlink()
        self.assertIn("hook.decide", self.create().stderr)

    def test_what_a_hook_cannot_hold_it_to_is_refused(self):
        self.one.policy(run={"privileged": False}, rootfs=[str(self.one.bundle / "rootfs")])
        self.assertIn("hook.alone", self.create().stderr)

    def test_a_record_goes_once_its_container_is_gone(self):
        self.one.rules(egress=TO_PEER)
        self.assertEqual(self.create().returncode, 0)
        folder = self.one.root / "run" / "containers"
        (place,) = folder.iterdir()
        os.utime(place, (1, 1))  # older than a start takes
        self.assertNotEqual(self.create().returncode, 0)  # the id is taken
        self.assertEqual(list(folder.iterdir()), [place])
        self.one.real("delete", "--force", "c1")
        self.one.policy(rootfs=[str(self.one.bundle / "rootfs")])
        self.assertEqual(self.create().returncode, 0)
        self.assertEqual(list(folder.iterdir()), [])


class PodmanHooks(PodmanTest):
    """The same by podman's own hooks.d, with the real runtimes."""

    def setUp(self):
        super().setUp()
        folder = pathlib.Path(self.one.dir, "hooks.d")
        folder.mkdir(exist_ok=True)
        (folder / "runward.json").write_text(json.dumps({
            "version": "1.0.0", "when": {"always": True}, "stages": ["createRuntime"],
            "hook": {"path": str(HOOK), "args": ["runward-hook", f"--runward-root={self.one.home}", "decide"]}}))
        self.hooks = ["--hooks-dir", str(folder), "--runtime", self.runtime]

    def test_it_judges_images_and_installs_their_rules(self):
        self.set_policy({"name": "all", "match": {}, "mode": "enforce",
                         "network": {"egress": {"default": "deny"}}})
        bad = self.image()
        done = self.podman(*self.hooks, "run", "--rm", "--network", "none", bad.name, "true")
        self.assertNotEqual(done.returncode, 0, done)
        self.decision("verdict.missing", decision="denied")
        good = self.good_image()
        done = self.podman(*self.hooks, "run", "-d", "--name", "held", "--network", "none",
                           "--cap-drop", "NET_RAW", good.name, "sleep", "1000")
        self.assertEqual(done.returncode, 0, done)
        pid = self.podman("inspect", "-f", "{{.State.Pid}}", "held").stdout.strip()
        listed = subprocess.run(["nsenter", "-t", pid, "-n", "nft", "list", "ruleset"],
                                capture_output=True, text=True, check=True).stdout
        self.assertIn("table inet runward_", listed)


class CrunHooks(PodmanHooks):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
