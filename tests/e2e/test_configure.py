"""`runwardctl configure` with real engines: entered, in force, taken out again; and --divert."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from engines import RUNWARD, RUNWARDCTL, Engines, Image, base_layer, require, run
from test_install import cover

RUNC = pathlib.Path("/usr/sbin/runc")
CONTAINERD = """version = 2
[plugins]
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"  # Debian's
  [plugins."io.containerd.internal.v1.opt"]
    path = "/var/lib/containerd"
"""
KEPT = pathlib.Path("/usr/sbin/runc.distrib")


def ctl(*words, check=True):
    return run(RUNWARDCTL, *words, check=check)


class Docker(unittest.TestCase):
    """A real dockerd reads the file that configure wrote."""

    def setUp(self):
        require()
        for place in ("/etc", "/var"):
            cover(place)
            self.addCleanup(run, "umount", "-l", place)
        self.one = Engines()
        self.addCleanup(self.one.stop)
        self.file = pathlib.Path("/run/daemon.json")
        self.before = '{\n\t"deprecated-key-path": "/run/key.json",\n\t"debug":   false\n}\n'
        self.file.write_text(self.before, encoding="utf-8")

    def docker_with_file(self):
        self.one.settings = json.loads(self.file.read_text(encoding="utf-8"))
        self.one.start_docker()

    def run_one(self, *words):
        return self.one.docker("run", "--rm", *words, "bb:1", "echo", "ok", check=False)

    def test_configured_it_gates_and_removed_it_does_not(self):
        self.one.start(docker=False)
        done = ctl("configure", "docker", "--file", self.file, "--default")
        self.assertIn('+\t"default-runtime": "runward"\n', done.stdout)
        self.assertIn("next: systemctl restart docker", done.stdout)
        self.docker_with_file()
        self.one.load(Image("bb:1", [base_layer()]))
        done = self.run_one()
        self.assertEqual(done.returncode, 125, done)
        self.assertIn("runwardctl policy init", done.stderr)
        ctl("policy", "init")
        self.assertEqual(self.run_one().stdout, "ok\n")
        self.assertEqual(ctl("report", "events").stdout.count("would-deny"), 1)
        self.assertIn("nothing to change",
                      ctl("configure", "docker", "--file", self.file, "--default").stdout)
        self.one.stop_docker()
        ctl("configure", "docker", "--file", self.file, "--remove")
        self.assertEqual(self.file.read_text(encoding="utf-8"), self.before)
        self.docker_with_file()
        self.assertEqual(self.run_one().stdout, "ok\n")
        self.assertEqual(ctl("report", "events").stdout.count("would-deny"), 1)
        self.assertIn("untime", self.run_one("--runtime", "runward").stderr, "unknown by now")


class Containerd(unittest.TestCase):
    def test_containerd_reads_what_was_entered(self):
        require("containerd")
        file = pathlib.Path("/run/config.toml")
        file.write_text(CONTAINERD, encoding="utf-8")
        before = file.read_bytes()
        ctl("configure", "containerd", "--file", file, "--default")
        dump = run("containerd", "-c", file, "config", "dump").stdout
        self.assertIn('default_runtime_name = "runward"', dump)
        self.assertIn(f'BinaryName = "{RUNWARD}"', dump)
        ctl("configure", "containerd", "--file", file, "--remove")
        self.assertEqual(file.read_bytes(), before)


class Podman(unittest.TestCase):
    def test_podman_reads_the_drop_in(self):
        require("podman")
        for place in ("/etc", "/var"):
            cover(place)
            self.addCleanup(run, "umount", "-l", place)
        # Podman's own choice of a driver looks at what is beneath, and this is an overlay.
        pathlib.Path("/etc/containers/storage.conf").write_text(
            '[storage]\ndriver = "vfs"\ngraphroot = "/run/storage"\nrunroot = "/run/storage-run"\n')
        plain = run("podman", "info", "--format", "{{.Host.OCIRuntime.Name}}").stdout
        ctl("configure", "podman", "--default")
        info = json.loads(run("podman", "info", "--format", "json").stdout)["host"]["ociRuntime"]
        self.assertEqual((info["name"], info["path"]), ("runward", RUNWARD))
        ctl("configure", "podman", "--remove")
        self.assertEqual(run("podman", "info", "--format", "{{.Host.OCIRuntime.Name}}").stdout,
                         plain)


class Files(unittest.TestCase):
    def setUp(self):
        require(RUNWARDCTL)
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.file = pathlib.Path(place.name, "daemon.json")

    def test_a_dry_run_writes_nothing(self):
        done = ctl("configure", "docker", "--file", self.file, "--dry-run", "--default")
        self.assertIn("+++ ", done.stdout)
        self.assertEqual(os.listdir(self.file.parent), [])

    def test_the_backup_is_of_before_the_first_call(self):
        self.file.write_text('{"a": 1}', encoding="utf-8")
        self.file.chmod(0o600)
        ctl("configure", "docker", "--file", self.file)
        ctl("configure", "docker", "--file", self.file, "--default")
        backup = self.file.with_name("daemon.json.before-runward")
        self.assertEqual(backup.read_text(encoding="utf-8"), '{"a": 1}')
        self.assertEqual(self.file.stat().st_mode & 0o7777, 0o600)
        self.assertEqual(backup.stat().st_mode & 0o7777, 0o600)

    def test_bad_files_and_words_change_nothing(self):
        for text in ('{"a": 1', '{"runtimes": 3}', '{"a": 1, "a": 2}'):
            self.file.write_text(text, encoding="utf-8")
            done = ctl("configure", "docker", "--file", self.file, check=False)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn("nothing was changed", done.stderr)
            self.assertEqual(self.file.read_text(encoding="utf-8"), text)
        self.file.unlink()
        for words in ((), ("dokcer",), ("docker", "podman"), ("docker", "--defalut"),
                      ("docker", "--file", "x"), ("docker", "--remove", "--default")):
            done = ctl("configure", *words, check=False)
            self.assertEqual(done.returncode, 2, (words, done))
        self.assertEqual(os.listdir(self.file.parent), [])

    def test_killed_at_any_write_it_leaves_the_old_file_or_the_new(self):
        require("strace")
        old = '{"a": 1}'
        seen = set()
        for call in ("fsync", "rename", "fchmod", "chown", "chmod"):
            for number in range(1, 8):
                self.file.write_text(old, encoding="utf-8")
                done = subprocess.run(
                    ["strace", "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={number}",
                     RUNWARDCTL, "configure", "docker", "--file", self.file],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
                text = self.file.read_text(encoding="utf-8")
                self.assertTrue(text == old or json.loads(text)["runtimes"]["runward"], text)
                seen.add(done.returncode)
                for path in self.file.parent.iterdir():
                    path.unlink()
        self.assertIn(-signal.SIGKILL, seen, "nothing was killed")


class Divert(unittest.TestCase):
    """runward in runc's place, in this machine's own dpkg, under a cover."""

    def setUp(self):
        require(*("dpkg-divert", "strace", "runc"))
        for place in ("/etc", "/usr", "/var"):
            cover(place)
            self.addCleanup(run, "umount", "-l", place)
        self.bytes = RUNC.read_bytes()
        self.file = "/run/divert.json"

    def configure(self, *words):
        return ctl("configure", "docker", "--file", self.file, "--divert", *words)

    def assert_plain(self):
        self.assertEqual(RUNC.read_bytes(), self.bytes)
        self.assertFalse(RUNC.is_symlink())
        self.assertFalse(KEPT.exists())
        self.assertEqual(run("dpkg-divert", "--list", "/usr/sbin/runc").stdout, "")

    def test_runc_is_runward_and_runc_again(self):
        self.configure()
        self.assertIn("runward ", run(RUNC, "--version").stdout)
        self.assertIn("runc version", run(RUNC, "--version").stdout)
        self.assertEqual(KEPT.read_bytes(), self.bytes)
        self.configure()
        self.configure("--remove")
        self.assert_plain()

    def test_an_upgrade_of_runc_goes_beside(self):
        self.configure()
        self.assertEqual(run("dpkg-divert", "--truename", RUNC).stdout, f"{KEPT}\n")
        KEPT.write_bytes(self.bytes + b"\0")  # as dpkg unpacks, by that name
        self.assertIn("runc version", run(RUNC, "--version").stdout)
        self.configure("--remove")
        self.assertEqual(RUNC.read_bytes(), self.bytes + b"\0")

    def test_killed_at_any_step_there_is_a_runc_and_the_next_call_finishes(self):
        killed = 0
        for words in ((), ("--remove",)):
            for call in ("link", "symlink", "rename", "unlink", "execve", "vfork,clone,clone3"):
                for number in range(1, 6):
                    if words:
                        self.configure()
                    done = subprocess.run(
                        ["strace", "-qq", "-o", "/dev/null", "-e",
                         f"inject={call}:signal=KILL:when={number}", RUNWARDCTL, "configure",
                         "docker", "--file", self.file, "--divert", *words],
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
                    killed += done.returncode == -signal.SIGKILL
                    self.assertIn("runc version", run(RUNC, "--version").stdout,
                                  (words, call, number))
                    self.configure()
                    self.assertIn("runward ", run(RUNC, "--version").stdout)
                    self.configure("--remove")
                    self.assert_plain()
        self.assertGreater(killed, 6)

    def test_dockers_own_runc_and_buildkit_come_through_the_gate(self):
        require()
        one = Engines()
        self.addCleanup(one.stop)
        self.configure()
        ctl("policy", "init")
        one.settings = {"debug": False}
        one.start()
        one.load(Image("bb:1", [base_layer()]))
        done = one.docker("run", "--rm", "--runtime", "runc", "bb:1", "echo", "ok", check=False)
        self.assertEqual(done.stdout, "ok\n", done.stderr)
        self.assertEqual(ctl("report", "events").stdout.count("would-deny"), 1)
        with tempfile.TemporaryDirectory() as place:
            pathlib.Path(place, "Dockerfile").write_text("FROM bb:1\nRUN echo built > /x\n",
                                                         encoding="utf-8")
            env = dict(os.environ, DOCKER_BUILDKIT="1")
            one.docker("build", "-t", "bb:2", place, env=env)
        self.assertEqual(ctl("report", "events").stdout.count("would-deny"), 2)
        pathlib.Path("/etc/runward/policy.json").unlink()
        done = one.docker("run", "--rm", "bb:1", "true", check=False)
        self.assertIn("runwardctl policy init", done.stderr)


if __name__ == "__main__":
    unittest.main()
