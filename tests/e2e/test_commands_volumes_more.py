"""Volumes where fanotify decides alone, and one whose users are mapped (crun)."""

import subprocess
import unittest

import test_commands_volumes
from test_commands_volumes import FORBIDDEN, IT, TOOL, USERS


class Idmapped(test_commands_volumes.Volumes):
    runtime = "crun"

    def test_a_volume_whose_users_are_mapped_is_asked_about(self):
        self.one.rules(users=USERS)
        self.one.start_agent()
        config = self.one.configure(["sleep", "1000"], root={"path": "rootfs", "readonly": False})
        ids = "idmap=uids=0-1000-10000;gids=0-1000-10000"
        mounts = [*config["mounts"], {"destination": "/vol", "type": "bind", "source": str(self.volume),
                                      "options": ["rbind", "rw", ids]}]
        self.one.configure(["sleep", "1000"], mounts=mounts)
        code, out = self.one.create("c1")
        if code != 0 and "idmap" in out:
            self.skipTest(out)
        self.assertEqual(code, 0, out)
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        self.assertIn(" 1000 ", self.run_in("/bin/ls", "-ln", "/vol"))
        self.fails(*IT, flags=FORBIDDEN, rule="commands.users.deny")
        self.runs(*IT)


class NoBpf(test_commands_volumes.Volumes):
    """Volumes are noexec, and nothing can be mounted."""

    words = ("--no-bpf",)

    def test_nobody_executes_on_a_volume_nor_mounts_one(self):
        for rules in ({"users": USERS}, {"exec": {"allow": ["sh", "busybox"]}}, {"exec": {"users": ["0"]}}):
            with self.subTest(rules=rules):
                self.begin(**rules)
                for flags in ((), FORBIDDEN):
                    self.fails(*IT, flags=flags)
                    self.fails("/bin/busybox", "unshare", "-m", *IT, flags=flags)
                self.assertNotIn("mounted", self.inside(f"{self.mount} -t tmpfs none /tmp && echo mounted"))
                self.one.call("delete", "--force", "c1")
                self.one.stop_agents()

    def test_a_volume_that_is_excepted_is_asked_about(self):
        self.begin(drift="deny", driftExcept=["/vol"], users=USERS)
        for _ in self.again(self.one.kill_worker, self.anew):
            self.runs(*IT)
            self.fails(*IT, flags=FORBIDDEN, rule="commands.users.deny")

    def test_one_that_was_covered_stays_covered(self):
        cover = {"destination": "/vol", "type": "tmpfs", "source": "tmpfs", "options": ["rw", "mode=755"]}
        self.begin(drift="deny", driftExcept=["/vol"], users=USERS, covers=[cover])
        for way in ("umount /vol", "umount -l /vol"):
            self.assertIn("Operation not permitted", self.inside(f"/bin/busybox {way}"))
            self.fails(*IT, flags=FORBIDDEN)
        # Nor does it when what covers it becomes the root.
        script = f"turn=0; while [ ! -e /old/vol ] && [ $turn -lt 300000 ]; do turn=$((turn + 1)); done; " \
            f"exec /old/vol/{TOOL} 'RAN\\n'"
        waiting = subprocess.Popen(self.one.command("exec", *FORBIDDEN, "c1", "/bin/sh", "-c", script), text=True,
                                   cwd=self.one.dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(waiting.kill)
        out = self.inside("cd /vol; /bin/busybox mkdir old; /bin/busybox sleep 0.3; /bin/busybox pivot_root . old")
        self.assertNotIn("RAN", waiting.communicate(timeout=60)[0])
        self.assertIn("Operation not permitted", out)

    def test_a_volume_is_told_of_in_audit_mode(self):
        self.begin(mode="audit", users=USERS)
        self.runs(*IT, flags=FORBIDDEN)
        self.assertTrue(self.one.wait_for(self.one.commands))
        event = self.one.commands()[-1]
        self.assertEqual((event["decision"], event["rule"]), ("would-deny", "commands.users.deny"))


if __name__ == "__main__":
    unittest.main()
