"""A user's own podman: gated only where the administrator's policy permits it, and by both policies."""

import json
import os
import pathlib
import shutil
import unittest

from engines import RUNWARD, RUNWARDCTL, require, run
from gate import Image, text_layer
from podman import NEEDED, Podman, PodmanTest

USER, FIRST_SUBORDINATE = 1234, 300000
ECHO = ("echo", "ok")


def entry(path, line):
    """A line more in a file of /etc, seen in this cell only."""
    copy = pathlib.Path("/run", path.strip("/").replace("/", "-"))
    copy.write_text(pathlib.Path(path).read_text(encoding="utf-8") + line, encoding="utf-8")
    run("mount", "--bind", copy, path)


class UsersPodman(Podman):
    """Podman of user "alice", with her own storage; its runtime goes by the administrator's
    installation at `home`, hers is below `alice`.
    """

    def __init__(self, **options):
        super().__init__(**options)
        self.alice = f"{self.dir}/alice"
        self.store = f"{self.alice}/.local/share/containers/storage"
        self.runtime_dir = f"{self.dir}/run-alice"
        elsewhere = f"{self.dir}/elsewhere"  # what $HOME says, and runward does not ask
        for directory in (self.alice, self.runtime_dir, elsewhere):
            os.mkdir(directory, 0o700)
            os.chown(directory, USER, USER)
        for name in ("passwd", "group"):
            more = f"::{self.alice}:/bin/sh" if name == "passwd" else ""
            entry(f"/etc/{name}", f"alice:x:{USER}:{USER if more else ''}{more}\n")
        for name in ("subuid", "subgid"):
            entry(f"/etc/{name}", f"alice:{FIRST_SUBORDINATE}:65536\n")
        # Where alice can reach them.
        shutil.copy(RUNWARD, f"{self.dir}/program")
        shutil.copy(RUNWARDCTL, f"{self.dir}/ctl")
        wrapper = pathlib.Path(self.wrapper("runward"))
        wrapper.write_text(wrapper.read_text().replace(RUNWARD, f"{self.dir}/program"))
        self.env = {"PATH": os.environ["PATH"], "HOME": elsewhere,
                    "XDG_RUNTIME_DIR": self.runtime_dir,
                    "CONTAINERS_CONF": f"{self.dir}/containers.conf",
                    "CONTAINERS_STORAGE_CONF": f"{self.dir}/storage.conf",
                    "CONTAINERS_REGISTRIES_CONF": f"{self.dir}/registries.conf"}

    def start(self, docker=False):
        super().start()
        conf = pathlib.Path(self.dir, "containers.conf")
        lines = conf.read_text(encoding="utf-8").splitlines()
        own = ("events_logfile_path", "tmp_dir", "volume_path", "network_config_dir")
        conf.write_text("\n".join(line for line in lines if not line.startswith(own)))
        self.file("storage.conf", f"""[storage]
driver = "overlay"
rootless_storage_path = "{self.store}"
""")
        return self

    def as_alice(self, *words, **options):
        return run("setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", *words,
                   env=self.env, **options)

    def podman(self, *words, **options):
        options.pop("env", None)
        return self.as_alice("podman", *words, **options)

    def buildah(self, *words, **options):
        return self.as_alice("true", **options)

    def load(self, image):
        path = f"{self.dir}/load.tar"
        image.save(path)
        self.podman("load", "-q", "-i", path)
        return image

    def own_ctl(self, *words, **options):
        return self.as_alice(f"{self.dir}/ctl", "--user", *words, **options)

    def own_policy(self, profile, **members):
        """Alice's policy, of one profile; none when `profile` is None."""
        directory = pathlib.Path(self.alice, ".config", "runward")
        if profile is None:
            shutil.rmtree(directory, ignore_errors=True)
            return
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / "policy.json"
        path.write_text(json.dumps({"version": 1, "profiles": [profile], **members}))
        run("chown", "-R", f"{USER}:{USER}", f"{self.alice}/.config")

    def logged(self):
        """All records of her own log."""
        path = pathlib.Path(self.alice, ".local/state/runward/events.jsonl")
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def records(self):
        return sorted(pathlib.Path(self.runtime_dir, "runward").rglob("plan.json"))

    def stop(self):
        super().stop()
        run("umount", "/etc/passwd", "/etc/group", "/etc/subuid", "/etc/subgid", check=False)


class Rootless(PodmanTest):
    needed = (*NEEDED, "newuidmap", "setpriv")
    runtime = "crun"
    ALL = {"name": "all", "match": {}, "mode": "enforce"}
    FREE = {"name": "all", "match": {}, "mode": "enforce", "verdict": {"required": False}}

    @classmethod
    def make_engines(cls, **options):
        require(*cls.needed)
        return UsersPodman(runtime=cls.runtime, **options)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one.load(Image("localhost/test/first:1", [cls.layer, text_layer({"etc/n": "1"})]))
        plain = cls.one.podman("--runtime", cls.runtime, "run", "--rm", "--network", "none",
                               "localhost/test/first:1", *ECHO, check=False)
        if plain.stdout != "ok\n":
            raise unittest.SkipTest(f"rootless podman does not run here: {plain.stderr}")

    def setUp(self):
        super().setUp()
        self.one.own_policy(None)

    def permit(self, *profiles, **members):
        self.set_policy(*(profiles or [self.ALL]), rootless="allow", **members)

    def test_without_the_administrators_leave_nothing_starts_and_the_refusal_says_so(self):
        image = self.good_image()
        self.one.own_policy(self.FREE)
        for members in ({}, {"rootless": "deny"}):
            self.audit(**members)
            done = self.podman_run(image.name, *ECHO)
            self.assertEqual(done.returncode, 126, done)
            self.assertIn("does not permit users' own engines", done.stderr)
            self.assertEqual(self.one.events()[-1]["status_code"], "error.policy")
        os.remove(f"{self.one.home}/policy.json")
        self.assertEqual(self.podman_run(image.name, *ECHO).returncode, 126)

    def test_with_his_leave_his_policy_governs_and_her_log_is_her_own(self):
        self.permit()
        image = self.image()
        done = self.podman_run(image.name, *ECHO)
        self.assertEqual(done.returncode, 126, done)
        self.assertIn("(rule verdict.missing", done.stderr)
        self.assertIn(image.chain, done.stderr)
        command = done.stderr.split("Explain: ")[1].split()
        self.assertEqual(command[:2], ["runwardctl", "--user"])
        self.assertIn("verdict.missing", self.one.own_ctl(*command[2:]).stdout)
        self.sign(image)
        self.assert_runs(self.podman_run(image.name, *ECHO))
        self.decision(decision="allowed", rule="verdict.passed")
        self.assertIn("containers-overlay", str(self.one.events()[-1]))
        self.assertFalse(os.path.exists(f"{self.one.home}/log/events.jsonl"))
        self.assertEqual(self.one.records(), [])

    def test_her_policy_refuses_more_and_permits_nothing(self):
        good, bad = self.good_image(), self.image()
        self.permit()
        self.one.own_policy(self.FREE, allowUnmatched=True)
        self.assert_runs(self.podman_run(good.name, *ECHO))
        self.assertIn("(rule verdict.missing", self.podman_run(bad.name, *ECHO).stderr)
        self.one.own_policy(self.ALL)  # it trusts no key
        done = self.podman_run(good.name, *ECHO)
        self.assertEqual(done.returncode, 126, done)
        self.permit(self.FREE)
        self.one.own_policy({**self.ALL, "mode": "audit"})
        self.assert_runs(self.podman_run(bad.name, *ECHO))
        self.assertIn("your own policy would refuse it", str(self.one.events()[-1]))

    def test_his_controls_hold_for_her_containers_whatever_hers_say(self):
        image = self.good_image()
        self.permit({**self.ALL, "run": {"users": ["non-root"]}})
        for own in (None, self.FREE, {**self.FREE, "run": {"users": ["0"]}, "mode": "audit"}):
            self.one.own_policy(own)
            done = self.podman_run(image.name, *ECHO)
            self.assertEqual(done.returncode, 126, done)
            self.assertIn("does not allow users: user 0 (allowed: non-root)", done.stderr)
            self.assert_runs(self.podman_run("--user", "5", image.name, *ECHO))

    def test_her_controls_hold_beside_his_at_the_start_and_at_exec(self):
        image = self.good_image()
        tries = ("sh", "-c", "chmod 700 /tmp && echo chmod; mkfifo /tmp/f && echo mkfifo; echo end")
        self.permit({**self.ALL, "run": {"syscalls": {"deny": ["mknod", "mknodat"]}}})
        mine = {"name": "mine", "match": {}, "verdict": {"required": False},
                "run": {"users": ["0-5"], "syscalls": {"deny": ["chmod", "fchmodat", "fchmod"]}}}
        self.one.own_policy(mine, allowUnmatched=True)
        self.assert_runs(self.podman_run(image.name, *tries), "end\n")
        done = self.podman_run("--user", "6", image.name, *ECHO)
        self.assertEqual(done.returncode, 126, done)
        self.assertIn('profile "mine" does not allow users: user 6 (allowed: 0-5)', done.stderr)
        self.one.podman("--runtime", "runward", "run", "-d", "--name", "held", "--network",
                        "none", image.name, "sleep", "1000")
        self.one.own_policy(None)  # what it was started by counts
        self.assertEqual(self.podman("exec", "held", *tries).stdout, "end\n")
        done = self.podman("exec", "--user", "6", "held", *ECHO)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('profile "mine" does not allow users: user 6', done.stdout + done.stderr)
        self.decision(decision="denied", rule="run.users", operation="exec")
        self.one.podman("rm", "-f", "-t", "0", "held")

    def test_a_container_is_entered_and_removed_and_its_record_with_it(self):
        self.permit()
        image = self.good_image()
        self.one.podman("--runtime", "runward", "run", "-d", "--name", "life", "--network",
                        "none", image.name, "sleep", "1000")
        self.assertEqual(len(self.one.records()), 1)
        self.assertEqual(self.podman("exec", "life", *ECHO).stdout, "ok\n")
        self.decision(decision="allowed", operation="exec")
        self.one.podman("rm", "-f", "-t", "0", "life")
        self.assertEqual(self.one.records(), [])


class RootlessRunc(Rootless):
    runtime = "runc"


if __name__ == "__main__":
    unittest.main()
